#pragma once

#include <cstddef>
#include <cstdint>

namespace gyro {

/**
 * Items [n, columns] against vectors [m, columns], row-major: factor x·w, where a side that is `unit` has each row divided
 * by its norm. A row whose norm is below 1e-30, which has no direction in float32, is one of zeros then, and its gradient
 * is 0. Norms are summed in float64, products in float32; no result depends on the number of threads.
 */
struct CosineInput {
  const float* items;
  size_t n;
  const float* vectors;
  size_t m;
  size_t columns;
  double factor;
  bool unitItems;
  bool unitVectors;
  int threads;
};

/** Added to logits [n, m]. */
void cosineLogits(const CosineInput& input, float* logits);

/** Pulls on the logits, entries [n, m] times rows [n]; and multiples of the rows of a side that is not unit. */
struct CosinePull {
  const float* entries;
  const float* rows;            // or null: 1
  const float* itemMultiples;    // [n], or null
  const float* vectorMultiples;  // [m], or null
};

/**
 * Gradients to both sides, [n, columns] and [m, columns], which must be 0, with the multiples added. Where both sides are
 * the same rows, `toVectors` may be `toItems`, which becomes the sum of both.
 */
void cosineGradients(const CosineInput& input, const CosinePull& pull, float* toItems, float* toVectors);

/** labels [n]: vectors label * centers to label * centers + centers - 1 are those of the item's own class. */
struct OwnClasses {
  const int32_t* labels;
  size_t centers;
};

struct OwnAngles {
  /** [n]: the squared chord 2 - 2 cos to the nearest vector of the own class; 2 where a row has no direction, NaN where
   *  the class does not exist. */
  double* chords;
  double* itemNorms;    // [n]
  double* vectorNorms;  // [m]
};

/** In float64 from differences of unit rows, so that small angles keep their digits. Of the input only the rows count. */
void ownAngles(const CosineInput& input, const OwnClasses& own, const OwnAngles& out);

}  // namespace gyro
