#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace gyro {

/** What the ranks around one anchor say; ranks count other rows by distance, ties by row, from 1. */
struct RankErrors {
  double intruders = 0;  // Σ over code neighbours of input rank - k, where that is above 0
  double absentees = 0;  // the same with the sides exchanged
  double falseErrors = 0;    // Σ over code neighbours of |input rank - code rank| / code rank
  double missingErrors = 0;  // the same with the sides exchanged
  double shared = 0;         // rows that are neighbours on both sides
};

/** Keeps its memory from one anchor to the next. */
class RowRanks {
 public:
  /** @param inputs, codes [n] distances from row `self`, whose own value is not read; k < n */
  RankErrors compare(const double* inputs, const double* codes, size_t n, size_t self, size_t k);

 private:
  using Entry = std::pair<double, int32_t>;

  void nearest(const double* distances, size_t n, size_t self, size_t k, std::vector<Entry>& found);
  void ranksOf(const std::vector<Entry>& rows, const double* distances, size_t n, size_t self);

  std::vector<Entry> nearInput_;
  std::vector<Entry> nearCode_;
  std::vector<double> ranks_;
  std::vector<int32_t> order_;
  std::vector<int32_t> places_;
};

}  // namespace gyro
