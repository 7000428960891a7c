#include "links.h"

#include <algorithm>
#include <stdexcept>

namespace gyro {
namespace {

void require(bool holds, const char* problem) {
  if (!holds) throw std::invalid_argument(problem);
}

/** A list with zeros behind its end, so that equal graphs make equal files. */
void copyList(const uint32_t* list, size_t room, char* out) {
  std::memset(out, 0, (room + 1) * sizeof(uint32_t));
  std::memcpy(out, list, (list[0] + 1) * sizeof(uint32_t));
}

}  // namespace

void Links::read(Part part, size_t from, size_t count, char* out) const {
  if (part == Part::levels) {
    for (size_t i = 0; i < count; i++) out[i] = static_cast<char>(*levels_[from + i]);
    return;
  }
  const size_t bytes = (room(part == Part::lowest ? 0 : 1) + 1) * sizeof(uint32_t);
  if (part == Part::lowest) {
    for (size_t i = 0; i < count; i++) {
      const uint32_t row = static_cast<uint32_t>(from + i);
      if (level(row) < 0) std::memset(out + i * bytes, 0, bytes);
      else copyList(list(row, 0), room(0), out + i * bytes);
    }
    return;
  }
  size_t at = 0;
  for (uint32_t row = 0; row < rows_ && at < from + count; row++) {
    for (int l = 1; l <= level(row); l++, at++) {
      if (at >= from && at < from + count) copyList(list(row, l), room(l), out + (at - from) * bytes);
    }
  }
}

void Links::findEntry() {
  entry_ = kNone;
  top_ = -1;
  for (uint32_t row = 0; row < rows_; row++) {
    if (level(row) <= top_) continue;
    top_ = level(row);
    entry_ = row;
  }
}

void Links::renumber(const std::vector<uint32_t>& to, size_t rows) {
  struct Moved {
    uint32_t row;
    int8_t level;
    uint32_t upperAt;
  };
  std::vector<Moved> moved;
  std::vector<uint32_t> lists;
  const size_t width = lowest_.width();
  for (uint32_t row = 0; row < rows_; row++) {
    if (level(row) < 0) continue;
    for (int l = 0; l <= level(row); l++) {
      uint32_t* const all = list(row, l);
      for (uint32_t i = 1; i <= all[0]; i++) all[i] = to[all[i]];
    }
    if (to[row] == row) continue;
    // Aside first: a place may be that of another node which moves too.
    moved.push_back({to[row], *levels_[row], *upperAt_[row]});
    lists.insert(lists.end(), lowest_[row], lowest_[row] + width);
    *levels_[row] = -1;
  }
  for (size_t i = 0; i < moved.size(); i++) {
    *levels_[moved[i].row] = moved[i].level;
    *upperAt_[moved[i].row] = moved[i].upperAt;
    std::copy_n(lists.data() + i * width, width, lowest_[moved[i].row]);
  }
  if (entry_ != kNone) entry_ = to[entry_];
  rows_ = rows;
}

void Links::restore(const SavedGraph& saved, size_t rows) {
  size_t upper = 0;
  for (uint32_t row = 0; row < rows; row++) {
    const int level = saved.levels[row];
    require(level >= -1 && level <= kMaxLevel, "the links have an impossible level");
    if (level < 0) continue;
    upper += static_cast<size_t>(level);
    require(upper <= saved.upperLists, "the links above the lowest level are cut short");
    addNode(row, level);
  }
  require(upper == saved.upperLists, "there are more links above the lowest level than rows have levels");
  require(nodes_ == 0 ? saved.entry == kNone : saved.entry < rows && level(saved.entry) == top_,
          "the links begin at a row that is not on the highest level");
  entry_ = saved.entry;
  upper = 0;
  const auto copy = [&](uint32_t row, int level, const uint32_t* from) {
    require(from[0] <= room(level), "the links have an impossible number of links");
    for (uint32_t i = 1; i <= from[0]; i++) {
      require(from[i] < rows && from[i] != row, "the links have an impossible link");
      // A list that is not there would be followed into memory that is not ours.
      require(this->level(from[i]) >= level, "the links lead to a row that is not on their level");
    }
    set(row, level, from + 1, from[0]);
  };
  for (uint32_t row = 0; row < rows; row++) {
    if (level(row) < 0) continue;
    copy(row, 0, saved.lowest + row * (room(0) + 1));
    for (int l = 1; l <= level(row); l++) copy(row, l, saved.upper + upper++ * (m_ + 1));
  }
}

void Links::adopt(const MappedLinks& mapped, size_t rows) {
  levels_.adopt(mapped.levels, rows);
  lowest_.adopt(mapped.lowest, rows);
  upper_.adopt(mapped.upper, mapped.upperLists);
  upperAt_.grow(rows);
  for (uint32_t row = 0; row < rows; row++) {
    const int level = *levels_[row];
    require(level >= -1 && level <= kMaxLevel, "the links have an impossible level");
    *upperAt_[row] = static_cast<uint32_t>(upperLists_);
    if (level < 0) continue;
    upperLists_ += static_cast<size_t>(level);
    nodes_++;
    top_ = std::max(top_, level);
  }
  require(upperLists_ == mapped.upperLists, "the links above the lowest level are not those of the rows");
  require(nodes_ == 0 ? mapped.entry == kNone : mapped.entry < rows && level(mapped.entry) == top_,
          "the links begin at a row that is not on the highest level");
  entry_ = mapped.entry;
  upperEnd_ = upperLists_;
  rows_ = rows;
}

void Links::check(uint32_t row) const {
  for (int level = 0; level <= this->level(row); level++) {
    const uint32_t* const rows = list(row, level);
    require(rows[0] <= room(level), "the links have an impossible number of links");
    for (uint32_t i = 1; i <= rows[0]; i++) {
      require(rows[i] < rows_ && rows[i] != row, "the links have an impossible link");
      require(this->level(rows[i]) >= level, "the links lead to a row that is not on their level");
    }
  }
}

}  // namespace gyro
