#pragma once

#include <cstddef>
#include <cstdint>

namespace gyro {

/** Logits [n, classes * centers] of items, row-major. A label outside 0..classes-1 makes its item's result NaN. */
struct ClassRows {
  float* logits;
  size_t n;
  size_t classes;
  size_t centers;
  const int32_t* labels;
  int threads;
};

/**
 * values [n]: log Σ_j exp z_j - z_y with y the item's class and z_j the largest logit of the centers of class j, but for
 * z_y = own[i] where own is not null. The logits become the derivatives of the values: to z_y at the own class. Of equal
 * centers the first counts.
 */
void crossEntropy(const ClassRows& rows, const float* own, float* values);

/** values [n]: the mean over each row of (l - 1)² at the own class and l² elsewhere; the logits become its derivatives. */
void squaredErrors(const ClassRows& rows, float* values);

/**
 * Sums over the items of each class, and over all others, of exponentials (centers = 1). values [2, classes]:
 * log(1 + Σ exp(margin - l)) over own items, then log(1 + Σ exp(l + margin)) over others. The logits become the single
 * exponentials, lowered by the largest exponent of their sum; totals [2, classes] are the sums of these with the 1.
 */
void anchorSums(const ClassRows& rows, double margin, float* values, float* totals);

/** Each entry times others[j] of its column, that of the own class times own[j]. */
void scaleEntries(const ClassRows& rows, const float* own, const float* others);

}  // namespace gyro
