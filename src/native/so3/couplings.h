#pragma once

#include <cstddef>
#include <cstdint>

namespace gyro {

/** A sparse bilinear map of rows, out[r] = Σ_t coefficients[t] a[factors[t]] b[others[t]], t from starts[r] to starts[r + 1]. */
struct Couplings {
  const int32_t* starts;
  const int32_t* factors;
  const int32_t* others;
  const float* coefficients;
  size_t outRows;
  size_t aRows;
  size_t bRows;
};

/**
 * Rows of `columns` floats, one after the other; each column on its own. Sums are in the order of the plan, multiplied and
 * added in one rounding where the processor can. The result does not depend on the number of threads.
 */
void couple(const Couplings& plan, const float* a, const float* b, size_t columns, int threads, float* out);

}  // namespace gyro
