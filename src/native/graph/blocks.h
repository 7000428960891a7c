#pragma once

#include <algorithm>
#include <cstddef>
#include <new>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace gyro {

/**
 * Rows of `width` values each in blocks that never move: who holds a row's address may go on reading while others are
 * added. grow() alone changes the table of blocks. New rows hold no defined values. Up to kSlack bytes may be read
 * beyond the end of any row.
 */
template <class T>
class Blocks {
 public:
  static constexpr size_t kSlack = 64;

  explicit Blocks(size_t width) : width_(width) {
    while ((kBlockBytes >> (shift_ + 1)) >= width * sizeof(T) && shift_ < 20) shift_++;
  }
  ~Blocks() {
    for (T* block : blocks_) ::operator delete(block, std::align_val_t{kBlockBytes});
  }
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;

  size_t width() const { return width_; }
  /** Rows that there is room for. */
  size_t capacity() const { return blocks_.size() << shift_; }
  T* operator[](size_t row) const { return blocks_[row >> shift_] + (row & mask()) * width_; }

  /** The address of each block and the number of rows in one, for readers without a lock. */
  const std::vector<T*>& table() const { return blocks_; }
  unsigned shift() const { return shift_; }

  void grow(size_t rows) {
    while (capacity() < rows) {
      const size_t bytes = (width_ * sizeof(T) << shift_) + kSlack;
      blocks_.reserve(blocks_.size() + 1);
      T* block = static_cast<T*>(::operator new(bytes, std::align_val_t{kBlockBytes}));
#if defined(__linux__)
      // Walks jump between rows: large pages spare a look-up of the address each. Small indices need no two megabytes.
      if (!blocks_.empty()) madvise(block, bytes, MADV_HUGEPAGE);
#endif
      blocks_.push_back(block);
    }
  }

 private:
  static constexpr size_t kBlockBytes = size_t{1} << 21;

  size_t mask() const { return (size_t{1} << shift_) - 1; }

  size_t width_;
  unsigned shift_ = 0;
  std::vector<T*> blocks_;
};

}  // namespace gyro
