#include "walkMetric.h"

#include <cmath>
#include <cstring>

#include "../hash.h"

namespace gyro {
namespace {

bool isDirection(const Space& leaf) { return leaf.kind == Kind::cosine || leaf.kind == Kind::sphere; }

template <class F>
void eachLeaf(const Space& space, double weight, F&& use) {
  if (space.kind != Kind::product) return use(space, weight);
  for (size_t i = 0; i < space.factors.size(); i++) eachLeaf(space.factors[i], weight * space.weights[i], use);
}

/** √c / (1 + time), which takes the space part of a Lorentz point to the unit ball, from the part's norm. */
double ballScale(const Space& leaf, double norm) {
  const double c = -leaf.curvature;
  return std::sqrt(c) / (1 + std::sqrt(1 + c * norm * norm));
}
/** 1 / (1 - |b|²) of that point b. */
double ballFactor(const Space& leaf, double norm) {
  return (1 + std::sqrt(1 - leaf.curvature * norm * norm)) / 2;
}

constexpr float kDirectionRounding = 1e-9f;

}  // namespace

WalkMetric::WalkMetric(const Space& space)
    : space_(space), leaves_(leafCount(space)), greatest_(static_cast<size_t>(slotCount(space)), 0.0) {
  eachLeaf(space, 1, [this](const Space& leaf, double weight) {
    if (isDirection(leaf)) {
      copies_ = true;
      absolute_ += static_cast<float>(weight) * kDirectionRounding;
    }
    if (leaf.kind == Kind::lorentz) wide_ = true;
  });
}

void WalkMetric::include(const Point& point) {
  for (size_t slot = 0; slot < greatest_.size(); slot++) {
    greatest_[slot] = std::max(greatest_[slot], point.scalars[slot]);
  }
}

double WalkMetric::lift(const Space& leaf, double norm) const {
  const double greatest = greatest_[static_cast<size_t>(leaf.slot)];
  return std::sqrt(std::max(0.0, (greatest - norm) * (greatest + norm)));
}

void WalkMetric::prepareStored(const Point& point, WalkQuery& query) const {
  query.stored = true;
  if (copies_) copy(point, query);
  else query.values = point.values;
  fill(point, query);
}

void WalkMetric::prepareQuery(const Point& point, WalkQuery& query) const {
  query.stored = false;
  copy(point, query);
  fill(point, query);
}

void WalkMetric::copy(const Point& point, WalkQuery& query) const {
  const size_t columns = static_cast<size_t>(space_.columns);
  query.own.resize(columns + Blocks<float>::kSlack / sizeof(float));
  std::copy(point.values, point.values + columns, query.own.begin());
  query.values = query.own.data();
}

void WalkMetric::fill(const Point& point, WalkQuery& query) const {
  query.factors.resize(static_cast<size_t>(leaves_));
  // Beyond the last column too: the kernels read whole vectors.
  if (wide_) query.wide.assign(static_cast<size_t>(space_.columns) + kWalkLanes, 0);
  eachLeaf(space_, 1, [&](const Space& leaf, double) {
    const double scalar = leaf.slot < 0 ? 1 : point.scalars[leaf.slot];
    double factor = 1;
    if (isDirection(leaf)) {
      float* values = query.own.data() + leaf.column;
      const float scale = static_cast<float>(1 / scalar);
      for (int k = 0; k < leaf.columns; k++) values[k] *= scale;
    } else if (leaf.kind == Kind::star) {
      if (!query.stored) query.own[static_cast<size_t>(leaf.column)] *= -1;
    } else if (leaf.kind == Kind::innerProduct) {
      if (query.stored) factor = lift(leaf, scalar);
    } else if (leaf.kind == Kind::poincare || leaf.kind == Kind::stereographic) {
      if (leaf.curvature < 0) factor = scalar;
      else if (leaf.curvature > 0) factor = 1 / (1 + leaf.curvature * scalar * scalar);
    } else if (leaf.kind == Kind::lorentz) {
      factor = ballFactor(leaf, scalar);
      const double scale = ballScale(leaf, scalar);
      for (int k = 1; k < leaf.columns; k++) query.wide[leaf.column + k] = point.values[leaf.column + k] * scale;
    }
    query.factors[leaf.leaf] = static_cast<float>(factor);
  });
}

void WalkMetric::chords(const Space& leaf, const WalkQuery& query, const Point* points, int count,
                        float* out) const {
  const int column = leaf.column;
  const float* q = query.values + column;
  const int n = leaf.columns;
  const float factor = query.factors[leaf.leaf];
  const int slot = leaf.slot;
  switch (leaf.kind) {
    case Kind::star:
      for (int i = 0; i < count; i++) out[i] = std::abs(q[0] - points[i].values[column]);
      return;
    case Kind::innerProduct:
      if (!query.stored) return kernels_.products(q, points, column, count, n, out);
      kernels_.squares(q, points, column, count, n, out);
      for (int i = 0; i < count; i++) {
        const float apart = factor - static_cast<float>(lift(leaf, points[i].scalars[slot]));
        out[i] = 0.5f * (out[i] + apart * apart);
      }
      return;
    case Kind::cosine:
    case Kind::sphere:
      return kernels_.directionSquares(q, points, column, count, n, slot, out);
    case Kind::lorentz: {
      double scales[kWalkLanes] = {};
      double sums[kWalkLanes];
      for (int i = 0; i < count; i++) scales[i] = ballScale(leaf, points[i].scalars[slot]);
      kernels_.wideSquares(query.wide.data() + column + 1, points, column + 1, scales, count, n - 1, sums);
      for (int i = 0; i < count; i++) {
        out[i] = static_cast<float>(sums[i] * factor * ballFactor(leaf, points[i].scalars[slot]));
      }
      return;
    }
    case Kind::euclidean:
    case Kind::poincare:
    case Kind::stereographic:
    case Kind::product:
      break;
  }
  if (leaf.curvature < 0) return kernels_.ballSquares(q, points, column, count, n, factor, slot, out);
  kernels_.squares(q, points, column, count, n, out);
  if (slot < 0) return;
  for (int i = 0; i < count; i++) {
    const double norm = points[i].scalars[slot];
    out[i] = out[i] * factor * static_cast<float>(1 / (1 + leaf.curvature * norm * norm));
  }
}

void WalkMetric::distances(const Space& space, const WalkQuery& query, const Point* points, int count,
                           float* out) const {
  if (space.kind != Kind::product) {
    chords(space, query, points, count, out);
    return kernels_.distances(space, count, out);
  }
  float sums[kWalkLanes] = {};
  for (size_t f = 0; f < space.factors.size(); f++) {
    distances(space.factors[f], query, points, count, out);
    const float w = static_cast<float>(space.weights[f]);
    for (int i = 0; i < kWalkLanes; i++) sums[i] += space.l2 ? w * out[i] * out[i] : w * out[i];
  }
  for (int i = 0; i < kWalkLanes; i++) out[i] = space.l2 ? std::sqrt(sums[i]) : sums[i];
}

void WalkMetric::keys(const WalkQuery& query, const Point* points, int count, float* out) const {
  if (space_.kind != Kind::product) {
    return chords(space_, query, points, count, out);
  }
  distances(space_, query, points, count, out);
  for (int i = 0; i < count; i++) out[i] = out[i] == out[i] ? out[i] : std::numeric_limits<float>::infinity();
}

void WalkMetric::normal(const Point& point, std::vector<float>& out) const {
  // Adding zero turns -0 into 0.
  out.resize(static_cast<size_t>(space_.columns));
  for (size_t k = 0; k < out.size(); k++) out[k] = point.values[k] + 0.0f;
  eachLeaf(space_, 1, [&](const Space& leaf, double) {
    float* values = out.data() + leaf.column;
    if (isDirection(leaf)) {
      const double norm = point.scalars[leaf.slot];
      for (int k = 0; k < leaf.columns; k++) values[k] = static_cast<float>(values[k] / norm) + 0.0f;
    }
    // Time follows from the rest.
    if (leaf.kind == Kind::lorentz) values[0] = 0;
  });
}

bool WalkMetric::same(const Point& a, const Point& b) const {
  thread_local std::vector<float> x, y;
  normal(a, x);
  normal(b, y);
  return std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
}

uint64_t WalkMetric::hash(const Point& point) const {
  thread_local std::vector<float> x;
  normal(point, x);
  uint64_t hash = x.size();
  for (float value : x) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    hash = (hash ^ bits) * 0x9e3779b97f4a7c15ull;
    hash ^= hash >> 29;
  }
  return mixBits(hash);
}

}  // namespace gyro
