#pragma once

#include <cstring>

#include "../targets.h"

namespace gyro {

// Lanes of float32 that every variant of a kernel has as many of as its registers hold.

typedef float Floats16 __attribute__((vector_size(64)));
typedef float Floats8 __attribute__((vector_size(32)));
typedef float Floats4 __attribute__((vector_size(16)));
typedef int Words16 __attribute__((vector_size(64)));
typedef int Words4 __attribute__((vector_size(16)));

template <class V>
constexpr int widthOf = static_cast<int>(sizeof(V) / sizeof(float));

template <class V>
GYRO_INLINE V loadFloats(const float* from) {
  V value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

GYRO_INLINE Floats4 quarterSum(Floats4 x) { return x; }
GYRO_INLINE Floats4 quarterSum(Floats8 x) {
  Floats4 halves[2];
  std::memcpy(halves, &x, sizeof x);
  return halves[0] + halves[1];
}
GYRO_INLINE Floats4 quarterSum(Floats16 x) {
  Floats8 halves[2];
  std::memcpy(halves, &x, sizeof x);
  return quarterSum(halves[0] + halves[1]);
}

/** What lanes from `count` on hold belongs to whatever follows the row, and may be anything. */
template <class V>
GYRO_INLINE V firstLanes(V x, int count) {
  using Words = decltype(x == x);
  const Words16 lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  Words lane;
  std::memcpy(&lane, &lanes, sizeof lane);
  return lane < (Words{} + count) ? x : V{};
}

/** The sum of each of four, in one vector. */
template <class V>
GYRO_INLINE Floats4 sumsOf(const V* sums) {
  const Floats4 a = quarterSum(sums[0]);
  const Floats4 b = quarterSum(sums[1]);
  const Floats4 c = quarterSum(sums[2]);
  const Floats4 d = quarterSum(sums[3]);
  const Words4 low = {0, 4, 1, 5};
  const Words4 high = {2, 6, 3, 7};
  const Floats4 ab = __builtin_shuffle(a, b, low) + __builtin_shuffle(a, b, high);
  const Floats4 cd = __builtin_shuffle(c, d, low) + __builtin_shuffle(c, d, high);
  return __builtin_shuffle(ab, cd, Words4{0, 1, 4, 5}) + __builtin_shuffle(ab, cd, Words4{2, 3, 6, 7});
}

}  // namespace gyro
