#pragma once

#include <cstddef>

namespace gyro {

/** Row-major [n, m]: distances of anchors to references, and masks, of which an entry above 0 is a one. */
struct TripletInput {
  const float* distances;
  const float* positives;
  const float* negatives;
  size_t n;
  size_t m;
  double margin;
  int threads;
};

struct TripletSums {
  float* sums;    // [n]
  float* active;  // [n]
  float* slope;   // [n, m]
};

/**
 * For each anchor Σ max(0, v) over its triplets, v = d_ap - d_an + margin, how many v are above 0, and the derivatives of
 * the sum to its distances. A sum is added up in float64, in the order of the columns: no number of threads changes a
 * bit of it. It is NaN where a distance of its triplets is NaN, which itself is in no triplet above 0, and never finite
 * where one of them is not.
 */
void rankTriplets(const TripletInput& input, const TripletSums& out);

}  // namespace gyro
