#include "kernels.h"

#include <cstring>

#include "targets.h"

namespace gyro {
namespace {

typedef double RowLanes __attribute__((vector_size(64)));
static_assert(sizeof(RowLanes) == kTileRows * sizeof(double), "a tile's rows fill one vector");

struct SquaredDifference {
  template <class V>
  GYRO_INLINE void add(V& sum, V a, V b) {
    const V difference = a - b;
    sum += difference * difference;
  }
};
struct NegativeProduct {
  template <class V>
  GYRO_INLINE void add(V& sum, V a, V b) {
    sum -= a * b;
  }
};

/** The sums stay in registers: 4 x 8 doubles are 4 registers of AVX-512, 8 of AVX2. */
template <class Term>
GYRO_INLINE void tileBody(const double* queries, const double* rows, int columns, double* out) {
  RowLanes sums[kTileQueries] = {};
  for (int k = 0; k < columns; k++) {
    RowLanes row;
    std::memcpy(&row, rows + k * kTileRows, sizeof row);
    for (int q = 0; q < kTileQueries; q++) {
      const RowLanes query = queries[k * kTileQueries + q] - RowLanes{};
      Term::add(sums[q], query, row);
    }
  }
  std::memcpy(out, sums, sizeof sums);
}

#define GYRO_VARIANT(name, target)                                                              \
  target void tileSquares_##name(const double* q, const double* r, int n, double* out) {        \
    tileBody<SquaredDifference>(q, r, n, out);                                                  \
  }                                                                                             \
  target void tileProducts_##name(const double* q, const double* r, int n, double* out) {       \
    tileBody<NegativeProduct>(q, r, n, out);                                                    \
  }                                                                                             \
  const Kernels kernels_##name = {tileSquares_##name, tileProducts_##name};

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

}  // namespace

const Kernels& kernels() {
  static const Kernels& chosen = choose();
  return chosen;
}

}  // namespace gyro
