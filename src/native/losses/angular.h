#pragma once

#include <cstddef>
#include <vector>

namespace gyro {

/**
 * Row-major [n, n]: distances of a batch to itself, and masks, of which an entry above 0 is a pair that counts so often.
 * With s = zero - d, negative k of anchor i adds exp(scales[k] (s_ik + s_pk) - pull s_ip) to the sum of its positive p.
 */
struct AngularInput {
  const float* distances;
  const float* positives;
  const float* negatives;
  const float* scales;  // [n]
  size_t n;
  float zero;
  double pull;
  int threads;
};

struct AngularSums {
  float* sums;    // [n]
  float* active;  // [n]
  float* counts;  // [n]
};

struct AngularGradients {
  float* distances;  // [n, n]
  float* scales;     // [n]
};

/**
 * For each anchor the sum over its positives of log(1 + Σ), how many of these are above 0, and of how many. Exponentials
 * are float32 to 2 ulp, sums float64 over at most 256 columns of float32 each, in the order of the columns: no number of
 * threads changes a bit of it. NaN where a distance of the anchor's pairs, or of its positives to its negatives, is NaN.
 * @returns the logarithms, positive after positive by ascending row and column, for `angularGradients`
 */
std::vector<float> angularSums(const AngularInput& input, const AngularSums& out);

/**
 * Derivatives of Σ dy_i sums_i. Blocks of columns are done apart, so that no two threads add to one number.
 * @param logarithms of angularSums @param dy [n]
 * @throws std::invalid_argument unless there is a logarithm for each positive
 */
void angularGradients(const AngularInput& input, const float* logarithms, size_t count, const float* dy,
                      const AngularGradients& out);

}  // namespace gyro
