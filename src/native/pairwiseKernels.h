#pragma once

#include "pairwiseLaw.h"

namespace gyro {

/** One point against `count` others, a whole number of vectors: q, the scalars a and b, and w = 1 - K u for K > 0. */
struct PairRun {
  Law law;
  size_t count;
  const double* q;
  double a;
  const double* b;
  const double* w;
};

/** The weights of a run's gradient: to p - p' and to b, with the pull dy of each pair. */
struct FirstWeights {
  double* toPoint;   // P = 2 dy d' a b
  double* toScalar;  // S = dy d' q
};

/** What a run's second derivative along a direction needs beside that: q, a, b derived along it. */
struct SecondRun {
  const double* qAlong;
  double aAlong;
  const double* bAlong;
};
struct SecondWeights {
  double* along;          // d derived along the direction
  double* toPointAlong;   // P derived
  double* toScalarAlong;  // S derived
};

struct PairKernels {
  void (*complements)(const PairRun& run, double* w);
  void (*distances)(const PairRun& run, double* d);
  void (*curvatureSlopes)(const PairRun& run, double* out);
  void (*firstWeights)(const PairRun& run, const double* dy, const FirstWeights& out);
  void (*secondWeights)(const PairRun& run, const SecondRun& second, const double* dy, const FirstWeights& first,
                        const SecondWeights& out);
  /** out[8 i + j] = 2 Σ_k (x - y)(v - w), for four rows x, v in quads and eight rows y, w in octets. */
  void (*tileAlong)(const double* x, const double* v, const double* y, const double* w, int size, double* out);
  /** out[r][k] += Σ_s W[r rowStep + s sumStep] B[s][k]; rows of B and out have `stride` values, 8 more than 16 n. */
  void (*multiply)(const double* W, size_t rowStep, size_t sumStep, size_t rows, size_t sums, const double* B,
                   size_t stride, double* out);
  /** Σ_j x[j] y[j] over whole vectors. */
  double (*product)(const double* x, const double* y, size_t count);
  /** out[j] += Σ_s W[s step + j] scale[s]; scale may be null for 1. */
  void (*columnSums)(const double* W, size_t step, size_t sums, const double* scale, size_t count, double* out);
};

/** The variants for this processor. */
const PairKernels& pairKernels();

}  // namespace gyro
