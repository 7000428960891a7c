#pragma once

namespace gyro {

/** A tile holds four queries against eight rows. */
constexpr int kTileQueries = 4;
constexpr int kTileRows = 8;
constexpr int kTile = kTileQueries * kTileRows;

struct Kernels {
  /** out[8 q + r] = Σ_k (queries[4 k + q] - rows[8 k + r])². */
  void (*tileSquares)(const double* queries, const double* rows, int columns, double* out);
  /** out[8 q + r] = -Σ_k queries[4 k + q] rows[8 k + r]. */
  void (*tileProducts)(const double* queries, const double* rows, int columns, double* out);
};

/** The variants for this processor. */
const Kernels& kernels();

}  // namespace gyro
