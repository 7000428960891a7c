#pragma once

#include "../pairs/pairwiseLanes.h"

namespace gyro {

// float32 vectors for the kernels of losses. Sums are in the same order everywhere; whether a kernel multiplies and adds in
// one rounding where the processor can, or in two everywhere, it says itself.

typedef float Floats16 __attribute__((vector_size(64)));
typedef float Floats8 __attribute__((vector_size(32)));
typedef float Floats4 __attribute__((vector_size(16)));

template <class V>
constexpr size_t floatLanes = sizeof(V) / sizeof(float);

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

/** sum + x y: in one rounding, or in two. */
struct FusedFloats {
  template <class V>
  GYRO_INLINE V add(V sum, V x, V y) {
    for (size_t l = 0; l < floatLanes<V>; l++) sum[l] = __builtin_fmaf(x[l], y[l], sum[l]);
    return sum;
  }
};
struct RoundedFloats {
  template <class V>
  GYRO_INLINE V add(V sum, V x, V y) {
    return sum + x * y;
  }
};

#if defined(__FP_FAST_FMAF) || defined(__aarch64__)
using PortableFloats = FusedFloats;
#else
using PortableFloats = RoundedFloats;
#endif

/**
 * e^x for x <= 0, to 1.5 units in the last place; 0 below -87.7, where float32 has no normal numbers; NaN of NaN. With n
 * the whole number nearest to x / ln 2, 2^n times Taylor's series of the rest, |r| <= ln 2 / 2, whose next term is below
 * 2^-27.
 */
template <class Sum, class V>
GYRO_INLINE V expOf(V x) {
  using Bits = decltype(V{} < V{});
  const V none{};
  // n = -127 has an exponent of 0 bits, which is the number 0.
  x = x < -88.0f + none ? -88.0f + none : x;
  // At 1.5 2^23 a float32 has no fraction: adding rounds to whole numbers, and leaves n in the last bits.
  const V shifted = Sum::add(0x1.8p23f + none, x, 0x1.715476p+0f + none);
  const V n = shifted - 0x1.8p23f;
  // ln 2 in two parts, of which the first times n is exact.
  V r = Sum::add(x, n, -0x1.63p-1f + none);
  r = Sum::add(r, n, 0x1.bd0106p-13f + none);
  V series = 1.0f / 5040 + none;
  series = Sum::add(1.0f / 720 + none, series, r);
  series = Sum::add(1.0f / 120 + none, series, r);
  series = Sum::add(1.0f / 24 + none, series, r);
  series = Sum::add(1.0f / 6 + none, series, r);
  series = Sum::add(0.5f + none, series, r);
  series = Sum::add(1.0f + none, series, r);
  series = Sum::add(1.0f + none, series, r);
  Bits bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + (127 - 0x4b400000)) << 23;
  V power;
  std::memcpy(&power, &bits, sizeof power);
  return series * power;
}

}  // namespace gyro
