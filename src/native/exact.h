#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "parallel.h"
#include "rowTable.h"
#include "space.h"

namespace gyro {

struct ExactQuery {
  RowTable<float> database;
  RowTable<double> scalars;  // of the database, as Reference::prepareRow gives them; not read where it gives none
  size_t rows;  // compared with
  const float* queries;
  size_t count;
  size_t k;
  bool excludeSelf;  // query i skips database row i
  int threads;
  int32_t* nearest;  // [count, k], filled with -1 by the caller
  float* distances;  // [count, k], filled with +infinity by the caller
  const uint32_t* subset = nullptr;  // ascending: the `rows` rows of the database that are compared with; default: all
};

/** A row's place in the order of ties. */
using IdOfRow = std::function<int64_t(size_t)>;

/** The k nearest rows of every query: ascending by float32 distance, ties by smaller row, or smaller id if given. */
void exactSearch(const Space& space, const ExactQuery& query, const Control& control, const IdOfRow& idOf = {});

/** prepareRow of many rows. */
std::vector<double> scalarsOf(const Space& space, const float* rows, size_t count, int threads);

}  // namespace gyro
