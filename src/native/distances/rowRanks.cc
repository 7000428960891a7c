#include "rowRanks.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "../targets.h"

namespace gyro {
namespace {

constexpr size_t kLanes = 8;
typedef double Lanes __attribute__((vector_size(64)));
typedef int64_t Counts __attribute__((vector_size(64)));

/** How many values are below `limit`, or with `equal` at most it. */
GYRO_INLINE size_t countBody(const double* values, size_t n, double limit, bool equal) {
  Counts counts = {};
  const Lanes limits = limit - Lanes{};
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    Lanes lanes;
    std::memcpy(&lanes, values + i, sizeof lanes);
    counts -= equal ? lanes <= limits : lanes < limits;
  }
  size_t count = 0;
  for (size_t lane = 0; lane < kLanes; lane++) count += static_cast<size_t>(counts[lane]);
  for (; i < n; i++) count += equal ? values[i] <= limit : values[i] < limit;
  return count;
}

/** The first of values[from .. n) below `limit`, or n. */
GYRO_INLINE size_t findBody(const double* values, size_t from, size_t n, double limit) {
  const Lanes limits = limit - Lanes{};
  size_t i = from;
  for (; i + kLanes <= n; i += kLanes) {
    Lanes lanes;
    std::memcpy(&lanes, values + i, sizeof lanes);
    const Counts below = lanes < limits;
    int64_t any = 0;
    for (size_t lane = 0; lane < kLanes; lane++) any |= below[lane];
    if (any != 0) break;
  }
  while (i < n && !(values[i] < limit)) i++;
  return i;
}

struct Scans {
  size_t (*count)(const double* values, size_t n, double limit, bool equal);
  size_t (*find)(const double* values, size_t from, size_t n, double limit);
};

#define GYRO_VARIANT(name, target)                                                       \
  target size_t count_##name(const double* values, size_t n, double limit, bool equal) { \
    return equal ? countBody(values, n, limit, true) : countBody(values, n, limit, false); \
  }                                                                                      \
  target size_t find_##name(const double* values, size_t from, size_t n, double limit) { \
    return findBody(values, from, n, limit);                                             \
  }
GYRO_VARIANT(portable, )
#if GYRO_X86
GYRO_VARIANT(avx2, GYRO_AVX2)
GYRO_VARIANT(avx512, GYRO_AVX512)
#endif

Scans choose() {
#if GYRO_X86
  if (hasAvx512()) return {count_avx512, find_avx512};
  if (hasAvx2()) return {count_avx2, find_avx2};
#endif
  return {count_portable, find_portable};
}
const Scans scans = choose();

/** Beyond so many neighbours one sort of a row is cheaper than a count for each. */
constexpr size_t kCounted = 512;

}  // namespace

void RowRanks::nearest(const double* distances, size_t n, size_t self, size_t k, std::vector<Entry>& found) {
  found.clear();
  const auto pass = [&](size_t from, size_t to) {
    size_t i = from;
    for (; i < to && found.size() < k; i++) {
      found.emplace_back(distances[i], static_cast<int32_t>(i));
      std::push_heap(found.begin(), found.end());
    }
    // Rows come in ascending order, so what is as far as the farthest loses to it.
    while ((i = scans.find(distances, i, to, found.front().first)) < to) {
      std::pop_heap(found.begin(), found.end());
      found.back() = {distances[i], static_cast<int32_t>(i)};
      std::push_heap(found.begin(), found.end());
      i++;
    }
  };
  if (self > 0) pass(0, self);
  if (self + 1 < n) pass(self + 1, n);
  std::sort_heap(found.begin(), found.end());
}

void RowRanks::ranksOf(const std::vector<Entry>& rows, const double* distances, size_t n, size_t self) {
  ranks_.clear();
  if (rows.size() <= kCounted) {
    for (const auto& [ignored, row] : rows) {
      const size_t j = static_cast<size_t>(row);
      const double d = distances[j];
      size_t nearer = scans.count(distances, j, d, true) + scans.count(distances + j + 1, n - j - 1, d, false);
      nearer -= self < j ? distances[self] <= d : distances[self] < d;
      ranks_.push_back(static_cast<double>(nearer + 1));
    }
    return;
  }
  order_.resize(n);
  places_.resize(n);
  std::iota(order_.begin(), order_.end(), 0);
  order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(self));
  std::sort(order_.begin(), order_.end(), [distances](int32_t a, int32_t b) {
    return distances[a] != distances[b] ? distances[a] < distances[b] : a < b;
  });
  for (size_t place = 0; place < order_.size(); place++) places_[order_[place]] = static_cast<int32_t>(place + 1);
  for (const auto& [ignored, row] : rows) ranks_.push_back(places_[row]);
}

RankErrors RowRanks::compare(const double* inputs, const double* codes, size_t n, size_t self, size_t k) {
  nearest(inputs, n, self, k, nearInput_);
  nearest(codes, n, self, k, nearCode_);
  RankErrors errors;
  const auto side = [&](const std::vector<Entry>& near, const double* other, double& beyond, double& relative) {
    ranksOf(near, other, n, self);
    double kept = 0;
    for (size_t r = 0; r < k; r++) {
      const double own = static_cast<double>(r + 1);
      const double excess = ranks_[r] - static_cast<double>(k);
      if (excess > 0) beyond += excess;
      else kept++;
      relative += std::abs(ranks_[r] - own) / own;
    }
    return kept;
  };
  errors.shared = side(nearCode_, inputs, errors.intruders, errors.falseErrors);
  side(nearInput_, codes, errors.absentees, errors.missingErrors);
  return errors;
}

}  // namespace gyro
