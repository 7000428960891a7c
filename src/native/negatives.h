#pragma once

#include <cstddef>
#include <cstdint>

namespace gyro {

/** Distances from anchors to all items: row i - first belongs to item i. */
struct NegativesInput {
  const float* distances;  // rows of m
  const int32_t* classes;  // [m]
  size_t m;
  const int32_t* anchors;  // [n] items, ascending, each with another of its class and one of another class
  size_t n;
  int32_t first;
  size_t depth;
  double quantile;
  const double* temperatures;
  size_t temperatureCount;
  int threads;
};

/** See Scan in evaluation/negatives, of which these are one arm's columns. */
struct NegativesOutput {
  int32_t* nearest;  // [n, depth], -1 beyond the last
  double* distances;  // [n, depth], NaN beyond the last
  double* variance;  // [n], not finite where a distance is not
  double* expected;  // [n]
  int32_t* counts;  // [n, 3]: negatives, those nearer than the nearest positive, those within reach
  double* sums;  // [n, temperatures, 4]: p, mass, effective, effective by entropy; NaN where a distance is not finite
};

/** In float64, each anchor by itself: no number of threads changes a bit. */
void measureNegatives(const NegativesInput& input, const NegativesOutput& out);

}  // namespace gyro
