#include "reference.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "targets.h"

namespace gyro {
namespace {

typedef double Lanes __attribute__((vector_size(32)));
typedef float FloatLanes __attribute__((vector_size(16)));

struct AsIs {
  Lanes operator()(Lanes y) const { return y; }
  double operator()(double y) const { return y; }
};
struct Divided {
  double norm;
  Lanes operator()(Lanes y) const { return y / norm; }
  double operator()(double y) const { return y / norm; }
};

/** Σ (x - f(y))² in four sums, as flatKernels.ts adds them. */
template <class F>
GYRO_INLINE double squaredChordBody(const double* x, const float* y, int n, F f) {
  Lanes sums = {0, 0, 0, 0};
  const int whole = n - n % 4;
  for (int k = 0; k < whole; k += 4) {
    Lanes a;
    FloatLanes b;
    std::memcpy(&a, x + k, sizeof a);
    std::memcpy(&b, y + k, sizeof b);
    const Lanes difference = a - f(__builtin_convertvector(b, Lanes));
    sums += difference * difference;
  }
  double first = sums[0];
  for (int k = whole; k < n; k++) {
    const double difference = x[k] - f(static_cast<double>(y[k]));
    first += difference * difference;
  }
  return first + sums[1] + (sums[2] + sums[3]);
}

using Chord = double (*)(const double*, const float*, int);
using DirectionChord = double (*)(const double*, const float*, int, double);

#define GYRO_VARIANT(name, target)                                                          \
  target double chord_##name(const double* x, const float* y, int n) {                      \
    return squaredChordBody(x, y, n, AsIs{});                                               \
  }                                                                                         \
  target double direction_##name(const double* x, const float* y, int n, double norm) {     \
    return squaredChordBody(x, y, n, Divided{norm});                                        \
  }
GYRO_VARIANT(portable, )
#if GYRO_X86
GYRO_VARIANT(avx2, GYRO_AVX2)
const Chord squaredChord = hasAvx2() ? chord_avx2 : chord_portable;
const DirectionChord squaredDirectionChord = hasAvx2() ? direction_avx2 : direction_portable;
#else
const Chord squaredChord = chord_portable;
const DirectionChord squaredDirectionChord = direction_portable;
#endif

double squaredNorm(const float* x, int n) {
  double sum = 0;
  for (int k = 0; k < n; k++) sum += static_cast<double>(x[k]) * x[k];
  return sum;
}

/** As in src/geometry/block.ts. */
constexpr double kTinySquare = 1e-290;

double scalarOf(const Space& leaf, const float* x) {
  const int n = leaf.columns;
  switch (leaf.kind) {
    case Kind::cosine:
    case Kind::innerProduct:
    case Kind::sphere:
      return std::sqrt(squaredNorm(x, n));
    case Kind::poincare:
      return 1 / (1 - -leaf.curvature * squaredNorm(x, n));
    case Kind::stereographic:
      if (leaf.curvature > 0) return std::sqrt(squaredNorm(x, n));
      return 1 / (1 - -leaf.curvature * squaredNorm(x, n));
    case Kind::lorentz: {
      const double squared = squaredNorm(x + 1, n - 1);
      return squared <= kTinySquare ? 0 : std::sqrt(squared);
    }
    case Kind::euclidean:
    case Kind::star:
    case Kind::product:
      break;
  }
  return 0;
}

double ballDistance(double c, double squaredChord, double sx, double sy) {
  return 2 / std::sqrt(c) * std::asinh(std::sqrt(squaredChord * (c * sx) * sy));
}

double sphereDistance(const Space& leaf, const double* x, const float* y, double norm) {
  double apart = 0;
  double together = 0;
  for (int k = 0; k < leaf.columns; k++) {
    const double v = y[k] / norm;
    apart += (x[k] - v) * (x[k] - v);
    together += (x[k] + v) * (x[k] + v);
  }
  return 2 / std::sqrt(leaf.curvature) * std::atan2(std::sqrt(apart), std::sqrt(together));
}

double projectedSphereDistance(const Space& leaf, const double* x, const float* y, double norm) {
  const double K = leaf.curvature;
  const double scale = K * norm;
  double apart = 0;
  double antipodal = norm > 0 ? 0 : 1;
  for (int k = 0; k < leaf.columns; k++) {
    apart += (x[k] - y[k]) * (x[k] - y[k]);
    if (norm > 0) {
      const double sum = scale * y[k] + x[k] / norm;
      antipodal += sum * sum;
    }
  }
  return 2 / std::sqrt(K) * std::atan2(std::sqrt(K * apart), std::sqrt(antipodal));
}

/** |x||y| |x/|x| - y/|y||² of the space parts, of norms X and Y, as crossedOf in hyperboloid.ts. */
double crossedOf(const Space& leaf, const double* x, const float* y, double X, double Y, double apart, double radial) {
  const double both = X + Y;
  const double least = X < Y ? X : Y;
  double sum = 0;
  if (4 * apart < least * least) {
    const double share = radial / (both * both);
    for (int k = 1; k < leaf.columns; k++) {
      const double across = x[k] - y[k] - share * (x[k] + y[k]);
      sum += across * across;
    }
    return sum * ((both / X) * (both / Y) * 0.25);
  }
  const double perX = 1 / X;
  const double perY = 1 / Y;
  for (int k = 1; k < leaf.columns; k++) {
    const double turn = x[k] * perX - y[k] * perY;
    sum += turn * turn;
  }
  return sum * (X * Y);
}

double lorentzDistance(const Space& leaf, const double* x, const float* y, double X, double Y) {
  const double c = -leaf.curvature;
  double apart = 0;
  double radial = 0;
  for (int k = 1; k < leaf.columns; k++) {
    const double difference = x[k] - y[k];
    apart += difference * difference;
    radial += difference * (x[k] + y[k]);
  }
  const double products = X * std::sqrt(1 / c + Y * Y) + Y * std::sqrt(1 / c + X * X);
  const double rise = products == 0 ? 0 : radial / products;
  const double crossed = X == 0 || Y == 0 ? 0 : crossedOf(leaf, x, y, X, Y, apart, radial);
  const double squared = rise * (rise / (2 * (1 + std::sqrt(1 + rise * rise)))) + 0.25 * c * crossed;
  return 2 / std::sqrt(c) * std::asinh(std::sqrt(squared));
}

double negativeDot(const double* x, const float* y, int n) {
  double sum = 0;
  for (int k = 0; k < n; k++) sum -= x[k] * y[k];
  return sum;
}

double leafDistance(const Space& leaf, const double* x, double sx, const float* y, double sy) {
  const int n = leaf.columns;
  switch (leaf.kind) {
    case Kind::euclidean:
      return std::sqrt(squaredChord(x, y, n));
    case Kind::cosine:
      return squaredDirectionChord(x, y, n, sy) * 0.5;
    case Kind::innerProduct:
      return negativeDot(x, y, n);
    case Kind::sphere:
      return sphereDistance(leaf, x, y, sy);
    case Kind::poincare:
      return ballDistance(-leaf.curvature, squaredChord(x, y, n), sx, sy);
    case Kind::lorentz:
      return lorentzDistance(leaf, x, y, sx, sy);
    case Kind::stereographic:
      if (leaf.curvature < 0) return ballDistance(-leaf.curvature, squaredChord(x, y, n), sx, sy);
      if (leaf.curvature > 0) return projectedSphereDistance(leaf, x, y, sx);
      return 2 * std::sqrt(squaredChord(x, y, n));
    case Kind::star:
      return x[0] + y[0];
    case Kind::product:
      break;
  }
  return 0;
}

double treeDistance(const Space& space, const Reference::Query& query, const float* row, const double* scalars) {
  if (space.kind != Kind::product) {
    const double sx = space.slot < 0 ? 0 : query.scalars[space.slot];
    const double sy = space.slot < 0 ? 0 : scalars[space.slot];
    return leafDistance(space, query.values.data() + space.column, sx, row + space.column, sy);
  }
  double sum = 0;
  for (size_t i = 0; i < space.factors.size(); i++) {
    const double d = treeDistance(space.factors[i], query, row, scalars);
    sum += space.l2 ? space.weights[i] * d * d : space.weights[i] * d;
  }
  return space.l2 ? std::sqrt(sum) : sum;
}

template <class F>
void eachLeaf(const Space& space, F&& use) {
  if (space.kind != Kind::product) return use(space);
  for (const Space& factor : space.factors) eachLeaf(factor, use);
}

}  // namespace

Reference::Reference(const Space& space) : space_(space), slots_(slotCount(space)) {}

void Reference::prepareRow(const float* row, double* scalars) const {
  eachLeaf(space_, [&](const Space& leaf) {
    if (leaf.slot >= 0) scalars[leaf.slot] = scalarOf(leaf, row + leaf.column);
  });
}

void Reference::prepareQuery(const float* row, Query& query) const {
  query.values.assign(row, row + space_.columns);
  query.scalars.resize(slots_);
  prepareRow(row, query.scalars.data());
  eachLeaf(space_, [&](const Space& leaf) {
    if (leaf.kind != Kind::cosine && leaf.kind != Kind::sphere) return;
    double* u = query.values.data() + leaf.column;
    for (int k = 0; k < leaf.columns; k++) u[k] /= query.scalars[leaf.slot];
  });
}

double Reference::distance(const Query& query, const float* row, const double* scalars) const {
  const double d = treeDistance(space_, query, row, scalars);
  return d == d ? d : std::numeric_limits<double>::infinity();
}

}  // namespace gyro
