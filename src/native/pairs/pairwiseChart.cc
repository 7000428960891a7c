#include "pairwiseChart.h"

#include <stdexcept>

#include "pairwiseTiles.h"

namespace gyro {
namespace {

/** In four sums, which do not wait for one another. */
template <class A, class B>
double dot(const A* x, const B* y, int n) {
  double sums[4] = {};
  int k = 0;
  for (; k + 4 <= n; k += 4)
    for (int l = 0; l < 4; l++) sums[l] += static_cast<double>(x[k + l]) * static_cast<double>(y[k + l]);
  for (int l = 0; k < n; k++, l++) sums[l] += static_cast<double>(x[k]) * static_cast<double>(y[k]);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

Law lawOf(Kind kind, double K) {
  if (kind == Kind::euclidean) return {Form::flat, 0};
  if (kind == Kind::cosine) return {Form::cosine, 1};
  return {K < 0 ? Form::hyperbolic : K > 0 ? Form::spherical : Form::flat, K};
}

/** `fill(i, p, a)` writes row i. */
template <class Fill>
ChartRows arrange(int size, size_t count, Fill&& fill) {
  ChartRows out;
  const size_t padded = (count + kTileColumns - 1) / kTileColumns * kTileColumns;
  out.count = count;
  out.size = static_cast<size_t>(size);
  out.width = wholeVectors(out.size);
  // An odd number of vectors: at a power of two, rows would compete for the same lines of the cache.
  out.stride = out.width + (out.width / kLanes % 2 ? 0 : kLanes);
  out.rows.resize(count * out.stride);
  out.octets.resize(padded * out.size);
  out.squared.resize(padded);
  out.a.resize(padded);
  for (size_t i = 0; i < count; i++) {
    double* p = out.rows.data() + i * out.stride;
    fill(i, p, out.a.data() + i);
    out.squared[i] = dot(p, p, size);
    double* octet = out.octets.data() + i / kTileSide * kTileSide * out.size + i % kTileSide;
    for (size_t k = 0; k < out.size; k++) octet[k * kTileSide] = p[k];
  }
  return out;
}

}  // namespace

Chart::Chart(Kind kind, int columns, double curvature)
    : law_(lawOf(kind, curvature)), columns_(columns), skip_(kind == Kind::lorentz ? 1 : 0) {
  switch (kind) {
    case Kind::euclidean: type_ = Type::plain; break;
    case Kind::poincare:
    case Kind::stereographic: type_ = Type::ball; break;
    case Kind::cosine:
    case Kind::sphere: type_ = Type::direction; break;
    case Kind::lorentz: type_ = Type::sheet; break;
    default: throw std::invalid_argument("a space without a chart");
  }
  size_ = columns - skip_;
}

void Chart::place(const float* row, double* p, double* a) const {
  const float* x = row + skip_;
  const double squared = dot(x, x, size_);
  const double K = law_.curvature;
  double factor = 1;
  *a = 0.5;
  if (type_ == Type::ball) *a = 1 / (1 + K * squared);
  if (type_ == Type::direction) factor = 1 / std::sqrt(K * squared);
  if (type_ == Type::sheet) {
    const double tau = std::sqrt(1 - K * squared);
    factor = 1 / (1 + tau);
    *a = (1 + tau) / 2;
  }
  for (int k = 0; k < size_; k++) p[k] = factor * x[k];
}

void Chart::push(const float* row, const float* direction, double* vp, double* va) const {
  const float* x = row + skip_;
  const float* v = direction + skip_;
  const double squared = dot(x, x, size_);
  const double along = dot(x, v, size_);
  const double K = law_.curvature;
  double factor = 1;
  double back = 0;
  *va = 0;
  if (type_ == Type::ball) {
    const double a = 1 / (1 + K * squared);
    *va = -2 * K * a * a * along;
  }
  if (type_ == Type::direction) {
    factor = 1 / std::sqrt(K * squared);
    back = -factor * along / squared;
  }
  if (type_ == Type::sheet) {
    const double tau = std::sqrt(1 - K * squared);
    const double tauAlong = -K * along / tau;
    factor = 1 / (1 + tau);
    back = -factor * factor * tauAlong;
    *va = tauAlong / 2;
  }
  for (int k = 0; k < size_; k++) vp[k] = factor * v[k] + back * x[k];
}

void Chart::pull(const float* row, const double* g, double ga, double* out) const {
  const float* x = row + skip_;
  const double squared = dot(x, x, size_);
  const double K = law_.curvature;
  double factor = 1;
  double radial = 0;
  if (type_ == Type::ball) {
    const double a = 1 / (1 + K * squared);
    radial = -2 * K * a * a * ga;
  }
  if (type_ == Type::direction) {
    factor = 1 / std::sqrt(K * squared);
    radial = -factor * dot(x, g, size_) / squared;
  }
  if (type_ == Type::sheet) {
    const double tau = std::sqrt(1 - K * squared);
    factor = 1 / (1 + tau);
    radial = -K / tau * (ga / 2 - factor * factor * dot(x, g, size_));
  }
  if (skip_) out[0] = 0;
  for (int k = 0; k < size_; k++) out[skip_ + k] = factor * g[k] + radial * x[k];
}

void Chart::pullAlong(const float* row, const float* direction, const double* g, double ga, double* out) const {
  if (type_ == Type::plain) return;
  const float* x = row + skip_;
  const float* v = direction + skip_;
  const double squared = dot(x, x, size_);
  const double along = dot(x, v, size_);
  const double K = law_.curvature;
  double byX = 0;
  double byV = 0;
  double byG = 0;
  if (type_ == Type::ball) {
    const double a = 1 / (1 + K * squared);
    byV = -2 * K * a * a * ga;
    byX = -4 * K * a * ga * (-2 * K * a * a * along);
  }
  if (type_ == Type::direction) {
    // f = (K x²)^-½ and f g - f (x·g) x / x²: every factor in turn.
    const double f = 1 / std::sqrt(K * squared);
    const double xg = dot(x, g, size_);
    const double relative = along / squared;
    byG = -f * relative;
    byV = -f * xg / squared;
    byX = f / squared * (3 * relative * xg - dot(v, g, size_));
  }
  if (type_ == Type::sheet) {
    // f g + κ x with f = 1 / (1 + τ), κ = (c/τ) (ga / 2 - f² x·g): every factor in turn.
    const double c = -K;
    const double tau = std::sqrt(1 + c * squared);
    const double tauAlong = c * along / tau;
    const double f = 1 / (1 + tau);
    const double fAlong = -f * f * tauAlong;
    const double xg = dot(x, g, size_);
    const double inner = ga / 2 - f * f * xg;
    byG = fAlong;
    byV = c / tau * inner;
    byX = -c / (tau * tau) * tauAlong * inner - c / tau * (2 * f * fAlong * xg + f * f * dot(v, g, size_));
  }
  for (int k = 0; k < size_; k++) out[skip_ + k] += byG * g[k] + byV * v[k] + byX * x[k];
}

double Chart::curvaturePull(const float* row, const double* g, double ga) const {
  const float* x = row + skip_;
  const double squared = dot(x, x, size_);
  const double K = law_.curvature;
  if (type_ == Type::ball) {
    const double a = 1 / (1 + K * squared);
    return -a * a * squared * ga;
  }
  if (type_ == Type::direction && law_.form != Form::cosine) {
    return -dot(x, g, size_) / (2 * K * std::sqrt(K * squared));
  }
  if (type_ == Type::sheet) {
    const double tau = std::sqrt(1 - K * squared);
    const double f = 1 / (1 + tau);
    return -squared / (2 * tau) * (ga / 2 - f * f * dot(x, g, size_));
  }
  return 0;
}

double Chart::complement(const double* p, double a, const double* q, double b) const {
  const double K = law_.curvature;
  double sum = 0;
  if (type_ == Type::direction) {
    for (int k = 0; k < size_; k++) sum += (p[k] + q[k]) * (p[k] + q[k]);
    return K * sum / 4;
  }
  // a b (1 + 2K p·q + K²|p|²|q|²) in squares: (1 - K|p||q|)² and 2K (|p||q| + p·q).
  const double pp = dot(p, p, size_);
  const double qq = dot(q, q, size_);
  const double norms = std::sqrt(pp * qq);
  if (norms == 0) return a * b;
  const double forth = std::sqrt(norms / pp);
  const double back = std::sqrt(norms / qq);
  for (int k = 0; k < size_; k++) {
    const double term = p[k] * forth + q[k] * back;
    sum += term * term;
  }
  const double rest = 1 - K * norms;
  return a * b * (rest * rest + K * sum);
}

ChartRows placeRows(const Chart& chart, const float* values, size_t count) {
  return arrange(chart.size(), count, [&](size_t i, double* p, double* a) {
    chart.place(values + i * chart.columns(), p, a);
  });
}

ChartRows pushRows(const Chart& chart, const float* values, const float* v, size_t count) {
  return arrange(chart.size(), count, [&](size_t i, double* vp, double* va) {
    chart.push(values + i * chart.columns(), v + i * chart.columns(), vp, va);
  });
}

}  // namespace gyro
