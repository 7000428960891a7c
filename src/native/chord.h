#pragma once

#include <cmath>

#include "space.h"

namespace gyro {

// Fast form of every leaf: coordinates a and a scalar s a point, so that the distance is a rising function of
//   u = |a - b|² s_a s_b    (innerProduct: -a·b; star: a + b).
// Differences, not |a|² + |b|² - 2 a·b, because the latter cancels for near points. With s = 1 / (1 - c|x|²) the
// Poincaré distance is (2/√c) asinh(√(c u)). Lorentz points go to the ball first, which resolves them in float64 up
// to √c d(0, x) of about 20; beyond, candidates are chosen from rounded coordinates.

/** The number of coordinates of a leaf. */
inline int coordinatesOf(const Space& leaf) {
  return leaf.kind == Kind::lorentz ? leaf.columns - 1 : leaf.columns;
}

/** Writes the coordinates of a point and returns its scalar. @param x the leaf's own columns, float or double */
template <class T>
double prepareLeaf(const Space& leaf, const T* x, double* coordinates);

/** asinh for t >= 0, to 1e-12 relative, with one logarithm. */
inline double fastAsinh(double t) {
  return t < 1e-4 ? t * (1 - t * t / 6) : std::log(t + std::sqrt(t * t + 1));
}

/** Calls use(f) with the function f from u to the leaf's distance, chosen once for many u. */
template <class Use>
inline void withDistanceOf(const Space& leaf, Use&& use) {
  const double c = std::abs(leaf.curvature);
  const double unit = 2 / std::sqrt(c);
  switch (leaf.kind) {
    case Kind::euclidean:
      return use([](double u) { return std::sqrt(u); });
    case Kind::cosine:
      return use([](double u) { return u / 2; });
    case Kind::sphere:
      return use([unit](double u) { return unit * std::asin(std::fmin(1, std::sqrt(u) / 2)); });
    case Kind::poincare:
      return use([unit, c](double u) { return unit * fastAsinh(std::sqrt(c * u)); });
    case Kind::lorentz:
      return use([unit](double u) { return unit * fastAsinh(std::sqrt(u)); });
    case Kind::stereographic:
      if (leaf.curvature < 0) return use([unit, c](double u) { return unit * fastAsinh(std::sqrt(c * u)); });
      if (leaf.curvature == 0) return use([](double u) { return 2 * std::sqrt(u); });
      return use([unit, c](double u) { return unit * std::asin(std::fmin(1, std::sqrt(c * u))); });
    case Kind::innerProduct:
    case Kind::star:
    case Kind::product:
      return use([](double u) { return u; });
  }
}

}  // namespace gyro
