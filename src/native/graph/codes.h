#pragma once

#include <memory>
#include <vector>

#include "blocks.h"
#include "codeKernels.h"
#include "walkMetric.h"

namespace gyro {

/** How walks store vectors. */
enum class Storage { float32 = 0, bfloat16 = 1, int8 = 2 };

/**
 * Rows in fewer bytes, for walks to rank candidates by; the rows themselves decide. A row's leaves lie one
 * after the other: a scale (of whole numbers), the factor of u (of curved leaves; from the row itself, since
 * 1/(1 - c|x|²) of rounded coordinates would be another by far), then the columns. Directions are stored as
 * unit vectors.
 */
class Codes {
 public:
  /**
   * @param points decide whether a curved leaf is kept in int16: see kFine
   * @throws std::invalid_argument for spaces whose walks need more than that
   */
  Codes(const Space& space, Storage storage, const Points& points);

  /** Room for `rows` rows in all. */
  void reserve(size_t rows) { rows_->grow(rows); }
  void put(size_t row, const Point& point);
  void copy(size_t from, size_t to);
  void shrink(size_t rows) { rows_->shrink(rows); }

  const uint8_t* operator[](size_t row) const { return (*rows_)[row]; }
  size_t width() const { return width_; }
  size_t bytes(size_t rows) const { return rows_->ownBytes(rows); }

  /** How many of the first by key are ranked by the rows themselves, for the k nearest to be among them. */
  size_t ranked(size_t k) const { return storage_ == Storage::bfloat16 ? 2 * k : 4 * k; }

  /** Keys of 1..kWalkLanes rows to a query that WalkMetric prepared, the smaller the nearer, never NaN. */
  void keys(const WalkQuery& query, const uint8_t* const* rows, int count, float* out) const;

 private:
  struct Leaf {
    Space space;
    Code code;
    size_t at = 0;  // where its part of a row begins
    bool curved = false;
    bool direction = false;
  };

  void distances(const Space& space, const WalkQuery& query, const uint8_t* const* rows, int count,
                 float* out) const;
  void chords(const Leaf& leaf, const WalkQuery& query, const uint8_t* const* rows, int count,
              float* out) const;

  Space space_;
  Storage storage_;
  std::vector<Leaf> leaves_;
  size_t width_ = 0;
  std::unique_ptr<Blocks<uint8_t>> rows_;
};

}  // namespace gyro
