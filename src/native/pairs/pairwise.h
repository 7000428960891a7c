#pragma once

#include "pairwiseChart.h"

namespace gyro {

/**
 * Distances between float32 points with first and second derivatives in closed form, computed in float64 and, between
 * near points, from coordinate differences: exact to float32 at any distance and at the edge of a ball. No result
 * depends on the number of threads, and no distance on other pairs. Every processor that multiplies and adds in one
 * rounding gives the same bits, others the same to float32's rounding. Between coincident points, and between
 * antipodes, derivatives are 0. Pairs whose pull is 0 may be passed over in gradients.
 */
struct PairInput {
  Chart chart;
  const float* x;  // [n, columns]
  size_t n;
  const float* y;  // [m, columns]
  size_t m;
  int threads;
};

struct PairGradients {
  float* x;           // [n, columns]
  float* y;           // [m, columns]
  double* curvature;  // one value, or null where it is not asked for
};

/** The derivatives of Σ (gradient to x) vx + Σ (gradient to y) vy. */
struct PairSecond {
  const float* vx;
  const float* vy;
  float* x;
  float* y;
  float* dy;
};

/** d [n, m] of every row of x to every row of y; dy [n, m] is the pull on each. */
void allDistances(const PairInput& input, float* d);
void allGradients(const PairInput& input, const float* dy, const PairGradients& out);
void allSecond(const PairInput& input, const float* dy, const PairSecond& out);

/**
 * The same for x to itself, where y is x. Every two rows are met once, and what is found is written both ways: the bits
 * are those of allDistances. A pull on either pair of two rows is one on both, and toX is the sum over both sides.
 * @param curvature one value, or null where it is not asked for
 */
void selfDistances(const PairInput& input, float* d);
void selfGradients(const PairInput& input, const float* dy, float* toX, double* curvature);
void selfSecond(const PairInput& input, const float* dy, const float* v, float* toX, float* toDy);

/** The same for row i of x and row i of y, n = m: d and dy are [n]. */
void rowDistances(const PairInput& input, float* d);
void rowGradients(const PairInput& input, const float* dy, const PairGradients& out);
void rowSecond(const PairInput& input, const float* dy, const PairSecond& out);

}  // namespace gyro
