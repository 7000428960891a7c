#pragma once

#include <cstddef>
#include <vector>

namespace gyro {

/** A matrix of pairs, row after row, and what it is multiplied by. */
struct Weighted {
  const float* values;
  float factor;
};

/** out = Σ factor values, in float32 and in the order given; out may be none of the values. */
void weightedSum(const std::vector<Weighted>& parts, size_t length, int threads, float* out);

}  // namespace gyro
