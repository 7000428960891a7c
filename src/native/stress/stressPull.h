#pragma once

#include <cstddef>

namespace gyro {

/** Points whose distances d should come near δ. */
struct StressInput {
  const double* points;  // [n, dim]
  const double* delta;  // [n, n], symmetric, 0 on the diagonal
  const double* weights;  // [n, n], symmetric; none: 1 for all pairs
  size_t n;
  size_t dim;
  int threads;
};

/**
 * pull [n, dim]: Σ_j w (1 - δ/d) (x_i - x_j), coincident points left out. terms [n]: Σ_j w (d - δ)², each pair in two of
 * them. Each row by itself, in an order of its own: no number of threads changes a bit.
 */
void stressPull(const StressInput& input, double* pull, double* terms);

}  // namespace gyro
