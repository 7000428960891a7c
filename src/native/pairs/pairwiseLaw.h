#pragma once

#include <limits>

#include "pairwiseLanes.h"

namespace gyro {

/**
 * How a distance follows from u = q a b, where q = |p - p'|² between two points of a chart and a, b are one scalar a
 * point (pairwiseChart.h): 2 asin_K √u, which is (2/√c) asinh √(c u) for K = -c < 0, 2√u for K = 0 and
 * (2/√K) asin √(K u) for K > 0; or 2u, which is 1 - cos between unit vectors.
 */
enum class Form { hyperbolic, flat, spherical, cosine };

struct Law {
  Form form;
  double curvature;
};

/** log(1 + y), y >= 0, to 2e-15: 1 + y = 2^e m, m in [√½, √2), and 2 artanh((m - 1) / (m + 1)) by its series. */
template <class V>
GYRO_INLINE V log1p(V y) {
  using Words = decltype(y == y);
  constexpr int64_t kRootHalf = 0x3fe6a09e667f3bcd;
  const Words bits = reinterpret_cast<Words>(y + 1.0);
  const Words exponent = (bits - kRootHalf) >> 52;
  // An integer below 2^52 in the low bits of 2^52 is that double plus 2^52.
  const V e = reinterpret_cast<V>(exponent | 0x4330000000000000) - 0x1p52;
  const V m = reinterpret_cast<V>(bits - (exponent << 52));
  // Where 1 + y is not halved, y itself has the digits that 1 + y lost.
  const V above = exponent == 0 ? y : m - 1.0;
  const V s = above / (above + 2.0);
  const V t = s * s;
  V series = t * (1.0 / 17) + 1.0 / 15;
  for (int n = 13; n >= 3; n -= 2) series = series * t + 1.0 / n;
  const V twice = s + s;
  const V logarithm = e * 0.693147180559945309 + (twice + twice * t * series);
  // Infinity and NaN have no such bits.
  return y <= std::numeric_limits<double>::max() ? logarithm : y;
}

/** 2 asinh √s = acosh(1 + 2s), s >= 0, with one root. */
template <class V>
GYRO_INLINE V twiceAsinhRoot(V s) {
  const V half = s + root(s * (s + 1.0));
  return log1p(half + half);
}

/** Terms of Σ c_n z^n = asin √z / √z (asinh √-z / √-z below 0) that |z| <= ¼ asks for at 1e-13. */
constexpr int kTerms = 20;
struct Series {
  double c[kTerms + 1];
  constexpr Series() : c() {
    double central = 1;  // (2n)! / (4^n n!²)
    for (int n = 0; n <= kTerms; n++) {
      c[n] = central / (2 * n + 1);
      central *= (2 * n + 1.0) / (2 * n + 2.0);
    }
  }
};
constexpr Series kArc;
constexpr double kSeriesEnd = 0.25;

template <class V>
GYRO_INLINE V arcSeries(V z) {
  V sum = V{} + kArc.c[kTerms];
  for (int n = kTerms - 1; n >= 0; n--) sum = sum * z + kArc.c[n];
  return sum;
}
template <class V>
GYRO_INLINE V arcSeriesSlope(V z) {
  V sum = V{} + kTerms * kArc.c[kTerms];
  for (int n = kTerms - 1; n >= 1; n--) sum = sum * z + n * kArc.c[n];
  return sum;
}

/** asin √z, with w = 1 - z given apart because it may be known more exactly. */
template <class V>
GYRO_INLINE V arcOf(V z, V w) {
  const V middle = z - w;
  const V near = root(z);
  const V far = root(w);
  const V squared = middle * middle;
  const V argument = z <= kSeriesEnd ? z : (w <= kSeriesEnd ? w : squared);
  const V series = arcSeries(argument);
  constexpr double kQuarter = 0.785398163397448310;
  return z <= kSeriesEnd ? near * series
                         : (w <= kSeriesEnd ? 2 * kQuarter - far * series : kQuarter + 0.5 * middle * series);
}

/** @param w 1 - K u; used for K > 0 alone */
template <Form form, class V>
GYRO_INLINE V distanceOf(double K, V u, V w) {
  if constexpr (form == Form::cosine) return u + u;
  if constexpr (form == Form::flat) return 2.0 * root(u);
  if constexpr (form == Form::hyperbolic) {
    return (1 / std::sqrt(-K)) * twiceAsinhRoot(-K * u);
  }
  return (2 / std::sqrt(K)) * arcOf(K * u, w);
}

/** d' (u) = 1/√(u (1 - K u)), and 0 at both ends of it, where the distance has no gradient. */
template <Form form, class V>
GYRO_INLINE V slopeOf(double K, V u, V w) {
  if constexpr (form == Form::cosine) return V{} + 2.0;
  const V product = u * (form == Form::spherical ? w : 1.0 - K * u);
  return product > 0.0 ? 1.0 / root(product) : V{};
}

/** d''(u) from d'(u). */
template <Form form, class V>
GYRO_INLINE V bendOf(double K, V u, V slope) {
  if constexpr (form == Form::cosine) return V{};
  return (K * u - 0.5) * slope * slope * slope;
}

/** ∂d/∂K at fixed u: smooth through K = 0. */
template <Form form, class V>
GYRO_INLINE V curvatureSlopeOf(double K, V u, V w) {
  if constexpr (form == Form::cosine) return V{};
  const V z = K * u;
  const V t = root(u);
  const V nearby = 2.0 * u * t * arcSeriesSlope(z);
  if constexpr (form == Form::flat) return nearby;
  const V rest = form == Form::spherical ? w : 1.0 - z;
  const V cosine = root(rest);
  const V slope = rest > 0.0 ? t / cosine : V{};
  const V beyond = (slope - 0.5 * distanceOf<form>(K, u, w)) / K;
  return (z < 0.0 ? -z : z) <= kSeriesEnd ? nearby : beyond;
}

}  // namespace gyro
