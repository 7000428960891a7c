#pragma once

#include <cstddef>
#include <cstdint>

namespace gyro {

/** Numbers an anchor: the columns of ROW_COLUMNS in rowQuality.ts, in its order. */
constexpr size_t kQualityColumns = 25;
/** Grades of a distance: places in a provisional order of all distances. */
constexpr size_t kGrades = size_t{1} << 16;

/** A rising, piecewise linear function from distances to grades; `table` has a value at each of `cells` + 1 knots. */
struct GradeMap {
  double low;
  double perUnit;
  const double* table;
  size_t cells;
};

/** Distances a of inputs and b of codes from some anchors to all rows. */
struct QualityInput {
  const double* inputs;  // [count, n]
  const double* codes;   // [count, n]
  size_t n;
  const int32_t* anchors;  // [count], the row that each of them is
  size_t count;
  size_t k;
  double scale;       // a factor of b that comes near the best one
  double inputShift;  // near the mean of a
  double codeShift;   // near the mean of b
  GradeMap inputGrades;
  GradeMap codeGrades;
  bool upper;  // grades of the pairs with j > i alone
  int threads;
};

struct QualityOutput {
  double* columns;  // [count, kQualityColumns]
  int32_t* places;  // [count, 2]: the row of the largest and of the smallest b / a
  // Added to, whole numbers all of them, so that no order of adding matters: pairs of each grade of a, the sum of their
  // grades of b, and the other way round.
  double* inputCounts;  // [kGrades]
  double* inputSums;
  double* codeCounts;
  double* codeSums;
};

/** Each anchor by itself: no number of threads changes a bit. An anchor with a distance that is no finite number >= 0 has
 * NaN in its first column, and nothing else of it is of use. */
void rowQuality(const QualityInput& input, const QualityOutput& out);

}  // namespace gyro
