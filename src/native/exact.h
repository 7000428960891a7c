#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "parallel.h"
#include "space.h"

namespace gyro {

/** Rows in one or more blocks of 2^shift rows. */
template <class T>
struct RowTable {
  const T* const* blocks;
  unsigned shift;
  size_t width;
  const T* operator[](size_t row) const {
    return blocks[row >> shift] + (row & ((size_t{1} << shift) - 1)) * width;
  }
};

/** A table of rows that lie one behind the other. */
template <class T>
RowTable<T> contiguous(const T* const& rows, size_t width) {
  return {&rows, 63, width};
}

struct ExactQuery {
  RowTable<float> database;
  RowTable<double> scalars;  // of the database, as Reference::prepareRow gives them; not read where it gives none
  size_t rows;
  const float* queries;
  size_t count;
  size_t k;
  bool excludeSelf;  // query i skips database row i
  int threads;
  int32_t* nearest;  // [count, k], filled with -1 by the caller
  float* distances;  // [count, k], filled with +infinity by the caller
};

/** A row's place in the order of ties. */
using IdOfRow = std::function<int64_t(size_t)>;

/** The k nearest rows of every query: ascending by float32 distance, ties by smaller row, or smaller id if given. */
void exactSearch(const Space& space, const ExactQuery& query, const Control& control, const IdOfRow& idOf = {});

/** prepareRow of many rows. */
std::vector<double> scalarsOf(const Space& space, const float* rows, size_t count, int threads);

}  // namespace gyro
