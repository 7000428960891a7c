#pragma once

#include <limits>
#include <vector>

#include "../space.h"
#include "points.h"
#include "walkKernels.h"

namespace gyro {

/** A point from which distances are taken, in the form that the kernels read. */
struct WalkQuery {
  bool stored = false;            // one of the rows, compared by the distance of links
  const float* values = nullptr;  // a stored row, or `own`
  std::vector<float> own;
  std::vector<double> wide;     // Lorentz leaves alone: ball coordinates, at the leaf's column
  std::vector<float> factors;   // a leaf's factor of u
};

/**
 * The distances that the graph is built and walked with: float32 sums of differences. For one space alone it is u of
 * chord.h, which ranks like the distance; a product needs the distances themselves.
 *
 * Two spaces give no point a neighbourhood of its own: all are nearest to the rows of least offset or greatest
 * norm, and
 * links by such distances lose the rest. They are sections of spaces that do. A star's b_q + b_y is |(-b_q) -
 * b_y|, so
 * rows link by |b_x - b_y| on the line, and a query stands at -b_q. An inner product ranks as ½|q' - y'|² between
 * q' = (q, 0) and y' = (y, √(R² - |y|²)), R the greatest norm (Bachrach et al. 2014), so rows link by ½|x' - y'|².
 */
class WalkMetric {
 public:
  explicit WalkMetric(const Space& space);

  /** For a stored row. */
  void prepareStored(const Point& point, WalkQuery& query) const;
  /** For a query, which is copied. */
  void prepareQuery(const Point& point, WalkQuery& query) const;

  /** Norms of rows to come, for R. Not while others read. */
  void include(const Point& point);

  /** Keys of 1..kWalkLanes points, the smaller the nearer, never NaN; all kWalkLanes of `out` may be overwritten. */
  void keys(const WalkQuery& query, const Point* points, int count, float* out) const;

  /** Keys that differ by less than relative() |key| + absolute() may rank wrongly. */
  float relative() const { return 1e-4f; }
  float absolute() const { return absolute_; }

  /** Whether two rows are one point to this metric, and a hash that is then equal. */
  bool same(const Point& a, const Point& b) const;
  uint64_t hash(const Point& point) const;

 private:
  void copy(const Point& point, WalkQuery& query) const;
  void fill(const Point& point, WalkQuery& query) const;
  double lift(const Space& leaf, double norm) const;
  void chords(const Space& leaf, const WalkQuery& query, const Point* points, int count, float* out) const;
  void distances(const Space& space, const WalkQuery& query, const Point* points, int count, float* out) const;
  void normal(const Point& point, std::vector<float>& out) const;

  const WalkKernels& kernels_ = walkKernels();
  Space space_;
  int leaves_;
  bool copies_ = false;  // some leaf is not compared as it is stored
  bool wide_ = false;
  float absolute_ = 0;
  std::vector<double> greatest_;  // norm, by slot
};

}  // namespace gyro
