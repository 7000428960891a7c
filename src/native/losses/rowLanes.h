#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "floatLanes.h"

namespace gyro {

/** Columns of a row that are worked on together, a register V at a time: every width of V adds in the same order. */
constexpr size_t kBlock = 16;
/** Columns whose sums stay in float32, before they go on in float64. */
constexpr size_t kChunk = 8 * kBlock;

template <class V>
constexpr size_t registersOf = kBlock * sizeof(float) / sizeof(V);

/** The register number r of a block. */
template <class V>
GYRO_INLINE V partOf(const float* block, size_t r) {
  return loadFloats<V>(block + r * (sizeof(V) / sizeof(float)));
}

/** Whether a block of weights >= 0 has one above 0. */
GYRO_INLINE bool anyWeight(const float* block) {
  uint64_t words[kBlock / 2];
  std::memcpy(words, block, sizeof words);
  uint64_t all = 0;
  for (const uint64_t word : words) all |= word;
  return all != 0;
}

/** e^x for x <= 0, in the same roundings whatever the processor. */
template <class V>
GYRO_INLINE V powerOf(V x) {
  return expOf<RoundedFloats>(x);
}

/** log(1 + y) for 0 <= y <= 1, to 2 ulp: 2 artanh(y / (2 + y)) by its series. */
template <class V>
GYRO_INLINE V log1pUnit(V y) {
  const V s = y / (y + 2.0f);
  const V t = s * s;
  V series = t * (1.0f / 17) + 1.0f / 15;
  for (int k = 13; k >= 3; k -= 2) series = series * t + 1.0f / k;
  const V twice = s + s;
  return twice + twice * t * series;
}

template <class V>
GYRO_INLINE V larger(V x, V y) {
  return x > y ? x : y;
}

/** What is wrong in any of a block's columns: comparisons of registers, gathered over a row. */
template <class V>
using Flags = decltype(V{} == V{});

template <class V>
GYRO_INLINE bool anyFlag(const Flags<V>* flags) {
  int32_t lanes[kBlock];
  std::memcpy(lanes, flags, sizeof lanes);
  int32_t all = 0;
  for (const int32_t lane : lanes) all |= lane;
  return all != 0;
}

template <class V>
GYRO_INLINE float largestOf(const V* block) {
  float lanes[kBlock];
  std::memcpy(lanes, block, sizeof lanes);
  float largest = lanes[0];
  for (const float lane : lanes) largest = lane > largest ? lane : largest;
  return largest;
}

/** The sum of a value a column: in float32 lanes over a chunk, in float64 lanes over the chunks of a row. */
template <class V>
struct RowSum {
  V chunk[registersOf<V>] = {};
  double lanes[kBlock] = {};
};

template <class V>
GYRO_INLINE void closeChunk(RowSum<V>& sum) {
  float chunk[kBlock];
  std::memcpy(chunk, sum.chunk, sizeof chunk);
  for (size_t l = 0; l < kBlock; l++) sum.lanes[l] += chunk[l];
  for (V& part : sum.chunk) part = V{};
}

template <class V>
GYRO_INLINE double totalOf(const RowSum<V>& sum) {
  double lanes[kBlock];
  std::memcpy(lanes, sum.lanes, sizeof lanes);
  for (size_t width = kBlock / 2; width > 0; width /= 2) {
    for (size_t l = 0; l < width; l++) lanes[l] += lanes[l + width];
  }
  return lanes[0];
}

}  // namespace gyro
