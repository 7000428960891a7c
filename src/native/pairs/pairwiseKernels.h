#pragma once

#include "pairwiseLaw.h"
#include "pairwiseTiles.h"

namespace gyro {

/**
 * One point against `count` others in whole vectors: q, the scalars a and b, and w = 1 - K u for K > 0. Where `live` is
 * not null, what is 0 there is no octet of others, and is passed over.
 */
struct PairRun {
  Law law;
  size_t count;
  const double* q;
  double a;
  const double* b;
  const double* w;
  const uint8_t* live;
};

/** The pull dy on each pair of a run; the sum of both where `back`, the pulls on the pairs the other way, is not null. */
struct Pulls {
  const float* there;
  const float* back;
};

/** Where a run's weights of p - p' go, eight every `step`, and the sums over all runs that are added to. */
struct Weights {
  double* toPoint;
  size_t step;
  double* columnPoint;
  double* columnScalar;
};
/** Sums over a run. */
struct RowSums {
  double point;
  double scalar;
};

/** What a run's second derivative along a direction needs: q, a, b derived along it. */
struct SecondRun {
  const double* qAlong;
  double aAlong;
  const double* bAlong;
};
struct SecondRowSums {
  RowSums first;
  RowSums along;
};

/** Of `count` float32 values to a run, dy and d, none is touched beyond; those beyond count as 0. */
struct PairKernels {
  void (*complements)(const PairRun& run, double* w);
  void (*distances)(const PairRun& run, float* d);
  /** Σ dy ∂d/∂K at fixed u. */
  double (*curvatureSum)(const PairRun& run, const Pulls& dy);
  /** P = 2 dy d' a b is written, with S = dy d' q; sums of P and S b over the run, of P and S a over columns. */
  RowSums (*firstWeights)(const PairRun& run, const Pulls& dy, const Weights& out);
  /** The same, and for the derivatives of P and of S b and S a along the direction; d along it goes to `toDy`. */
  SecondRowSums (*secondWeights)(const PairRun& run, const SecondRun& second, const float* dy, const Weights& first,
                                 const Weights& along, float* toDy);
  /** q[i][j] = |x_i - y_j|², to 2^-27 relative and 0 between equal points. */
  void (*squares)(const SquareTile& tile);
  /** out[i][j] = 2 Σ_k (x - y)(v - w). */
  void (*along)(const AlongTile& tile);
  /** Weights of `rows` runs: out[r] += Σ_s P[r, s] B[s]; sumOctet is the Weights' step and rowOctet 64. */
  void (*acrossColumns)(const Product& product, size_t rows, size_t width);
  /** Weights of `sums` runs to `columns`: out[c] += Σ_s P[s, c] B[s]; sumOctet is 64 and rowOctet the Weights' step. */
  void (*downRows)(const Product& product, size_t columns, size_t width);
};

/** The variants for this processor. */
const PairKernels& pairKernels();

}  // namespace gyro
