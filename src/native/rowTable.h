#pragma once

#include <cstddef>

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

}  // namespace gyro
