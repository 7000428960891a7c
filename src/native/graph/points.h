#pragma once

#include <cstdint>

#include "../reference.h"
#include "../space.h"
#include "blocks.h"

namespace gyro {

/** No row. */
constexpr uint32_t kNone = 0xffffffffu;

/** A stored row and what Reference::prepareRow says of it. */
struct Point {
  const float* values;
  const double* scalars;
};

/** Rows under ids, as they were given. A row keeps its number and its address but for copy(). */
class Points {
 public:
  explicit Points(const Space& space)
      : reference_(space),
        values_(static_cast<size_t>(space.columns)),
        scalars_(std::max<size_t>(1, reference_.scalars())),
        ids_(1) {}

  const Reference& reference() const { return reference_; }
  size_t size() const { return size_; }
  Point operator[](size_t row) const { return {values_[row], reference_.scalars() ? scalars_[row] : nullptr}; }
  int64_t id(size_t row) const { return *ids_[row]; }
  const Blocks<float>& values() const { return values_; }
  const Blocks<double>& scalars() const { return scalars_; }
  const Blocks<int64_t>& ids() const { return ids_; }

  /** Memory of these that the rows fill. */
  size_t bytes() const {
    const size_t scalars = reference_.scalars() ? scalars_.ownBytes(size_) : 0;
    return values_.ownBytes(size_) + scalars + ids_.ownBytes(size_);
  }

  /** Room for `rows` rows in all. */
  void reserve(size_t rows) {
    values_.grow(rows);
    if (reference_.scalars()) scalars_.grow(rows);
    ids_.grow(rows);
  }

  /** Fills a row that there is room for. */
  void put(size_t row, const float* values, int64_t id) {
    std::copy(values, values + values_.width(), values_[row]);
    if (reference_.scalars()) reference_.prepareRow(values, scalars_[row]);
    *ids_[row] = id;
    size_ = std::max(size_, row + 1);
  }

  /** Rows, with what Reference::prepareRow says of them, in memory that outlives these. Only before there is any. */
  void adopt(float* values, double* scalars, int64_t* ids, size_t count) {
    values_.adopt(values, count);
    if (reference_.scalars()) scalars_.adopt(scalars, count);
    ids_.adopt(ids, count);
    size_ = count;
  }

  /** Copies row `from` to the place of another. */
  void copy(size_t from, size_t to) {
    std::copy(values_[from], values_[from] + values_.width(), values_[to]);
    if (reference_.scalars()) std::copy(scalars_[from], scalars_[from] + scalars_.width(), scalars_[to]);
    *ids_[to] = *ids_[from];
  }

  /** Forgets the rows from `rows` on, which stay where they are until shrink(). */
  void truncate(size_t rows) { size_ = rows; }
  void shrink() {
    values_.shrink(size_);
    if (reference_.scalars()) scalars_.shrink(size_);
    ids_.shrink(size_);
  }

 private:
  Reference reference_;
  Blocks<float> values_;
  Blocks<double> scalars_;
  Blocks<int64_t> ids_;
  size_t size_ = 0;
};

}  // namespace gyro
