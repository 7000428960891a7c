#pragma once

#include <vector>

#include "space.h"

namespace gyro {

/**
 * Float64 distances on float32 rows, by the formulas and in the order of operations of src/geometry, so that both
 * return the same neighbours. They decide every answer; chord.h only proposes candidates.
 */
class Reference {
 public:
  explicit Reference(const Space& space);

  /** One value that depends on one row alone for each leaf with a slot: a norm, or 1/(1 - c|x|²). */
  size_t scalars() const { return static_cast<size_t>(slots_); }
  void prepareRow(const float* row, double* scalars) const;

  /** A query made ready for many rows. */
  struct Query {
    std::vector<double> values;   // columns, or their direction where only the angle counts
    std::vector<double> scalars;  // as prepareRow gives them
  };
  void prepareQuery(const float* row, Query& query) const;

  /** d(query, row), +infinity where it is not a number. */
  double distance(const Query& query, const float* row, const double* scalars) const;

 private:
  Space space_;
  int slots_;
};

}  // namespace gyro
