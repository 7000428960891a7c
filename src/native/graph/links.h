#pragma once

#include <cstdint>
#include <cstring>

#include "points.h"

namespace gyro {

constexpr int kMaxLevel = 30;

/** The parts of an index that a file holds; docs/formats.md describes them. */
enum class Part { values, ids, levels, lowest, upper, scalars };

struct SavedGraph {
  const int8_t* levels;    // a row; -1 for one that is no node
  const uint32_t* lowest;  // lists on level 0, 2m + 1 numbers a row
  const uint32_t* upper;   // lists above, m + 1 numbers each, by row and level
  size_t upperLists;
  uint32_t entry;  // kNone without nodes
  const int32_t* twins;  // [row, the row whose node it shares], twinPairs of them
  size_t twinPairs;
  const int32_t* stragglers;  // ascending
  size_t stragglerCount;
};

/** Links as a file holds them, in memory that may be written. */
struct MappedLinks {
  int8_t* levels;
  uint32_t* lowest;
  uint32_t* upper;
  size_t upperLists;
  uint32_t entry;  // kNone without nodes
};

/**
 * Who is linked to whom. A list is its length and that many rows, with room for m rows, 2m on level 0. A row
 * that is no
 * node (yet, or because an equal one stands for it) has level -1.
 */
class Links {
 public:
  explicit Links(size_t m) : m_(m), levels_(1), lowest_(2 * m + 1), upperAt_(1), upper_(m + 1) {}

  size_t m() const { return m_; }
  size_t room(int level) const { return level == 0 ? 2 * m_ : m_; }
  size_t nodes() const { return nodes_; }
  /** Bytes of a list above level 0. */
  size_t upperBytes() const { return (m_ + 1) * sizeof(uint32_t); }
  int level(uint32_t row) const { return *levels_[row]; }
  uint32_t entry() const { return entry_; }
  int top() const { return top_; }

  const uint32_t* list(uint32_t row, int level) const {
    return level == 0 ? lowest_[row] : upper_[*upperAt_[row] + static_cast<uint32_t>(level) - 1];
  }
  uint32_t* list(uint32_t row, int level) {
    return level == 0 ? lowest_[row] : upper_[*upperAt_[row] + static_cast<uint32_t>(level) - 1];
  }

  /** Room for `rows` rows in all. */
  void reserve(size_t rows) {
    levels_.grow(rows);
    lowest_.grow(rows);
    upperAt_.grow(rows);
  }

  /** There are `rows` rows; new ones are no nodes. */
  void grow(size_t rows) {
    reserve(rows);
    for (; rows_ < rows; rows_++) {
      *levels_[rows_] = -1;
      *upperAt_[rows_] = 0;
    }
  }

  /** Makes a row a node without links. */
  void addNode(uint32_t row, int level) {
    *upperAt_[row] = placeOfUpper(level);
    upperLists_ += static_cast<size_t>(level);
    *levels_[row] = static_cast<int8_t>(level);
    for (int l = 0; l <= level; l++) std::memset(list(row, l), 0, (room(l) + 1) * sizeof(uint32_t));
    nodes_++;
    if (level > top_) {
      top_ = level;
      entry_ = row;
    }
  }

  /** A row that no list holds any more is no node. Where walks begin is for findEntry to say. */
  void removeNode(uint32_t row) {
    const int level = this->level(row);
    if (level > 0) spare_[static_cast<size_t>(level)].push_back(*upperAt_[row]);
    upperLists_ -= static_cast<size_t>(level);
    *levels_[row] = -1;
    nodes_--;
  }
  /** Walks begin at the first row of the highest level. */
  void findEntry();
  /** The rows' new numbers: to[row] of each node, no two alike; `rows` are left. */
  void renumber(const std::vector<uint32_t>& to, size_t rows);
  /** Gives back what rows beyond the last took. */
  void shrink() {
    levels_.shrink(rows_);
    lowest_.shrink(rows_);
    upperAt_.shrink(rows_);
  }

  void set(uint32_t row, int level, const uint32_t* rows, size_t count) {
    uint32_t* out = list(row, level);
    out[0] = static_cast<uint32_t>(count);
    std::copy(rows, rows + count, out + 1);
  }

  size_t upperLists() const { return upperLists_; }
  /** Copies entries of levels, lowest or upper lists; those above level 0 in the order of the rows. */
  void read(Part part, size_t from, size_t count, char* out) const;
  /** @throws std::invalid_argument for links that no graph over `rows` rows has */
  void restore(const SavedGraph& saved, size_t rows);
  /**
   * The same for links in memory that outlives these, which are used and changed where they lie; check() is
   * still to be called for every row.
   * @throws std::invalid_argument
   */
  void adopt(const MappedLinks& mapped, size_t rows);
  /** @throws std::invalid_argument for links of a row that no graph over these rows has */
  void check(uint32_t row) const;
  size_t bytes() const {
    return levels_.ownBytes(rows_) + lowest_.ownBytes(rows_) + upper_.ownBytes(upperEnd_) +
           rows_ * sizeof(uint32_t);
  }

 private:
  /** Room for the lists of a node above level 0: that of one that has gone, or new. */
  uint32_t placeOfUpper(int level) {
    std::vector<uint32_t>& spare = spare_[static_cast<size_t>(level)];
    if (!spare.empty()) {
      const uint32_t at = spare.back();
      spare.pop_back();
      return at;
    }
    const uint32_t at = static_cast<uint32_t>(upperEnd_);
    upperEnd_ += static_cast<size_t>(level);
    upper_.grow(upperEnd_);
    return at;
  }

  size_t m_;
  Blocks<int8_t> levels_;
  Blocks<uint32_t> lowest_;
  Blocks<uint32_t> upperAt_;  // where a row's lists above level 0 begin
  Blocks<uint32_t> upper_;
  size_t rows_ = 0;
  size_t nodes_ = 0;
  size_t upperLists_ = 0;  // of nodes
  size_t upperEnd_ = 0;    // all that there is room for
  std::vector<uint32_t> spare_[kMaxLevel + 1];  // by level: where lists of nodes that have gone begin
  uint32_t entry_ = kNone;
  int top_ = -1;
};

}  // namespace gyro
