#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gyro {

/** A set of rows, one bit each. */
class RowSet {
 public:
  explicit RowSet(size_t rows = 0) : words_((rows + 63) / 64) {}

  /** Room for `rows` rows in all; new ones are not in the set. */
  void grow(size_t rows) { words_.resize((rows + 63) / 64); }
  bool has(uint32_t row) const { return row >> 6 < words_.size() && (words_[row >> 6] >> (row & 63) & 1) != 0; }
  /** How many there are. */
  size_t count() const { return count_; }

  void add(uint32_t row) {
    count_ += !has(row);
    words_[row >> 6] |= bit(row);
  }
  void remove(uint32_t row) {
    count_ -= has(row);
    words_[row >> 6] &= ~bit(row);
  }

  /** All rows of the set, ascending. */
  std::vector<uint32_t> rows() const {
    std::vector<uint32_t> rows;
    rows.reserve(count_);
    for (size_t i = 0; i < words_.size(); i++) {
      for (uint64_t word = words_[i]; word != 0; word &= word - 1) {
        rows.push_back(static_cast<uint32_t>(i << 6) + static_cast<uint32_t>(__builtin_ctzll(word)));
      }
    }
    return rows;
  }

 private:
  static uint64_t bit(uint32_t row) { return uint64_t{1} << (row & 63); }

  std::vector<uint64_t> words_;
  size_t count_ = 0;
};

}  // namespace gyro
