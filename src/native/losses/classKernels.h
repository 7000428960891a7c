#pragma once

#include <cstddef>

namespace gyro {

/** Rows are padded to a multiple of it, with -infinity where nothing may be added. */
constexpr size_t kRowLanes = 16;
/** Columns that are summed side by side. */
constexpr size_t kStripe = 64;

/** All variants add in the same order. */
struct ClassKernels {
  /** The largest of `count` values, a multiple of kRowLanes; NaN is passed over. */
  float (*top)(const float* values, size_t count);
  /** values become exp(values - top), of which the sum is returned. */
  double (*powers)(float* values, size_t count, float top);
  /** The sum of their squares, of any count. */
  double (*squares)(const float* values, size_t count);
  void (*scaled)(const float* values, float factor, float* to, size_t count);
  /** tops[c] = max(tops[c], row[c]) over a stripe; NaN is passed over. */
  void (*raise)(const float* row, float* tops);
  /** row[c] becomes exp(row[c] - tops[c]), and is added to sums[c]. */
  void (*stripePowers)(float* row, const float* tops, float* sums);
};

/** The variants for this processor. */
const ClassKernels& classKernels();

}  // namespace gyro
