#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "points.h"

namespace gyro {

struct Candidate {
  float key;
  uint32_t row;
  bool operator<(const Candidate& other) const { return key != other.key ? key < other.key : row < other.row; }
};

/**
 * The `width` nearest rows seen so far, ascending by key and row, and which of them have been expanded. Key,
 * row and mark
 * share a 64-bit word whose order is theirs, so that a beam is one sorted array of numbers.
 */
class Beam {
 public:
  void clear(size_t width) {
    width_ = width;
    if (entries_.size() < width + 1) entries_.resize(width + 1);
    size_ = 0;
    next_ = 0;
    limit_ = std::numeric_limits<uint64_t>::max();
  }

  /** The same rows in a beam of another width, none of them expanded. */
  void widen(size_t width) {
    if (entries_.size() < width + 1) entries_.resize(width + 1);
    width_ = width;
    size_ = std::min(size_, width);
    for (size_t i = 0; i < size_; i++) entries_[i] &= ~uint64_t{1};
    next_ = 0;
    limit_ = size_ == width_ ? entries_[size_ - 1] : std::numeric_limits<uint64_t>::max();
  }

  size_t size() const { return size_; }
  Candidate at(size_t i) const { return {keyOf(entries_[i]), rowOf(entries_[i])}; }
  uint32_t row(size_t i) const { return rowOf(entries_[i]); }

  /** Whether it is among the nearest and will be expanded next. */
  bool offer(float key, uint32_t row) {
    const uint64_t entry = pack(key, row);
    if (entry >= limit_) return false;
    const size_t low = placeOf(entry);
    std::memmove(entries_.data() + low + 1, entries_.data() + low, (size_ - low) * sizeof(uint64_t));
    entries_[low] = entry;
    if (size_ < width_) size_++;
    if (size_ == width_) limit_ = entries_[size_ - 1];
    if (low > next_) return false;
    next_ = low;
    return true;
  }

  /** The row that expand() would give now, not marked. */
  uint32_t peek() {
    while (next_ < size_ && (entries_[next_] & 1) != 0) next_++;
    return next_ == size_ ? kNone : rowOf(entries_[next_]);
  }

  /** The nearest row that has not been expanded, which is marked as such, or kNone. */
  uint32_t expand() {
    const uint32_t row = peek();
    if (row != kNone) entries_[next_++] |= 1;
    return row;
  }

 private:
  /** How many entries come before this one. */
  size_t placeOf(uint64_t entry) const {
    size_t low = 0;
    while (low + kStride <= size_ && entries_[low + kStride - 1] < entry) low += kStride;
    // All of a stride are compared, without a branch: no processor can guess the outcomes.
    const uint64_t* const last = entries_.data() + low;
    size_t before = 0;
    for (size_t i = 0; i < std::min(kStride, size_ - low); i++) before += last[i] < entry;
    return low + before;
  }

  /** Floats in the order of unsigned numbers: negative ones turned over, positive ones above them. */
  static uint64_t pack(float key, uint32_t row) {
    uint32_t bits;
    std::memcpy(&bits, &key, sizeof bits);
    bits = (bits >> 31) ? ~bits : bits | 0x80000000u;
    return static_cast<uint64_t>(bits) << 32 | static_cast<uint64_t>(row) << 1;
  }
  static float keyOf(uint64_t entry) {
    uint32_t bits = static_cast<uint32_t>(entry >> 32);
    bits = (bits >> 31) ? bits & 0x7fffffffu : ~bits;
    float key;
    std::memcpy(&key, &bits, sizeof key);
    return key;
  }
  static uint32_t rowOf(uint64_t entry) { return static_cast<uint32_t>(entry) >> 1; }

  static constexpr size_t kStride = 8;

  std::vector<uint64_t> entries_;
  size_t width_ = 0;
  size_t size_ = 0;
  size_t next_ = 0;
  uint64_t limit_ = 0;
};

}  // namespace gyro
