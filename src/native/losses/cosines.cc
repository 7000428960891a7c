#include "cosines.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "gemm.h"
#include "../pairs/pairwiseLanes.h"
#include "../parallel.h"

namespace gyro {
namespace {

/** Values that a thread takes at a time. */
constexpr size_t kShare = size_t{1} << 15;
constexpr double kNoDirection = 1e-30;

/** Sums over a row by whole vectors; zeros beyond its end add nothing. */
template <class Term>
GYRO_INLINE double rowSum(size_t count, Term&& term) {
  Doubles sum{};
  for (size_t k = 0; k < count; k += kLanes) sum += term(k, count - k);
  return sumOfLanes(sum);
}

GYRO_INLINE double dotBody(const float* x, const float* y, size_t count) {
  return rowSum(count, [&](size_t k, size_t left) __attribute__((always_inline)) {
    return widenLanes(x + k, left) * widenLanes(y + k, left);
  });
}
GYRO_INLINE double chordBody(const float* x, double a, const float* y, double b, size_t count) {
  return rowSum(count, [&](size_t k, size_t left) __attribute__((always_inline)) {
    const Doubles difference = widenLanes(x + k, left) * a - widenLanes(y + k, left) * b;
    return difference * difference;
  });
}
/** to = scale (to - along x). */
GYRO_INLINE void projectBody(const float* x, float scale, float along, float* to, size_t count) {
  for (size_t k = 0; k < count; k++) to[k] = scale * (to[k] - along * x[k]);
}

struct Kernels {
  double (*dot)(const float* x, const float* y, size_t count);
  double (*chord)(const float* x, double a, const float* y, double b, size_t count);
  void (*project)(const float* x, float scale, float along, float* to, size_t count);
};

#define GYRO_VARIANT(name, target)                                                                       \
  target double dot_##name(const float* x, const float* y, size_t count) { return dotBody(x, y, count); } \
  target double chord_##name(const float* x, double a, const float* y, double b, size_t count) {         \
    return chordBody(x, a, y, b, count);                                                                 \
  }                                                                                                      \
  target void project_##name(const float* x, float scale, float along, float* to, size_t count) {        \
    projectBody(x, scale, along, to, count);                                                             \
  }                                                                                                      \
  const Kernels kernels_##name = {dot_##name, chord_##name, project_##name};

GYRO_VARIANT(portable, )
#if GYRO_X86
GYRO_VARIANT(avx2, GYRO_AVX2)
GYRO_VARIANT(avx512, GYRO_AVX512)
#endif

const Kernels& choose() {
#if GYRO_X86
  if (hasAvx512()) return kernels_avx512;
  if (hasAvx2()) return kernels_avx2;
#endif
  return kernels_portable;
}

const Kernels& kernels() {
  static const Kernels& chosen = choose();
  return chosen;
}

template <class Work>
void overRows(int threads, size_t rows, size_t columns, Work&& work) {
  const size_t together = std::max<size_t>(1, kShare / std::max<size_t>(1, columns));
  parallelFor(threads, (rows + together - 1) / together, [&](size_t item) {
    const size_t end = std::min(rows, (item + 1) * together);
    for (size_t i = item * together; i < end; i++) work(i);
  });
}

/** 1 / norm, or 0 without a direction; NaN stays. */
double inverseNorm(double norm) { return norm < kNoDirection ? 0.0 : 1 / norm; }

/** Rows of one side, each times `scales`: 1 / norm of a unit side. */
struct Side {
  const float* rows;
  size_t count;
  size_t columns;
  std::vector<float> scales;

  Side(const float* values, size_t n, const CosineInput& in, bool unit)
      : rows(values), count(n), columns(in.columns), scales(n, 1.0f) {
    if (!unit) return;
    overRows(in.threads, n, columns, [&](size_t i) {
      const float* row = rows + i * columns;
      scales[i] = static_cast<float>(inverseNorm(std::sqrt(kernels().dot(row, row, columns))));
    });
  }
  Operand byRow() const { return {rows, columns, 1, scales.data(), nullptr}; }
  Operand byColumn() const { return {rows, 1, columns, nullptr, scales.data()}; }

  /** From gradients to the scaled rows, without `factor`, to those of the rows: of a unit side, the part across each. */
  void pullBack(const CosineInput& in, bool unit, const float* multiples, float* gradients) const {
    const float factor = static_cast<float>(in.factor);
    overRows(in.threads, count, columns, [&](size_t i) {
      const float* row = rows + i * columns;
      float* to = gradients + i * columns;
      const double scale = scales[i];
      double along = 0;
      if (unit) along = scale * scale * kernels().dot(row, to, columns);
      else if (multiples) along = -multiples[i] / in.factor;
      kernels().project(row, scales[i] * factor, static_cast<float>(along), to, columns);
    });
  }
};

}  // namespace

void cosineLogits(const CosineInput& in, float* logits) {
  Side items(in.items, in.n, in, in.unitItems);
  Side vectors(in.vectors, in.m, in, in.unitVectors);
  for (float& scale : vectors.scales) scale *= static_cast<float>(in.factor);
  addProduct({items.byRow(), vectors.byRow(), in.n, in.m, in.columns, logits, in.threads});
}

void cosineGradients(const CosineInput& in, const CosinePull& pull, float* toItems, float* toVectors) {
  const Side items(in.items, in.n, in, in.unitItems);
  const Side vectors(in.vectors, in.m, in, in.unitVectors);
  const Operand byItem{pull.entries, in.m, 1, pull.rows, nullptr};
  const Operand byVector{pull.entries, 1, in.m, nullptr, pull.rows};
  addProduct({byItem, vectors.byColumn(), in.n, in.columns, in.m, toItems, in.threads});
  addProduct({byVector, items.byColumn(), in.m, in.columns, in.n, toVectors, in.threads});
  items.pullBack(in, in.unitItems, pull.itemMultiples, toItems);
  if (toVectors != toItems) vectors.pullBack(in, in.unitVectors, pull.vectorMultiples, toVectors);
}

void ownAngles(const CosineInput& in, const OwnClasses& own, const OwnAngles& out) {
  const size_t d = in.columns;
  const auto norms = [&](const float* rows, size_t count, double* to) {
    overRows(in.threads, count, d, [&](size_t i) {
      to[i] = std::sqrt(kernels().dot(rows + i * d, rows + i * d, d));
    });
  };
  norms(in.items, in.n, out.itemNorms);
  norms(in.vectors, in.m, out.vectorNorms);
  overRows(in.threads, in.n, d * own.centers, [&](size_t i) {
    const int32_t label = own.labels[i];
    double nearest = std::numeric_limits<double>::infinity();
    if (label < 0 || static_cast<size_t>(label) >= in.m / own.centers) {
      nearest = std::numeric_limits<double>::quiet_NaN();
    } else {
      const double a = inverseNorm(out.itemNorms[i]);
      for (size_t j = label * own.centers; j < (label + 1) * own.centers; j++) {
        const double b = inverseNorm(out.vectorNorms[j]);
        const bool apart = a == 0 || b == 0;
        const double chord = apart ? 2 : kernels().chord(in.items + i * d, a, in.vectors + j * d, b, d);
        // Anything but a larger one: NaN stays.
        if (!(chord >= nearest)) nearest = chord;
      }
    }
    out.chords[i] = nearest;
  });
}

}  // namespace gyro
