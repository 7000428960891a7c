#include "pairwiseKernels.h"

#include <algorithm>

namespace gyro {
namespace {

struct Pairs {
  Doubles q, b, u, w;
};

GYRO_INLINE Pairs pairsAt(const PairRun& run, size_t j) {
  const Doubles q = loadLanes(run.q + j);
  const Doubles b = loadLanes(run.b + j);
  return {q, b, q * run.a * b, run.w ? loadLanes(run.w + j) : Doubles{}};
}

GYRO_INLINE void complementsBody(const PairRun& run, double* w) {
  for (size_t j = 0; j < run.count; j += kLanes) {
    const Doubles u = loadLanes(run.q + j) * run.a * loadLanes(run.b + j);
    storeLanes(w + j, 1.0 - run.law.curvature * u);
  }
}

template <Form form>
GYRO_INLINE void distancesBody(const PairRun& run, double* d) {
  for (size_t j = 0; j < run.count; j += kLanes) {
    const Pairs at = pairsAt(run, j);
    storeLanes(d + j, distanceOf<form>(run.law.curvature, at.u, at.w));
  }
}

template <Form form>
GYRO_INLINE void curvatureSlopesBody(const PairRun& run, double* out) {
  for (size_t j = 0; j < run.count; j += kLanes) {
    const Pairs at = pairsAt(run, j);
    storeLanes(out + j, curvatureSlopeOf<form>(run.law.curvature, at.u, at.w));
  }
}

template <Form form>
GYRO_INLINE void firstWeightsBody(const PairRun& run, const double* dy, const FirstWeights& out) {
  for (size_t j = 0; j < run.count; j += kLanes) {
    const Pairs at = pairsAt(run, j);
    const Doubles pull = loadLanes(dy + j) * slopeOf<form>(run.law.curvature, at.u, at.w);
    storeLanes(out.toPoint + j, 2.0 * run.a * pull * at.b);
    storeLanes(out.toScalar + j, pull * at.q);
  }
}

template <Form form>
GYRO_INLINE void secondWeightsBody(const PairRun& run, const SecondRun& second, const double* dys,
                                   const FirstWeights& first, const SecondWeights& out) {
  for (size_t j = 0; j < run.count; j += kLanes) {
    const Pairs at = pairsAt(run, j);
    const Doubles qAlong = loadLanes(second.qAlong + j);
    const Doubles ab = run.a * at.b;
    const Doubles abAlong = second.aAlong * at.b + run.a * loadLanes(second.bAlong + j);
    const Doubles uAlong = qAlong * ab + at.q * abAlong;
    const Doubles slope = slopeOf<form>(run.law.curvature, at.u, at.w);
    const Doubles slopeAlong = bendOf<form>(run.law.curvature, at.u, slope) * uAlong;
    const Doubles dy = loadLanes(dys + j);
    storeLanes(first.toPoint + j, 2.0 * dy * slope * ab);
    storeLanes(first.toScalar + j, dy * slope * at.q);
    storeLanes(out.along + j, slope * uAlong);
    storeLanes(out.toPointAlong + j, 2.0 * dy * (slopeAlong * ab + slope * abAlong));
    storeLanes(out.toScalarAlong + j, dy * (slopeAlong * at.q + slope * qAlong));
  }
}

GYRO_INLINE void tileAlongBody(const double* x, const double* v, const double* y, const double* w, int size,
                               double* out) {
  constexpr int kRows = 4;
  Doubles sums[kRows] = {};
  for (int k = 0; k < size; k++) {
    const Doubles yk = loadLanes(y + k * kLanes);
    const Doubles wk = loadLanes(w + k * kLanes);
    for (int i = 0; i < kRows; i++) sums[i] += (x[k * kRows + i] - yk) * (v[k * kRows + i] - wk);
  }
  for (int i = 0; i < kRows; i++) storeLanes(out + i * kLanes, sums[i] + sums[i]);
}

/** Sums of kRows x kVectors stay in registers. */
template <int kRows, int kVectors>
GYRO_INLINE void multiplyTile(const double* W, size_t rowStep, size_t sumStep, size_t sums, const double* B,
                              size_t stride, double* out) {
  Doubles tile[kRows][kVectors];
  for (int r = 0; r < kRows; r++)
    for (int c = 0; c < kVectors; c++) tile[r][c] = loadLanes(out + r * stride + c * kLanes);
  for (size_t s = 0; s < sums; s++) {
    Doubles row[kVectors];
    for (int c = 0; c < kVectors; c++) row[c] = loadLanes(B + s * stride + c * kLanes);
    for (int r = 0; r < kRows; r++) {
      const double weight = W[r * rowStep + s * sumStep];
      for (int c = 0; c < kVectors; c++) tile[r][c] += weight * row[c];
    }
  }
  for (int r = 0; r < kRows; r++)
    for (int c = 0; c < kVectors; c++) storeLanes(out + r * stride + c * kLanes, tile[r][c]);
}

/** Rows of B that stay in the cache while every row of the result passes over them. */
constexpr size_t kSumBlock = 256;

template <int kVectors>
GYRO_INLINE void multiplyBody(const double* W, size_t rowStep, size_t sumStep, size_t rows, size_t sums,
                              const double* B, size_t stride, double* out) {
  for (size_t from = 0; from < sums; from += kSumBlock) {
    const size_t block = std::min(kSumBlock, sums - from);
    for (size_t k = 0; k + kLanes < stride; k += kVectors * kLanes) {
      const double* panel = B + from * stride + k;
      size_t r = 0;
      for (; r + 4 <= rows; r += 4) {
        multiplyTile<4, kVectors>(W + r * rowStep + from * sumStep, rowStep, sumStep, block, panel, stride,
                                  out + r * stride + k);
      }
      for (; r < rows; r++) {
        multiplyTile<1, kVectors>(W + r * rowStep + from * sumStep, rowStep, sumStep, block, panel, stride,
                                  out + r * stride + k);
      }
    }
  }
}

GYRO_INLINE double productBody(const double* x, const double* y, size_t count) {
  Doubles sum{};
  for (size_t j = 0; j < count; j += kLanes) sum += loadLanes(x + j) * loadLanes(y + j);
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

GYRO_INLINE void columnSumsBody(const double* W, size_t step, size_t sums, const double* scale, size_t count,
                                double* out) {
  for (size_t j = 0; j < count; j += kLanes) {
    Doubles sum = loadLanes(out + j);
    for (size_t s = 0; s < sums; s++) sum += loadLanes(W + s * step + j) * (scale ? scale[s] : 1.0);
    storeLanes(out + j, sum);
  }
}

#define GYRO_FORMS(call)                              \
  switch (run.law.form) {                             \
    case Form::hyperbolic: return call(hyperbolic);   \
    case Form::flat: return call(flat);               \
    case Form::spherical: return call(spherical);     \
    case Form::cosine: return call(cosine);           \
  }

#define GYRO_VARIANT(name, target, vectors)                                                                      \
  target void complements_##name(const PairRun& run, double* w) { complementsBody(run, w); }                     \
  target void distances_##name(const PairRun& run, double* d) {                                                  \
    GYRO_FORMS(GYRO_DISTANCES)                                                                                   \
  }                                                                                                              \
  target void curvatureSlopes_##name(const PairRun& run, double* out) {                                          \
    GYRO_FORMS(GYRO_CURVATURE)                                                                                   \
  }                                                                                                              \
  target void firstWeights_##name(const PairRun& run, const double* dy, const FirstWeights& out) {               \
    GYRO_FORMS(GYRO_FIRST)                                                                                       \
  }                                                                                                              \
  target void secondWeights_##name(const PairRun& run, const SecondRun& second, const double* dy,                \
                                   const FirstWeights& first, const SecondWeights& out) {                        \
    GYRO_FORMS(GYRO_SECOND)                                                                                      \
  }                                                                                                              \
  target void tileAlong_##name(const double* x, const double* v, const double* y, const double* w, int size,     \
                               double* out) {                                                                    \
    tileAlongBody(x, v, y, w, size, out);                                                                        \
  }                                                                                                              \
  target void multiply_##name(const double* W, size_t rowStep, size_t sumStep, size_t rows, size_t sums,         \
                              const double* B, size_t stride, double* out) {                                     \
    multiplyBody<vectors>(W, rowStep, sumStep, rows, sums, B, stride, out);                                      \
  }                                                                                                              \
  target double product_##name(const double* x, const double* y, size_t count) {                                 \
    return productBody(x, y, count);                                                                             \
  }                                                                                                              \
  target void columnSums_##name(const double* W, size_t step, size_t sums, const double* scale, size_t count,    \
                                double* out) {                                                                   \
    columnSumsBody(W, step, sums, scale, count, out);                                                            \
  }                                                                                                              \
  const PairKernels kernels_##name = {complements_##name,   distances_##name, curvatureSlopes_##name,            \
                                      firstWeights_##name,  secondWeights_##name, tileAlong_##name,              \
                                      multiply_##name,      product_##name, columnSums_##name};

#define GYRO_DISTANCES(form) distancesBody<Form::form>(run, d)
#define GYRO_CURVATURE(form) curvatureSlopesBody<Form::form>(run, out)
#define GYRO_FIRST(form) firstWeightsBody<Form::form>(run, dy, out)
#define GYRO_SECOND(form) secondWeightsBody<Form::form>(run, second, dy, first, out)

// The widest result that the registers hold: the sums of one number do not depend on it.
GYRO_VARIANT(portable, , 1)
#if GYRO_X86
GYRO_VARIANT(avx2, GYRO_AVX2, 1)
GYRO_VARIANT(avx512, GYRO_AVX512, 2)
#endif

const PairKernels& choose() {
#if GYRO_X86
  if (hasAvx512()) return kernels_avx512;
  if (hasAvx2()) return kernels_avx2;
#endif
  return kernels_portable;
}

}  // namespace

const PairKernels& pairKernels() {
  static const PairKernels& chosen = choose();
  return chosen;
}

}  // namespace gyro
