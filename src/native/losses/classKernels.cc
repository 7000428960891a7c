#include "classKernels.h"

#include <algorithm>
#include <limits>

#include "floatLanes.h"

namespace gyro {
namespace {

constexpr float kNone = -std::numeric_limits<float>::infinity();

template <class V>
GYRO_INLINE float topBody(const float* values, size_t count) {
  V tops[kRowLanes / floatLanes<V>];
  for (V& top : tops) top = kNone + V{};
  for (size_t j = 0; j < count; j += kRowLanes) {
    for (size_t c = 0; c < kRowLanes; c += floatLanes<V>) {
      const V value = loadFloats<V>(values + j + c);
      V& top = tops[c / floatLanes<V>];
      top = value > top ? value : top;
    }
  }
  float lanes[kRowLanes];
  std::memcpy(lanes, tops, sizeof lanes);
  return *std::max_element(lanes, lanes + kRowLanes);
}

template <class Sum, class V>
GYRO_INLINE double powersBody(float* values, size_t count, float top) {
  V sums[kRowLanes / floatLanes<V>] = {};
  for (size_t j = 0; j < count; j += kRowLanes) {
    for (size_t c = 0; c < kRowLanes; c += floatLanes<V>) {
      const V power = expOf<Sum>(loadFloats<V>(values + j + c) - top);
      storeFloats(values + j + c, power);
      sums[c / floatLanes<V>] += power;
    }
  }
  float lanes[kRowLanes];
  std::memcpy(lanes, sums, sizeof lanes);
  for (size_t half = kRowLanes / 2; half > 0; half /= 2) {
    for (size_t l = 0; l < half; l++) lanes[l] += lanes[l + half];
  }
  return lanes[0];
}

GYRO_INLINE double squaresBody(const float* values, size_t count) {
  Doubles sum{};
  for (size_t j = 0; j < count; j += kLanes) {
    const Doubles value = widenLanes(values + j, count - j);
    sum += value * value;
  }
  return sumOfLanes(sum);
}

GYRO_INLINE void scaledBody(const float* values, float factor, float* to, size_t count) {
  for (size_t j = 0; j < count; j++) to[j] = values[j] * factor;
}

template <class V>
GYRO_INLINE void raiseBody(const float* row, float* tops) {
  for (size_t c = 0; c < kStripe; c += floatLanes<V>) {
    const V value = loadFloats<V>(row + c);
    const V top = loadFloats<V>(tops + c);
    storeFloats(tops + c, value > top ? value : top);
  }
}
template <class Sum, class V>
GYRO_INLINE void stripePowersBody(float* row, const float* tops, float* sums) {
  for (size_t c = 0; c < kStripe; c += floatLanes<V>) {
    const V power = expOf<Sum>(loadFloats<V>(row + c) - loadFloats<V>(tops + c));
    storeFloats(row + c, power);
    storeFloats(sums + c, loadFloats<V>(sums + c) + power);
  }
}

#define GYRO_VARIANT(name, Sum, V, target)                                                                        \
  target float top_##name(const float* values, size_t count) { return topBody<V>(values, count); }                \
  target double powers_##name(float* values, size_t count, float top) {                                           \
    return powersBody<Sum, V>(values, count, top);                                                                \
  }                                                                                                               \
  target double squares_##name(const float* values, size_t count) { return squaresBody(values, count); }            \
  target void scaled_##name(const float* values, float factor, float* to, size_t count) {                         \
    scaledBody(values, factor, to, count);                                                                        \
  }                                                                                                               \
  target void raise_##name(const float* row, float* tops) { raiseBody<V>(row, tops); }                            \
  target void stripePowers_##name(float* row, const float* tops, float* sums) {                                   \
    stripePowersBody<Sum, V>(row, tops, sums);                                                                    \
  }                                                                                                               \
  const ClassKernels kernels_##name = {top_##name,    powers_##name, squares_##name,                                   \
                                     scaled_##name, raise_##name,  stripePowers_##name};

GYRO_VARIANT(portable, PortableFloats, Floats4, )
#if GYRO_X86
GYRO_VARIANT(avx2, FusedFloats, Floats8, GYRO_AVX2_FMA)
GYRO_VARIANT(avx512, FusedFloats, Floats16, GYRO_AVX512_FMA)
#endif

const ClassKernels& choose() {
#if GYRO_X86
  if (hasAvx512() && hasFma()) return kernels_avx512;
  if (hasAvx2() && hasFma()) return kernels_avx2;
#endif
  return kernels_portable;
}

}  // namespace

const ClassKernels& classKernels() {
  static const ClassKernels& chosen = choose();
  return chosen;
}

}  // namespace gyro
