#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace gyro {

/** A neighbour as it is returned: by distance, then by id. */
struct Neighbour {
  float distance;
  int64_t id;
  int32_t row;
  bool operator<(const Neighbour& other) const {
    return distance != other.distance ? distance < other.distance : id < other.id;
  }
};

/**
 * Keeps every row whose key may belong to the k smallest. Keys are rounded to float32, and near points are ranked
 * again by their exact distance, so what lies within kMargin of the k-th key is kept too.
 */
class Candidates {
 public:
  struct Entry {
    float key;
    int32_t row;
  };

  explicit Candidates(size_t k) : k_(k), capacity_(2 * k + 64) {}

  void offer(float key, int32_t row) {
    if (!(key <= limit_)) return;
    entries_.push_back({key, row});
    if (entries_.size() >= capacity_) shrink();
  }

  const std::vector<Entry>& finish() {
    shrink();
    return entries_;
  }

 private:
  static constexpr float kMargin = 1e-6f;
  /** Keys under the least normal float32 have lost digits: all of them count as near. */
  static constexpr float kTiny = 1e-36f;

  void shrink() {
    if (entries_.size() <= k_) return;
    const auto kth = entries_.begin() + static_cast<std::ptrdiff_t>(k_ - 1);
    std::nth_element(entries_.begin(), kth, entries_.end(),
                     [](const Entry& a, const Entry& b) { return a.key < b.key; });
    limit_ = kth->key + std::abs(kth->key) * kMargin + kTiny;
    const auto beyond = [this](const Entry& e) { return !(e.key <= limit_); };
    entries_.erase(std::remove_if(kth, entries_.end(), beyond), entries_.end());
    // Many equal keys must not make every further offer shrink again.
    capacity_ = std::max(capacity_, 2 * entries_.size());
  }

  size_t k_;
  size_t capacity_;
  float limit_ = std::numeric_limits<float>::infinity();
  std::vector<Entry> entries_;
};

}  // namespace gyro
