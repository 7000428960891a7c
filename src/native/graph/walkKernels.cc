#include "walkKernels.h"

#include "../pairs/pairwiseLaw.h"
#include "walkLanes.h"

// Here the compiler may round a product and its sum once: keys rank candidates, float64 decides.
#if defined(__clang__)
#pragma clang fp contract(fast)
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=fast")
#endif

namespace gyro {
namespace {

struct SquareTerm {
  template <class V>
  GYRO_INLINE V add(V sum, V q, V y, float) {
    const V difference = q - y;
    return sum + difference * difference;
  }
};
struct ScaledSquareTerm {
  template <class V>
  GYRO_INLINE V add(V sum, V q, V y, float scale) {
    const V difference = q - scale * y;
    return sum + difference * difference;
  }
};
struct ProductTerm {
  template <class V>
  GYRO_INLINE V add(V sum, V q, V y, float) {
    return sum - q * y;
  }
};

/** Four rows at a time: each load of the query serves all, and their sums do not wait for one another. */
template <class Term, class V>
GYRO_INLINE Floats4 fourRows(const float* q, const float* const* rows, const float* scales, int columns) {
  V sums[4] = {};
  int k = 0;
  for (; k + widthOf<V> <= columns; k += widthOf<V>) {
    const V x = loadFloats<V>(q + k);
#pragma GCC unroll 4
    for (int r = 0; r < 4; r++) sums[r] = Term::add(sums[r], x, loadFloats<V>(rows[r] + k), scales[r]);
  }
  if (k < columns) {
    const V x = firstLanes(loadFloats<V>(q + k), columns - k);
#pragma GCC unroll 4
    for (int r = 0; r < 4; r++) {
      sums[r] = Term::add(sums[r], x, firstLanes(loadFloats<V>(rows[r] + k), columns - k), scales[r]);
    }
  }
  return sumsOf(sums);
}

/** What a point's scalar means to its sum. */
enum class Scalar { none, factor, norm };

template <class Term, class V, Scalar scalar = Scalar::none>
GYRO_INLINE void pointsBody(const float* q, const Point* points, int column, int count, int columns, float factor,
                            int slot, float* out) {
  for (int i = 0; i < count; i += 4) {
    const float* rows[4];
    float scalars[4] = {};
#pragma GCC unroll 4
    for (int r = 0; r < 4; r++) {
      const Point& point = points[i + r < count ? i + r : count - 1];
      rows[r] = point.values + column;
      if constexpr (scalar == Scalar::factor) scalars[r] = static_cast<float>(point.scalars[slot]);
      if constexpr (scalar == Scalar::norm) scalars[r] = static_cast<float>(1 / point.scalars[slot]);
    }
    Floats4 sums = fourRows<Term, V>(q, rows, scalars, columns);
    if constexpr (scalar == Scalar::factor) sums *= loadFloats<Floats4>(scalars) * factor;
    sums = sums == sums ? sums : Floats4{} + std::numeric_limits<float>::infinity();
    std::memcpy(out + i, &sums, sizeof sums);
  }
}

GYRO_INLINE void wideBody(const double* q, const Point* points, int column, const double* scales, int count,
                          int columns, double* out) {
  for (int i = 0; i < count; i++) {
    Doubles sum = {};
    for (int k = 0; k < columns; k += static_cast<int>(kLanes)) {
      const size_t left = static_cast<size_t>(columns - k);
      const Doubles difference = loadLanes(q + k) - widenLanes(points[i].values + column + k, left) * scales[i];
      sum += difference * difference;
    }
    out[i] = sumOfLanes(sum);
  }
}

template <class V>
GYRO_INLINE V rootOfFloats(V x) {
  float lanes[widthOf<V>];
  std::memcpy(lanes, &x, sizeof x);
  for (int l = 0; l < widthOf<V>; l++) lanes[l] = std::sqrt(lanes[l]);
  return loadFloats<V>(lanes);
}

/** pairwiseLaw.h's log1p with the terms that float32 asks for. */
template <class V>
GYRO_INLINE V log1pOfFloats(V y) {
  using Words = decltype(y == y);
  constexpr int kRootHalf = 0x3f3504f3;
  const Words bits = reinterpret_cast<Words>(y + 1.0f);
  const Words exponent = (bits - kRootHalf) >> 23;
  const V e = __builtin_convertvector(exponent, V);
  const V m = reinterpret_cast<V>(bits - (exponent << 23));
  const V above = exponent == 0 ? y : m - 1.0f;
  const V s = above / (above + 2.0f);
  const V t = s * s;
  const V series = t * (t * (t * (t * (1.0f / 9) + 1.0f / 7) + 0.2f) + 1.0f / 3);
  const V twice = s + s;
  const V logarithm = e * 0.693147181f + (twice + twice * series);
  return y <= std::numeric_limits<float>::max() ? logarithm : y;
}

/** (2/√c) asinh √s, as pairwiseLaw.h's twiceAsinhRoot, without a product of s with itself: that may overflow. */
template <class V>
GYRO_INLINE void hyperbolicBody(double scale, double factor, int count, float* u) {
  for (int i = 0; i < count; i += widthOf<V>) {
    const V s = loadFloats<V>(u + i) * static_cast<float>(scale);
    const V half = s + rootOfFloats(s) * rootOfFloats(s + 1.0f);
    const V d = log1pOfFloats(half + half) * static_cast<float>(factor);
    std::memcpy(u + i, &d, sizeof d);
  }
}

template <class V>
GYRO_INLINE void rootBody(double factor, int count, float* u) {
  for (int i = 0; i < count; i += widthOf<V>) {
    const V d = rootOfFloats(loadFloats<V>(u + i)) * static_cast<float>(factor);
    std::memcpy(u + i, &d, sizeof d);
  }
}

/** (2/√K) asin √(scale u), in float64: near antipodes float32 has no digits left. */
template <class V>
GYRO_INLINE void sphericalBody(double K, double scale, int count, float* u) {
  for (int i = 0; i < count; i += static_cast<int>(lanesOf<V>)) {
    double lanes[lanesOf<V>];
    for (size_t l = 0; l < lanesOf<V>; l++) lanes[l] = std::fmin(scale * u[i + static_cast<int>(l)], 1 / K);
    const V x = loadLanes<V>(lanes);
    storeLanes(lanes, distanceOf<Form::spherical>(K, x, 1.0 - K * x));
    for (size_t l = 0; l < lanesOf<V>; l++) u[i + static_cast<int>(l)] = static_cast<float>(lanes[l]);
  }
}

/** chord.h's withDistanceOf. */
template <class V, class Wide>
GYRO_INLINE void distancesBody(const Space& leaf, int count, float* u) {
  const double K = leaf.curvature;
  const double unit = 1 / std::sqrt(std::abs(K));
  switch (leaf.kind) {
    case Kind::euclidean:
      return rootBody<V>(1, count, u);
    case Kind::cosine:
      for (int i = 0; i < count; i++) u[i] *= 0.5f;
      return;
    case Kind::sphere:
      return sphericalBody<Wide>(K, 0.25 / K, count, u);
    case Kind::poincare:
      return hyperbolicBody<V>(-K, unit, count, u);
    case Kind::lorentz:
      return hyperbolicBody<V>(1, unit, count, u);
    case Kind::stereographic:
      if (K < 0) return hyperbolicBody<V>(-K, unit, count, u);
      if (K == 0) return rootBody<V>(2, count, u);
      return sphericalBody<Wide>(K, 1, count, u);
    case Kind::innerProduct:
    case Kind::star:
    case Kind::product:
      return;
  }
}

#define GYRO_VARIANT(name, target, V, Wide)                                                                    \
  target void squares_##name(const float* q, const Point* points, int column, int count, int n, float* out) {  \
    pointsBody<SquareTerm, V>(q, points, column, count, n, 1, 0, out);                                         \
  }                                                                                                            \
  target void ballSquares_##name(const float* q, const Point* points, int column, int count, int n,            \
                                 float factor, int slot, float* out) {                                         \
    pointsBody<SquareTerm, V, Scalar::factor>(q, points, column, count, n, factor, slot, out);                 \
  }                                                                                                            \
  target void directionSquares_##name(const float* q, const Point* points, int column, int count, int n,       \
                                      int slot, float* out) {                                                  \
    pointsBody<ScaledSquareTerm, V, Scalar::norm>(q, points, column, count, n, 1, slot, out);                  \
  }                                                                                                            \
  target void products_##name(const float* q, const Point* points, int column, int count, int n, float* out) { \
    pointsBody<ProductTerm, V>(q, points, column, count, n, 1, 0, out);                                        \
  }                                                                                                            \
  target void wideSquares_##name(const double* q, const Point* points, int column, const double* scales,       \
                                 int count, int n, double* out) {                                              \
    wideBody(q, points, column, scales, count, n, out);                                                        \
  }                                                                                                            \
  target void distances_##name(const Space& leaf, int count, float* u) {                                       \
    distancesBody<V, Wide>(leaf, count, u);                                                                    \
  }                                                                                                            \
  const WalkKernels kernels_##name = {squares_##name,  ballSquares_##name, directionSquares_##name,            \
                                      products_##name, wideSquares_##name, distances_##name};

GYRO_VARIANT(portable, , Floats4, Doubles2)
#if GYRO_X86
GYRO_VARIANT(avx2, GYRO_AVX2_FMA, Floats8, Doubles4)
GYRO_VARIANT(avx512, GYRO_AVX512_FMA, Floats16, Doubles)
#endif

const WalkKernels& choose() {
#if GYRO_X86
  if (hasFma() && hasAvx512()) return kernels_avx512;
  if (hasFma() && hasAvx2()) return kernels_avx2;
#endif
  return kernels_portable;
}

}  // namespace

const WalkKernels& walkKernels() {
  static const WalkKernels& chosen = choose();
  return chosen;
}

}  // namespace gyro
