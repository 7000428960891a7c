#pragma once

namespace gyro {

/** A tile holds four queries against eight rows. */
constexpr int kTileQueries = 4;
constexpr int kTileRows = 8;
constexpr int kTile = kTileQueries * kTileRows;

/** Float32 rows are padded with zeros to a multiple of this. */
constexpr int kPad = 8;

struct Kernels {
  /** out[8 q + r] = Σ_k (queries[4 k + q] - rows[8 k + r])². */
  void (*tileSquares)(const double* queries, const double* rows, int columns, double* out);
  /** out[8 q + r] = -Σ_k queries[4 k + q] rows[8 k + r]. */
  void (*tileProducts)(const double* queries, const double* rows, int columns, double* out);
  /** Σ (a - b)² and -Σ a b over `padded` values; no alignment is asked for. */
  float (*squares)(const float* a, const float* b, int padded);
  float (*products)(const float* a, const float* b, int padded);
  double (*wideSquares)(const double* a, const double* b, int padded);
};

/** The variants for this processor. */
const Kernels& kernels();

}  // namespace gyro
