#include "rowTerms.h"

#include "../parallel.h"
#include "rowHinges.h"
#include "rowSoftmax.h"

namespace gyro {
namespace {

/** Rows that a thread takes at a time. */
constexpr size_t kRows = 16;

template <class V>
using LinearHinges = Hinges<1, V>;
template <class V>
using SquaredHinges = Hinges<2, V>;

struct RowKernel {
  RowSizes sizes;
  void (*terms)(const RowView& row, const double* parameters, const Column<float>& out);
  void (*slopes)(const RowView& row, const double* parameters, const Column<const float>& terms,
                 const Column<const float>& pulls, float* out);
};

struct RowKernels {
  RowKernel laws[kRowLaws];
  void (*masks)(int32_t label, const int32_t* references, size_t m, float* positives, float* negatives);
};

GYRO_INLINE void masksBody(int32_t label, const int32_t* references, size_t m, float* positives, float* negatives) {
  for (size_t j = 0; j < m; j++) {
    const float same = references[j] == label ? 1.0f : 0.0f;
    positives[j] = same;
    negatives[j] = 1.0f - same;
  }
}

#define GYRO_TERMS(law, name, target, V)                                                                    \
  target void law##Terms_##name(const RowView& row, const double* parameters, const Column<float>& out) {   \
    law<V>::terms(row, parameters, out);                                                                    \
  }
#define GYRO_SLOPES(law, name, target, V)                                                                   \
  target void law##Slopes_##name(const RowView& row, const double* parameters,                              \
                                 const Column<const float>& terms, const Column<const float>& pulls,        \
                                 float* out) {                                                              \
    law<V>::slopes(row, parameters, terms, pulls, out);                                                     \
  }
#define GYRO_LAW(law, name, target, V) \
  GYRO_TERMS(law, name, target, V)     \
  GYRO_SLOPES(law, name, target, V)
#define GYRO_SIZES(law) {law<Floats4>::kTerms, law<Floats4>::kPulls, law<Floats4>::kParameters}
#define GYRO_ENTRY(law, name) {GYRO_SIZES(law), law##Terms_##name, law##Slopes_##name}

#define GYRO_VARIANT(name, target, V)                                                                         \
  GYRO_LAW(LogSums, name, target, V)                                                                          \
  GYRO_LAW(Softplus, name, target, V)                                                                         \
  GYRO_LAW(LinearHinges, name, target, V)                                                                     \
  GYRO_LAW(SquaredHinges, name, target, V)                                                                    \
  GYRO_LAW(RankedMeans, name, target, V)                                                                      \
  GYRO_TERMS(Sums, name, target, V)                                                                           \
  target void masks_##name(int32_t label, const int32_t* references, size_t m, float* positives,              \
                           float* negatives) {                                                                \
    masksBody(label, references, m, positives, negatives);                                                    \
  }                                                                                                           \
  const RowKernels kernels_##name = {                                                                         \
      {GYRO_ENTRY(LogSums, name), GYRO_ENTRY(Softplus, name), GYRO_ENTRY(LinearHinges, name),                 \
       GYRO_ENTRY(SquaredHinges, name), GYRO_ENTRY(RankedMeans, name), {GYRO_SIZES(Sums), SumsTerms_##name, nullptr}}, \
      masks_##name};

GYRO_VARIANT(Portable, , Floats4)
#if GYRO_X86
GYRO_VARIANT(Avx2, GYRO_AVX2, Floats8)
GYRO_VARIANT(Avx512, GYRO_AVX512, Floats16)
#endif

const RowKernels& choose() {
#if GYRO_X86
  if (hasAvx512()) return kernels_Avx512;
  if (hasAvx2()) return kernels_Avx2;
#endif
  return kernels_Portable;
}

const RowKernels& rowKernels() {
  static const RowKernels& chosen = choose();
  return chosen;
}

template <class Work>
void forRows(size_t n, int threads, Work&& work) {
  parallelFor(threads, (n + kRows - 1) / kRows, [&](size_t block) {
    const size_t end = std::min(n, (block + 1) * kRows);
    for (size_t i = block * kRows; i < end; i++) work(i);
  });
}

RowView rowOf(const PairTable& table, size_t i) {
  const size_t from = i * table.m;
  return {table.distances + from, table.positives + from, table.negatives + from, table.m};
}

}  // namespace

RowSizes rowSizes(RowLaw law) { return kernels_Portable.laws[static_cast<size_t>(law)].sizes; }

void rowTerms(RowLaw law, const PairTable& table, const double* parameters, float* terms) {
  const auto kernel = rowKernels().laws[static_cast<size_t>(law)].terms;
  forRows(table.n, table.threads,
          [&](size_t i) { kernel(rowOf(table, i), parameters, Column<float>{terms + i, table.n}); });
}

void rowSlopes(RowLaw law, const PairTable& table, const double* parameters, const float* terms, const float* pulls,
               float* slopes) {
  const auto kernel = rowKernels().laws[static_cast<size_t>(law)].slopes;
  forRows(table.n, table.threads, [&](size_t i) {
    const Column<const float> ofRow{terms + i, table.n};
    kernel(rowOf(table, i), parameters, ofRow, Column<const float>{pulls + i, table.n}, slopes + i * table.m);
  });
}

void labelMasks(const Labels& labels, const Labels& references, bool themselves, int threads, float* positives,
                float* negatives) {
  const auto masks = rowKernels().masks;
  const size_t m = references.count;
  forRows(labels.count, threads, [&](size_t i) {
    masks(labels.values[i], references.values, m, positives + i * m, negatives + i * m);
    if (themselves) positives[i * m + i] = 0;
  });
}

}  // namespace gyro
