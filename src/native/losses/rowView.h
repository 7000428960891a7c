#pragma once

#include "rowLanes.h"

namespace gyro {

/** One anchor: its distances to `m` references, and how often each is its positive and its negative. */
struct RowView {
  const float* d;
  const float* positives;
  const float* negatives;
  size_t m;
};

/** kBlock columns of a row. */
struct Block {
  const float* d;
  const float* positives;
  const float* negatives;
};

/** Numbers of one anchor, `step` apart: a column of a [terms, anchors] table. */
template <class T>
struct Column {
  T* first;
  size_t step;
  T& operator[](size_t k) const { return first[k * step]; }
};

/** The last columns of a row, with zeros up to a whole block. */
struct RowTail {
  float values[3][kBlock];
};

GYRO_INLINE RowTail tailOf(const RowView& row, size_t from) {
  RowTail tail = {};
  const float* const sources[] = {row.d, row.positives, row.negatives};
  for (size_t t = 0; t < 3 && from < row.m; t++) {
    std::memcpy(tail.values[t], sources[t] + from, (row.m - from) * sizeof(float));
  }
  return tail;
}

/** Calls visit(block) from the first columns to the last, and closeAll() after each chunk of them. */
template <class Visit, class Close>
GYRO_INLINE void overRow(const RowView& row, Visit&& visit, Close&& closeAll) {
  const size_t whole = row.m / kBlock * kBlock;
  const RowTail tail = tailOf(row, whole);
  for (size_t from = 0; from < row.m; from += kChunk) {
    const size_t end = std::min(row.m, from + kChunk);
    for (size_t j = from; j < end; j += kBlock) {
      const bool inside = j < whole;
      visit(Block{inside ? row.d + j : tail.values[0], inside ? row.positives + j : tail.values[1],
                  inside ? row.negatives + j : tail.values[2]});
    }
    closeAll();
  }
}

/** Calls visit(block, to), which writes a value for each column of the block. */
template <class Visit>
GYRO_INLINE void writeRow(const RowView& row, float* out, Visit&& visit) {
  const size_t whole = row.m / kBlock * kBlock;
  for (size_t j = 0; j < whole; j += kBlock) {
    visit(Block{row.d + j, row.positives + j, row.negatives + j}, out + j);
  }
  if (whole == row.m) return;
  const RowTail tail = tailOf(row, whole);
  float last[kBlock];
  visit(Block{tail.values[0], tail.values[1], tail.values[2]}, last);
  std::memcpy(out + whole, last, (row.m - whole) * sizeof(float));
}

}  // namespace gyro
