#include "stressPull.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "../parallel.h"
#include "../targets.h"

namespace gyro {
namespace {

constexpr size_t kLanes = 8;
/** Columns that stay in the first cache while a row passes over them. */
constexpr size_t kBlock = 512;
/** Rows that a thread takes at a time. */
constexpr size_t kRows = 16;

/** One row against `count` columns: `place` holds its coordinates, columns[k * stride + j] those of column j. */
struct Strip {
  const double* place;
  const double* columns;
  size_t stride;
  size_t dim;
  const double* delta;
  const double* weights;  // may be none
  size_t count;  // a multiple of kLanes, at most kBlock
};

/** Adds to pull [dim] and to lanes [kLanes]. */
GYRO_INLINE void stripBody(const Strip& s, double* pull, double* lanes) {
  double squares[kBlock];
  double factors[kBlock];
  std::fill_n(squares, s.count, 0.0);
  for (size_t k = 0; k < s.dim; k++) {
    const double x = s.place[k];
    const double* y = s.columns + k * s.stride;
    for (size_t j = 0; j < s.count; j++) squares[j] += (x - y[j]) * (x - y[j]);
  }
  for (size_t j = 0; j < s.count; j++) {
    const double d = std::sqrt(squares[j]);
    const double off = d - s.delta[j];
    const double weighted = s.weights ? s.weights[j] * off : off;
    squares[j] = weighted * off;
    factors[j] = d > 0 ? weighted / d : 0;
  }
  for (size_t j = 0; j < s.count; j += kLanes) {
    for (size_t l = 0; l < kLanes; l++) lanes[l] += squares[j + l];
  }
  for (size_t k = 0; k < s.dim; k++) {
    const double x = s.place[k];
    const double* y = s.columns + k * s.stride;
    double sums[kLanes] = {};
    for (size_t j = 0; j < s.count; j += kLanes) {
      for (size_t l = 0; l < kLanes; l++) sums[l] += factors[j + l] * (x - y[j + l]);
    }
    for (size_t l = 0; l < kLanes; l++) pull[k] += sums[l];
  }
}

void stripPortable(const Strip& s, double* pull, double* lanes) { stripBody(s, pull, lanes); }
#if GYRO_X86
GYRO_AVX2 void stripAvx2(const Strip& s, double* pull, double* lanes) { stripBody(s, pull, lanes); }
GYRO_AVX512 void stripAvx512(const Strip& s, double* pull, double* lanes) { stripBody(s, pull, lanes); }
#endif

using StripKernel = void (*)(const Strip&, double*, double*);
StripKernel chooseStrip() {
#if GYRO_X86
  if (hasAvx512()) return stripAvx512;
  if (hasAvx2()) return stripAvx2;
#endif
  return stripPortable;
}

}  // namespace

void stressPull(const StressInput& in, double* pull, double* terms) {
  const size_t n = in.n;
  const size_t dim = in.dim;
  const size_t whole = n / kLanes * kLanes;
  std::vector<double> columns(dim * n);
  for (size_t j = 0; j < n; j++) {
    for (size_t k = 0; k < dim; k++) columns[k * n + j] = in.points[j * dim + k];
  }
  const StripKernel kernel = chooseStrip();
  const auto row = [&](size_t i) {
    double lanes[kLanes] = {};
    double* own = pull + i * dim;
    const double* place = in.points + i * dim;
    const double* delta = in.delta + i * n;
    const double* weights = in.weights ? in.weights + i * n : nullptr;
    std::fill_n(own, dim, 0.0);
    for (size_t from = 0; from < whole; from += kBlock) {
      const size_t count = std::min(kBlock, whole - from);
      kernel({place, columns.data() + from, n, dim, delta + from, weights ? weights + from : nullptr, count}, own, lanes);
    }
    double sum = 0;
    for (const double lane : lanes) sum += lane;
    for (size_t j = whole; j < n; j++) {
      double square = 0;
      for (size_t k = 0; k < dim; k++) square += (place[k] - columns[k * n + j]) * (place[k] - columns[k * n + j]);
      const double d = std::sqrt(square);
      const double off = d - delta[j];
      const double weighted = weights ? weights[j] * off : off;
      sum += weighted * off;
      for (size_t k = 0; k < dim && d > 0; k++) own[k] += weighted / d * (place[k] - columns[k * n + j]);
    }
    terms[i] = sum;
  };
  parallelFor(in.threads, (n + kRows - 1) / kRows, [&](size_t b) {
    for (size_t i = b * kRows; i < std::min(n, (b + 1) * kRows); i++) row(i);
  });
}

}  // namespace gyro
