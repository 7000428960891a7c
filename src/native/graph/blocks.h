#pragma once

#include <algorithm>
#include <cstddef>
#include <new>
#include <vector>

#include "../rowTable.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace gyro {

/**
 * Rows of `width` values each in blocks that never move: who holds a row's address may go on reading while others are
 * added. grow() alone changes the table of blocks; called ahead for many rows it finds them larger pages. New
 * rows hold no defined values. Up to kSlack bytes may be read
 * beyond the end of any row.
 */
template <class T>
class Blocks {
 public:
  static constexpr size_t kSlack = 64;

  explicit Blocks(size_t width) : width_(width) {
    while ((kBlockBytes >> (shift_ + 1)) >= width * sizeof(T) && shift_ < 24) shift_++;
  }
  ~Blocks() { shrink(0); }
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;

  size_t width() const { return width_; }
  /** Rows that there is room for. */
  size_t capacity() const { return blocks_.size() << shift_; }
  T* operator[](size_t row) const { return blocks_[row >> shift_] + (row & mask()) * width_; }

  /** The address of each block and the number of rows in one, for readers without a lock. */
  const std::vector<T*>& table() const { return blocks_; }
  unsigned shift() const { return shift_; }
  /** Those that there are now, for loops over many; valid until grow(). */
  RowTable<T> rows() const { return {blocks_.data(), shift_, width_}; }

  void grow(size_t rows) {
    while (capacity() < rows) {
      blocks_.reserve(blocks_.size() + 1);
      blocks_.push_back(static_cast<T*>(::operator new(blockBytes(), std::align_val_t{kPage})));
    }
    askForLargePages(rows);
  }

  /**
   * Rows in memory that outlives these: whole blocks are used where they lie, which must be aligned for T, the
   * rest is copied. Only before there is any block.
   */
  void adopt(T* rows, size_t count) {
    while ((blocks_.size() + 1) << shift_ <= count) {
      blocks_.push_back(rows + (blocks_.size() << shift_) * width_);
    }
    adopted_ = blocks_.size();
    asked_ = adopted_;
    const size_t left = count - capacity();
    const T* const from = rows + capacity() * width_;
    grow(count);
    if (left > 0) std::copy(from, from + left * width_, blocks_.back());
  }

  /** Gives back the blocks beyond the first `rows` rows. */
  void shrink(size_t rows) {
    const size_t kept = (rows + mask()) >> shift_;
    for (; blocks_.size() > kept; blocks_.pop_back()) {
      if (blocks_.size() > adopted_) ::operator delete(blocks_.back(), std::align_val_t{kPage});
    }
    adopted_ = std::min(adopted_, kept);
    if (asked_ < kept) return;
    asked_ = kept;
    askedPages_ = 0;
  }

  /** Bytes of the first `rows` rows that lie in memory of these. */
  size_t ownBytes(size_t rows) const {
    return (rows - std::min(rows, adopted_ << shift_)) * width_ * sizeof(T);
  }

 private:
  /** Reserved at once; memory is taken as rows are written. */
  static constexpr size_t kBlockBytes = size_t{1} << 24;
  static constexpr size_t kPage = size_t{1} << 21;

  size_t blockBytes() const { return ((width_ * sizeof(T) << shift_) + kSlack + kPage - 1) / kPage * kPage; }

  /**
   * Walks jump between rows: large pages spare the look-up of most addresses. None is asked for that is not
   * filled.
   */
  void askForLargePages([[maybe_unused]] size_t rows) {
#if defined(__linux__)
    for (; asked_ < blocks_.size(); asked_++, askedPages_ = 0) {
      const size_t inBlock = std::min(rows, (asked_ + 1) << shift_) - std::min(rows, asked_ << shift_);
      const size_t pages = inBlock * width_ * sizeof(T) / kPage;
      char* start = reinterpret_cast<char*>(blocks_[asked_]);
      if (pages > askedPages_) madvise(start + askedPages_ * kPage, (pages - askedPages_) * kPage, MADV_HUGEPAGE);
      askedPages_ = std::max(askedPages_, pages);
      if (inBlock < size_t{1} << shift_) return;
    }
#endif
  }

  size_t mask() const { return (size_t{1} << shift_) - 1; }

  size_t width_;
  unsigned shift_ = 0;
  std::vector<T*> blocks_;
  size_t adopted_ = 0;  // the first so many are not ours
  size_t asked_ = 0;  // the block that large pages were asked for last, and how many of its pages
  size_t askedPages_ = 0;
};

}  // namespace gyro
