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

/** Rows under ids, as they were given; a row keeps its number and its address. */
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

  /** Memory that the rows fill. */
  size_t bytes() const {
    return size_ * (values_.width() * sizeof(float) + reference_.scalars() * sizeof(double) + sizeof(int64_t));
  }

  /** Room for `rows` rows in all. */
  void reserve(size_t rows) {
    values_.grow(rows);
    if (reference_.scalars()) scalars_.grow(rows);
    ids_.grow(rows);
  }

  void append(const float* rows, const int64_t* ids, size_t count) {
    const size_t columns = values_.width();
    reserve(size_ + count);
    for (size_t i = 0; i < count; i++) {
      const float* row = rows + i * columns;
      std::copy(row, row + columns, values_[size_ + i]);
      if (reference_.scalars()) reference_.prepareRow(row, scalars_[size_ + i]);
      *ids_[size_ + i] = ids[i];
    }
    size_ += count;
  }

 private:
  Reference reference_;
  Blocks<float> values_;
  Blocks<double> scalars_;
  Blocks<int64_t> ids_;
  size_t size_ = 0;
};

}  // namespace gyro
