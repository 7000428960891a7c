#pragma once

#include "couplings.h"

namespace gyro {

/** Products of the channels of signals with themselves, degree by degree, and matrices that mix them. */
struct MixedProducts {
  /** From rows of signals to rows of products: degree l' by degree, in it m by m, in it `paths[l']` paths. */
  Couplings plan;
  const int32_t* paths;
  size_t degrees;
  size_t channels;
  size_t outputs;
  size_t batch;
  /** [Σ paths x channels, outputs], degree by degree. */
  const float* kernels;
};

/**
 * Products divided by their norm over the item, √(1e-8 + Σ squares / (2 l' + 1)), and mixed, in one pass: they never are in
 * memory. The result does not depend on the number of threads.
 * @param x [rows, channels, batch] @param out [Σ (2 l' + 1), outputs, batch] @param norms [batch] 1 / norm
 */
void mixProducts(const MixedProducts& shape, const float* x, int threads, float* out, float* norms);

/**
 * Gradients of mixProducts, whose products are made anew.
 * @param out, norms as mixProducts gave them @param dy like out @param dx like x @param dKernels like kernels
 */
void pullMixedProducts(const MixedProducts& shape, const float* x, const float* out, const float* norms, const float* dy,
                       int threads, float* dx, float* dKernels);

}  // namespace gyro
