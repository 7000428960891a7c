#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../targets.h"

namespace gyro {

// The pair kernels multiply and add in one rounding where the processor can: by an explicit operation, since the
// compiler may not contract (targets.h). All variants add in the same order, so that every processor with FMA gives
// the same bits; one without it rounds the products of sums too.
#if GYRO_X86
#define GYRO_AVX2_FMA __attribute__((target("avx2,fma")))
#define GYRO_AVX512_FMA __attribute__((target("avx512f,avx2,fma")))
inline bool hasFma() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("fma");
}
#endif

/** Lanes of a vector; arrays are padded to whole vectors. */
constexpr size_t kLanes = 8;
typedef double Doubles __attribute__((vector_size(64)));
typedef double Doubles4 __attribute__((vector_size(32)));
typedef double Doubles2 __attribute__((vector_size(16)));
typedef float Floats __attribute__((vector_size(32)));

inline size_t wholeVectors(size_t count) { return (count + kLanes - 1) / kLanes * kLanes; }

template <class V>
constexpr size_t lanesOf = sizeof(V) / sizeof(double);

template <class V = Doubles>
GYRO_INLINE V loadLanes(const double* from) {
  V value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
/** One value in every lane. x - 0 is x, and costs nothing. */
template <class V>
GYRO_INLINE V everyLane(double x) {
  return x - V{};
}
/**
 * The value there in every lane. Compilers would read neighbours as one vector, and take it apart by shuffles that
 * multiplications wait for: they must not know that addresses are near.
 */
template <class V>
GYRO_INLINE V everyLaneFrom(const double* x) {
  __asm__("" : "+r"(x));
  return everyLane<V>(*x);
}
template <class V>
GYRO_INLINE void storeLanes(double* to, V value) {
  std::memcpy(to, &value, sizeof value);
}

/** Up to eight of `count` values; zeros beyond. */
GYRO_INLINE Doubles widenLanes(const float* from, size_t count) {
  Floats value = {};
  if (count >= kLanes) std::memcpy(&value, from, sizeof value);
  else std::memcpy(&value, from, count * sizeof(float));
  return __builtin_convertvector(value, Doubles);
}
GYRO_INLINE void narrowLanes(float* to, Doubles wide, size_t count) {
  const Floats value = __builtin_convertvector(wide, Floats);
  if (count >= kLanes) std::memcpy(to, &value, sizeof value);
  else std::memcpy(to, &value, count * sizeof(float));
}

/** 0 where up to eight of `count` values are all 0, which NaN is not. */
GYRO_INLINE uint64_t bitsOfLanes(const float* from, size_t count) {
  uint64_t words[kLanes / 2] = {};
  if (count >= kLanes) std::memcpy(words, from, sizeof words);
  else std::memcpy(words, from, count * sizeof(float));
  // Without the signs: -0 is 0.
  return (words[0] | words[1] | words[2] | words[3]) & 0x7fffffff7fffffff;
}

GYRO_INLINE double sumOfLanes(Doubles x) {
  return ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]));
}

template <class V>
GYRO_INLINE V root(V x) {
  double lanes[lanesOf<V>];
  storeLanes(lanes, x);
  for (size_t l = 0; l < lanesOf<V>; l++) lanes[l] = std::sqrt(lanes[l]);
  return loadLanes<V>(lanes);
}

/** f of every lane, a register V at a time: compilers take comparisons of wider vectors apart into single lanes. */
template <class V, class F>
GYRO_INLINE Doubles byRegisters(Doubles x, Doubles y, F&& f) {
  double values[2 * kLanes];
  storeLanes(values, x);
  storeLanes(values + kLanes, y);
  for (size_t l = 0; l < kLanes; l += lanesOf<V>) {
    storeLanes(values + l, f(loadLanes<V>(values + l), loadLanes<V>(values + kLanes + l)));
  }
  return loadLanes(values);
}

/** sum + x y: in one rounding, or in two. */
struct Fused {
  template <class V>
  GYRO_INLINE V add(V sum, V x, V y) {
    for (size_t l = 0; l < lanesOf<V>; l++) sum[l] = __builtin_fma(x[l], y[l], sum[l]);
    return sum;
  }
};
struct Rounded {
  template <class V>
  GYRO_INLINE V add(V sum, V x, V y) {
    return sum + x * y;
  }
};

}  // namespace gyro
