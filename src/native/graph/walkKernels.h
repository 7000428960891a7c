#pragma once

#include "../space.h"

namespace gyro {

/** Points whose distances to a query are computed together. */
constexpr int kWalkLanes = 16;

/** Sums over the columns of up to kWalkLanes rows in float32; 64 bytes beyond each row must be readable. */
struct WalkKernels {
  /** out[i] = Σ_k (q[k] - rows[i][k])². */
  void (*squares)(const float* q, const float* const* rows, int count, int columns, float* out);
  /** out[i] = Σ_k (q[k] - scales[i] rows[i][k])². */
  void (*scaledSquares)(const float* q, const float* const* rows, const float* scales, int count, int columns,
                        float* out);
  /** out[i] = -Σ_k q[k] rows[i][k]. */
  void (*products)(const float* q, const float* const* rows, int count, int columns, float* out);
  /** As scaledSquares, in float64. */
  void (*wideSquares)(const double* q, const float* const* rows, const double* scales, int count, int columns,
                      double* out);
  /**
   * From u of chord.h to the leaf's distance, in place; values up to the next multiple of kWalkLanes are
   * overwritten.
   */
  void (*distances)(const Space& leaf, int count, float* u);
};

/** The variants for this processor. Those with FMA round a product and its sum once: see pairwiseLanes.h. */
const WalkKernels& walkKernels();

}  // namespace gyro
