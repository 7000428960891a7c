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

/** Four vectors of sums, because one alone would wait for its own addition; then a fixed order of reduction. */
template <class Term, class T>
GYRO_INLINE T pairBody(const T* a, const T* b, int padded) {
  typedef T Lanes __attribute__((vector_size(kPad * sizeof(T))));
  Lanes sums[4] = {};
  int turn = 0;
  const auto step = [&](int k, int i) __attribute__((always_inline)) {
    Lanes x;
    Lanes y;
    std::memcpy(&x, a + k, sizeof x);
    std::memcpy(&y, b + k, sizeof y);
    Term::add(sums[i], x, y);
  };
  int k = 0;
  for (; k + 4 * kPad <= padded; k += 4 * kPad) {
    for (int i = 0; i < 4; i++) step(k + i * kPad, i);
  }
  for (; k < padded; k += kPad) step(k, turn++);
  const Lanes all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  return ((all[0] + all[1]) + (all[2] + all[3])) + ((all[4] + all[5]) + (all[6] + all[7]));
}

#define GYRO_VARIANT(name, target)                                                              \
  target void tileSquares_##name(const double* q, const double* r, int n, double* out) {        \
    tileBody<SquaredDifference>(q, r, n, out);                                                  \
  }                                                                                             \
  target void tileProducts_##name(const double* q, const double* r, int n, double* out) {       \
    tileBody<NegativeProduct>(q, r, n, out);                                                    \
  }                                                                                             \
  target float squares_##name(const float* a, const float* b, int n) {                          \
    return pairBody<SquaredDifference>(a, b, n);                                                \
  }                                                                                             \
  target float products_##name(const float* a, const float* b, int n) {                         \
    return pairBody<NegativeProduct>(a, b, n);                                                  \
  }                                                                                             \
  target double wideSquares_##name(const double* a, const double* b, int n) {                   \
    return pairBody<SquaredDifference>(a, b, n);                                                \
  }                                                                                             \
  const Kernels kernels_##name = {tileSquares_##name, tileProducts_##name, squares_##name,      \
                                  products_##name, wideSquares_##name};

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
