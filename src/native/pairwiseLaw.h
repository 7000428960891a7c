#pragma once

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

/** log(1 + y), y >= 0, to 2e-15 relative: 1 + y = 2^e m, m in [√½, √2), and 2 artanh((m - 1) / (m + 1)) by its series. */
GYRO_INLINE Doubles log1p(Doubles y) {
  constexpr uint64_t kRootHalf = 0x3fe6a09e667f3bcd;
  const Words bits = reinterpret_cast<Words>(y + 1.0);
  const Words exponent = (bits - kRootHalf) >> 52;
  // An integer below 2^52 in the low bits of 2^52 is that double plus 2^52.
  const Doubles e = reinterpret_cast<Doubles>(exponent | 0x4330000000000000) - 0x1p52;
  const Doubles m = reinterpret_cast<Doubles>(bits - (exponent << 52));
  // Where 1 + y is not halved, y itself has the digits that 1 + y lost.
  const Doubles above = exponent == 0 ? y : m - 1.0;
  const Doubles s = above / (above + 2.0);
  const Doubles t = s * s;
  Doubles series = t * (1.0 / 17) + 1.0 / 15;
  for (int n = 13; n >= 3; n -= 2) series = series * t + 1.0 / n;
  const Doubles twice = s + s;
  return e * 0.693147180559945309 + (twice + twice * t * series);
}

/** 2 asinh √s = acosh(1 + 2s), s >= 0, with one root. */
GYRO_INLINE Doubles twiceAsinhRoot(Doubles s) {
  const Doubles half = s + root(s * (s + 1.0));
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

GYRO_INLINE Doubles arcSeries(Doubles z) {
  Doubles sum = Doubles{} + kArc.c[kTerms];
  for (int n = kTerms - 1; n >= 0; n--) sum = sum * z + kArc.c[n];
  return sum;
}
GYRO_INLINE Doubles arcSeriesSlope(Doubles z) {
  Doubles sum = Doubles{} + kTerms * kArc.c[kTerms];
  for (int n = kTerms - 1; n >= 1; n--) sum = sum * z + n * kArc.c[n];
  return sum;
}

/** asin √z, with w = 1 - z given apart because it may be known more exactly. */
GYRO_INLINE Doubles arcOf(Doubles z, Doubles w) {
  const Doubles middle = z - w;
  const Doubles near = root(z);
  const Doubles far = root(w);
  const Doubles squared = middle * middle;
  const Doubles argument = z <= kSeriesEnd ? z : (w <= kSeriesEnd ? w : squared);
  const Doubles series = arcSeries(argument);
  constexpr double kQuarter = 0.785398163397448310;
  return z <= kSeriesEnd ? near * series
                         : (w <= kSeriesEnd ? 2 * kQuarter - far * series : kQuarter + 0.5 * middle * series);
}

/** @param w 1 - K u; used for K > 0 alone */
template <Form form>
GYRO_INLINE Doubles distanceOf(double K, Doubles u, Doubles w) {
  if constexpr (form == Form::cosine) return u + u;
  if constexpr (form == Form::flat) return 2.0 * root(u);
  if constexpr (form == Form::hyperbolic) {
    return (1 / std::sqrt(-K)) * twiceAsinhRoot(-K * u);
  }
  return (2 / std::sqrt(K)) * arcOf(K * u, w);
}

/** d' (u) = 1/√(u (1 - K u)), and 0 at both ends of it, where the distance has no gradient. */
template <Form form>
GYRO_INLINE Doubles slopeOf(double K, Doubles u, Doubles w) {
  if constexpr (form == Form::cosine) return Doubles{} + 2.0;
  const Doubles product = u * (form == Form::spherical ? w : 1.0 - K * u);
  return product > 0.0 ? 1.0 / root(product) : Doubles{};
}

/** d''(u) from d'(u). */
template <Form form>
GYRO_INLINE Doubles bendOf(double K, Doubles u, Doubles slope) {
  if constexpr (form == Form::cosine) return Doubles{};
  return (K * u - 0.5) * slope * slope * slope;
}

/** ∂d/∂K at fixed u: smooth through K = 0. */
template <Form form>
GYRO_INLINE Doubles curvatureSlopeOf(double K, Doubles u, Doubles w) {
  if constexpr (form == Form::cosine) return Doubles{};
  const Doubles z = K * u;
  const Doubles t = root(u);
  const Doubles nearby = 2.0 * u * t * arcSeriesSlope(z);
  if constexpr (form == Form::flat) return nearby;
  const Doubles rest = form == Form::spherical ? w : 1.0 - z;
  const Doubles cosine = root(rest);
  const Doubles slope = rest > 0.0 ? t / cosine : Doubles{};
  const Doubles beyond = (slope - 0.5 * distanceOf<form>(K, u, w)) / K;
  return (z < 0.0 ? -z : z) <= kSeriesEnd ? nearby : beyond;
}

}  // namespace gyro
