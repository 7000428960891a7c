#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "targets.h"

namespace gyro {

// The pair kernels multiply and add in one rounding where the processor can. All variants do the same operations in
// the same order, so that every processor with FMA gives the same bits; one without it rounds products too.
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
typedef uint64_t Words __attribute__((vector_size(64)));
typedef float Floats __attribute__((vector_size(32)));

inline size_t wholeVectors(size_t count) { return (count + kLanes - 1) / kLanes * kLanes; }

GYRO_INLINE Doubles loadLanes(const double* from) {
  Doubles value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
GYRO_INLINE void storeLanes(double* to, Doubles value) { std::memcpy(to, &value, sizeof value); }

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

GYRO_INLINE double sumOfLanes(Doubles x) {
  return ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]));
}

GYRO_INLINE Doubles root(Doubles x) {
  double lanes[kLanes];
  storeLanes(lanes, x);
  for (size_t l = 0; l < kLanes; l++) lanes[l] = std::sqrt(lanes[l]);
  return loadLanes(lanes);
}

/** sum + x y: in one rounding, or in two. */
struct Fused {
  template <class V>
  GYRO_INLINE V add(V sum, V x, V y) {
    for (size_t l = 0; l < sizeof(V) / sizeof(double); l++) sum[l] = __builtin_fma(x[l], y[l], sum[l]);
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
