#pragma once

#include <cstddef>
#include <cstdint>

#include "../parallel.h"
#include "../space.h"

namespace gyro {

/** T: float or double. */
template <class T>
struct DistanceRowsQuery {
  const T* points;
  size_t rows;
  const int32_t* anchors;  // [count] rows
  size_t count;
  int threads;
  double* distances;  // [count, rows]
};

/** Distances from each anchor to every row, to about 1e-12 relative, d(x, y) and d(y, x) to the same bits. */
template <class T>
void distanceRows(const Space& space, const DistanceRowsQuery<T>& query, const Control& control);

}  // namespace gyro
