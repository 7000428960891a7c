#pragma once

#include <limits>
#include <vector>

#include "../space.h"
#include "points.h"
#include "walkKernels.h"

namespace gyro {

/** A point from which distances are taken, in the form that the kernels read. */
struct WalkQuery {
  const float* values = nullptr;  // a stored row, or `own`
  std::vector<float> own;
  std::vector<double> wide;     // Lorentz leaves alone: ball coordinates, at the leaf's column
  std::vector<float> factors;   // a leaf's factor of u
};

/**
 * The distance that the graph is built and walked with: float32 sums of differences, whatever the size of the index.
 * For one space alone it is u of chord.h, which ranks like the distance; a product needs the distances themselves.
 */
class WalkMetric {
 public:
  explicit WalkMetric(const Space& space);

  /** From a stored row, or from one of which kSlack bytes beyond the end can be read. */
  void prepare(const Point& point, WalkQuery& query) const;
  /** From any row, which is copied. */
  void prepareCopy(const Point& point, WalkQuery& query) const;

  /** Keys of 1..kWalkLanes points, the smaller the nearer, never NaN. */
  void keys(const WalkQuery& query, const Point* points, int count, float* out) const;

  /** Keys that differ by less than relative() |key| + absolute() may rank wrongly. */
  float relative() const { return 1e-4f; }
  float absolute() const { return absolute_; }

  /** Whether two rows are one point to this metric, and a hash that is then equal. */
  bool same(const Point& a, const Point& b) const;
  uint64_t hash(const Point& point) const;

 private:
  void fill(const Space& space, const Point& point, WalkQuery& query) const;
  void chords(const Space& leaf, const WalkQuery& query, const Point* points, int count, float* out) const;
  void distances(const Space& space, const WalkQuery& query, const Point* points, int count, float* out) const;
  void normal(const Point& point, std::vector<float>& out) const;

  const WalkKernels& kernels_ = walkKernels();
  Space space_;
  int leaves_;
  bool copies_ = false;  // some leaf is not compared as it is stored
  bool wide_ = false;
  float absolute_ = 0;
};

}  // namespace gyro
