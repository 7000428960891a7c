#pragma once

#include <cstdint>
#include <vector>

#include "points.h"

namespace gyro {

/** Finds rows by a hash of something that the rows themselves hold: open addressing, four bytes a place. */
class SlotTable {
 public:
  /** The row of this hash for which same(row) holds, or kNone. */
  template <class Same>
  uint32_t find(uint64_t hash, Same&& same) const {
    if (slots_.empty()) return kNone;
    for (size_t at = hash & mask(); slots_[at] != kNone; at = (at + 1) & mask()) {
      if (same(slots_[at])) return slots_[at];
    }
    return kNone;
  }

  /** @param hashOf the hash of any row stored here, for when all move to a larger table */
  template <class HashOf>
  void insert(uint64_t hash, uint32_t row, HashOf&& hashOf) {
    if (2 * (size_ + 1) > slots_.size()) {
      std::vector<uint32_t> old(slots_.empty() ? 64 : 2 * slots_.size(), kNone);
      old.swap(slots_);
      for (uint32_t other : old) {
        if (other != kNone) place(hashOf(other), other);
      }
    }
    place(hash, row);
    size_++;
  }

  /** Takes out a row that was inserted under this hash. */
  template <class HashOf>
  void erase(uint64_t hash, uint32_t row, HashOf&& hashOf) {
    size_t gap = placeOf(hash, row);
    // A row behind the gap moves into it if a search for it would stop there.
    for (size_t next = (gap + 1) & mask(); slots_[next] != kNone; next = (next + 1) & mask()) {
      const size_t home = hashOf(slots_[next]) & mask();
      if (((next - home) & mask()) < ((next - gap) & mask())) continue;
      slots_[gap] = slots_[next];
      gap = next;
    }
    slots_[gap] = kNone;
    size_--;
  }

  /** What was inserted under this hash as row `from` is row `to`. */
  void rename(uint64_t hash, uint32_t from, uint32_t to) { slots_[placeOf(hash, from)] = to; }

  size_t bytes() const { return slots_.size() * sizeof(uint32_t); }

 private:
  size_t mask() const { return slots_.size() - 1; }
  size_t placeOf(uint64_t hash, uint32_t row) const {
    size_t at = hash & mask();
    while (slots_[at] != row) at = (at + 1) & mask();
    return at;
  }
  void place(uint64_t hash, uint32_t row) {
    size_t at = hash & mask();
    while (slots_[at] != kNone) at = (at + 1) & mask();
    slots_[at] = row;
  }

  std::vector<uint32_t> slots_;
  size_t size_ = 0;
};

}  // namespace gyro
