#pragma once

#include <cstddef>
#include <cstdint>

#include "parallel.h"
#include "space.h"

namespace gyro {

struct ExactQuery {
  const float* database;
  size_t rows;
  const float* queries;
  size_t count;
  size_t k;
  bool excludeSelf;  // query i skips database row i
  int threads;
  int32_t* nearest;  // [count, k], filled with -1 by the caller
  float* distances;  // [count, k], filled with +infinity by the caller
};

/** The k nearest rows of every query: ascending by float32 distance, ties by smaller row. */
void exactSearch(const Space& space, const ExactQuery& query, const Control& control);

}  // namespace gyro
