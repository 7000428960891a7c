#pragma once

#include <cstddef>

namespace gyro {

/**
 * One side of a product: `values[i * outerStep + p * innerStep]` is entry (i, p), where p is what the product sums over,
 * times outerFactors[i] and innerFactors[p] where these are not null.
 */
struct Operand {
  const float* values;
  size_t outerStep;
  size_t innerStep;
  const float* outerFactors;
  const float* innerFactors;
};

struct MatrixProduct {
  Operand a;
  Operand b;
  size_t rows;     // of a
  size_t columns;  // rows of b
  size_t inner;
  float* out;  // [rows, columns]
  int threads;
};

/**
 * out[i, j] += Σ_p a(i, p) b(j, p) in float32, added in the order of p: the number of threads changes no bit, nor does the
 * size of the product, and processors that multiply and add in one rounding agree. NaN and infinity go where arithmetic
 * takes them.
 */
void addProduct(const MatrixProduct& product);

}  // namespace gyro
