#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "targets.h"

namespace gyro {

// float32 a register V at a time, for the angular kernels, which are compiled for several instruction sets. Sixteen columns are always
// added side by side, whatever the width of a register, so that all of them give the same bits.

constexpr size_t kSide = 16;
typedef float Floats16 __attribute__((vector_size(64)));
typedef float Floats8 __attribute__((vector_size(32)));
typedef float Floats4 __attribute__((vector_size(16)));

template <class V>
constexpr size_t floatsOf = sizeof(V) / sizeof(float);
template <class V>
constexpr size_t registersOf = kSide / floatsOf<V>;

template <class V>
struct IntsOf {
  typedef int32_t Type __attribute__((vector_size(sizeof(V))));
  typedef uint32_t Bits __attribute__((vector_size(sizeof(V))));
};

template <class V>
GYRO_INLINE V loadFloats(const float* from) {
  V value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <class V>
GYRO_INLINE void storeFloats(float* to, V value) {
  std::memcpy(to, &value, sizeof value);
}
template <class V>
GYRO_INLINE V spread(float value) {
  return value - V{};
}

/** Below it `expOf` is 0: far above the least normal float32, so that products stay normal too. */
constexpr float kLeastExponent = -80.0f;

/** e^x for x up to 80, to 2 ulp; 0 below -80, NaN for NaN. */
template <class V>
GYRO_INLINE V expOf(V x) {
  using Ints = typename IntsOf<V>::Type;
  const Ints far = x < kLeastExponent;
  // The low bits of a float32 near 1.5 * 2^23 count in ones.
  constexpr float kCounter = 12582912.0f;
  const V counted = (far ? spread<V>(0) : x) * 1.44269504088896f + kCounter;
  const V twos = counted - kCounter;
  // ln 2 in two parts, the first with so few bits that its product is exact.
  const V r = (x - twos * 0.693359375f) - twos * -2.12194440054690583e-4f;
  V p = spread<V>(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const V power = p * r * r + r + 1.0f;
  typename IntsOf<V>::Bits bits;
  std::memcpy(&bits, &counted, sizeof bits);
  // 2^twos by its exponent; the counter's own bits are shifted out.
  bits = (bits << 23) + 0x3f800000u;
  V scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return far ? spread<V>(0) : power * scale;
}

}  // namespace gyro
