#include "chord.h"

namespace gyro {
namespace {

template <class T>
double squaredNorm(const T* x, int n) {
  double sum = 0;
  for (int k = 0; k < n; k++) sum += static_cast<double>(x[k]) * x[k];
  return sum;
}

template <class T>
double scaleInto(const T* x, int n, double factor, double* out) {
  for (int k = 0; k < n; k++) out[k] = x[k] * factor;
  return 1;
}

}  // namespace

template <class T>
double prepareLeaf(const Space& leaf, const T* x, double* coordinates) {
  const int n = leaf.columns;
  switch (leaf.kind) {
    case Kind::cosine:
    case Kind::sphere:
      return scaleInto(x, n, 1 / std::sqrt(squaredNorm(x, n)), coordinates);
    case Kind::poincare:
    case Kind::stereographic:
      // 1 + K|x|² in both signs; in float32 it would be all rounding near the edge of the ball.
      scaleInto(x, n, 1, coordinates);
      return 1 / (1 + leaf.curvature * squaredNorm(x, n));
    case Kind::lorentz: {
      // The stored time is ignored: its rounding alone would exceed short distances far from the origin.
      const double rootC = std::sqrt(-leaf.curvature);
      const double time = std::sqrt(1 - leaf.curvature * squaredNorm(x + 1, n - 1));
      scaleInto(x + 1, n - 1, rootC / (1 + time), coordinates);
      return (1 + time) / 2;
    }
    case Kind::euclidean:
    case Kind::innerProduct:
    case Kind::star:
    case Kind::product:
      return scaleInto(x, n, 1, coordinates);
  }
  return 1;
}

template double prepareLeaf(const Space&, const float*, double*);
template double prepareLeaf(const Space&, const double*, double*);

}  // namespace gyro
