#pragma once

#include "../space.h"
#include "points.h"

namespace gyro {

/** Points whose distances to a query are computed together. */
constexpr int kWalkLanes = 16;

/**
 * Sums over the columns [column, column + columns) of up to kWalkLanes points in float32, y the point's values there;
 * q begins at the first of them. 64 bytes beyond each row must be readable. Where a sum is no number it is infinite.
 */
struct WalkKernels {
  /** out[i] = Σ_k (q[k] - y[k])². */
  void (*squares)(const float* q, const Point* points, int column, int count, int columns, float* out);
  /** out[i] = factor · points[i].scalars[slot] · Σ_k (q[k] - y[k])². */
  void (*ballSquares)(const float* q, const Point* points, int column, int count, int columns, float factor,
                      int slot, float* out);
  /** out[i] = Σ_k (q[k] - y[k] / points[i].scalars[slot])². */
  void (*directionSquares)(const float* q, const Point* points, int column, int count, int columns, int slot,
                           float* out);
  /** out[i] = -Σ_k q[k] y[k]. */
  void (*products)(const float* q, const Point* points, int column, int count, int columns, float* out);
  /** out[i] = Σ_k (q[k] - scales[i] y[k])², in float64. */
  void (*wideSquares)(const double* q, const Point* points, int column, const double* scales, int count,
                      int columns, double* out);
  /**
   * From u of chord.h to the leaf's distance, in place; values up to the next multiple of kWalkLanes are
   * overwritten.
   */
  void (*distances)(const Space& leaf, int count, float* u);
};

/** The variants for this processor. Those with FMA round a product and its sum once: see pairwiseLanes.h. */
const WalkKernels& walkKernels();

}  // namespace gyro
