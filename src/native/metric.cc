#include "metric.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "chord.h"
#include "kernels.h"

namespace gyro {
namespace {

template <class T>
T load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

/** hnswlib's queues need an order: no NaN, and no infinity whose difference would be one. */
float finite(double u) {
  constexpr double highest = std::numeric_limits<float>::max();
  return u < highest ? static_cast<float>(std::max(u, -highest)) : std::numeric_limits<float>::max();
}

template <class T>
void store(const std::vector<double>& coordinates, int n, int padded, double scalar, char* out) {
  std::memset(out, 0, padded * sizeof(T));
  for (int k = 0; k <= n; k++) {
    const T value = static_cast<T>(k < n ? coordinates[k] : scalar);
    // Adding zero turns -0 into 0, so that equal points have equal bytes.
    const T positive = value + T(0);
    std::memcpy(out + (k < n ? k : padded) * sizeof(T), &positive, sizeof(T));
  }
}

}  // namespace

Metric::Metric(const Space& space) : space_(space) { place(space); }

void Metric::place(const Space& space) {
  for (const Space& factor : space.factors) place(factor);
  if (space.kind == Kind::product) return;
  const bool wide = space.kind == Kind::lorentz;
  const int padded = (coordinatesOf(space) + kPad - 1) / kPad * kPad;
  parts_.push_back({space, bytes_, padded, wide});
  // A multiple of 8 bytes, so that the next part's float64 values lie well.
  bytes_ += ((padded + 1) * (wide ? sizeof(double) : sizeof(float)) + 7) / 8 * 8;
}

void Metric::prepare(const float* row, char* point) const {
  std::memset(point, 0, bytes_);
  std::vector<double> coordinates(space_.columns);
  for (const Part& part : parts_) {
    const double scalar = prepareLeaf(part.leaf, row + part.leaf.column, coordinates.data());
    const int n = coordinatesOf(part.leaf);
    char* out = point + part.offset;
    if (part.wide) store<double>(coordinates, n, part.padded, scalar, out);
    else store<float>(coordinates, n, part.padded, scalar, out);
  }
}

Metric::Function Metric::function() const {
  const bool plain = space_.kind != Kind::product && !parts_[0].wide && selfIsNearest(space_);
  return plain ? chord : general;
}

float Metric::chord(const void* a, const void* b, const void* param) {
  const Metric& metric = *static_cast<const Metric*>(param);
  return finite(metric.leafChord(metric.parts_[0], static_cast<const char*>(a), static_cast<const char*>(b)));
}

float Metric::general(const void* a, const void* b, const void* param) {
  // Only a search for a stored point compares an address with itself. Star offsets are 0 to the item itself; an
  // inner product need not be least there, but that search asks whether the graph leads to the point.
  if (a == b) return -std::numeric_limits<float>::max();
  const Metric& metric = *static_cast<const Metric*>(param);
  const char* x = static_cast<const char*>(a);
  const char* y = static_cast<const char*>(b);
  if (metric.space_.kind != Kind::product) return finite(metric.leafChord(metric.parts_[0], x, y));
  return finite(metric.distance(metric.space_, x, y));
}

double Metric::leafChord(const Part& part, const char* a, const char* b) const {
  const char* x = a + part.offset;
  const char* y = b + part.offset;
  if (part.wide) {
    const size_t scalar = part.padded * sizeof(double);
    const double sum = kernels().wideSquares(reinterpret_cast<const double*>(x),
                                             reinterpret_cast<const double*>(y), part.padded);
    return sum * load<double>(x + scalar) * load<double>(y + scalar);
  }
  const float* p = reinterpret_cast<const float*>(x);
  const float* q = reinterpret_cast<const float*>(y);
  if (part.leaf.kind == Kind::star) return static_cast<double>(load<float>(x)) + load<float>(y);
  if (part.leaf.kind == Kind::innerProduct) return kernels().products(p, q, part.padded);
  const size_t scalar = part.padded * sizeof(float);
  const double sum = kernels().squares(p, q, part.padded);
  return sum * load<float>(x + scalar) * load<float>(y + scalar);
}

double Metric::distance(const Space& space, const char* a, const char* b) const {
  if (space.kind != Kind::product) {
    double d = leafChord(parts_[space.leaf], a, b);
    withDistanceOf(space, [&d](auto distanceOf) { d = distanceOf(d); });
    return d;
  }
  double sum = 0;
  for (size_t i = 0; i < space.factors.size(); i++) {
    const double d = distance(space.factors[i], a, b);
    sum += space.l2 ? space.weights[i] * d * d : space.weights[i] * d;
  }
  return space.l2 ? std::sqrt(sum) : sum;
}

}  // namespace gyro
