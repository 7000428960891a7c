#pragma once

#include <memory>

#include "pairwiseChart.h"
#include "pairwiseKernels.h"

namespace gyro {

constexpr size_t kBlockRows = 32;
constexpr size_t kBlockColumns = 256;

inline size_t blocks(size_t count) { return (count + kBlockRows - 1) / kBlockRows; }

/** Calls visit(column, columns) for the blocks of the columns from `from` to `end`, from left to right. */
template <class Visit>
void acrossColumns(size_t from, size_t end, Visit&& visit) {
  for (size_t column = from; column < end; column += kBlockColumns) visit(column, std::min(kBlockColumns, end - column));
}

/** Values that are all written before they are read. */
inline std::unique_ptr<double[]> unset(size_t count) { return std::unique_ptr<double[]>(new double[count]); }

/** Of each 8 x 8 pairs, whether any has a pull: [rows / 8, step], or null for all. */
struct Live {
  const uint8_t* any;
  size_t step;
};

/** Squared chart distances of up to 32 rows of x to up to 256 rows of y, and what runs over them need. */
class PairBlock {
 public:
  PairBlock(const Chart& chart, const ChartRows& x, const ChartRows& y)
      : chart_(chart), x_(x), y_(y), q_(unset(kBlockRows * kStep)) {
    if (chart.antipodes()) w_ = unset(kBlockColumns);
  }

  /** @param row, column multiples of 8 and of 16 @param live from there on; pairs that are not are left out */
  void load(size_t row, size_t rows, size_t column, size_t columns, const Live& live = {nullptr, 0}) {
    live_ = live;
    row_ = row;
    column_ = column;
    columns_ = columns;
    tiles(rows, [&](size_t i, size_t j, size_t to) {
      if (!isLive(i, j) && !isLive(i, j + kLanes)) return;
      pairKernels().squares({x_.octet(row + i), y_.octet(column + j), x_.squared.data() + row + i,
                             y_.squared.data() + column + j, chart_.size(), q_.get() + to, kStep});
    });
  }

  /** Derivatives of what `load` was given last, along the direction vx, vy of x and y. */
  void loadAlong(size_t rows, const ChartRows& vx, const ChartRows& vy) {
    if (!along_) along_ = unset(kBlockRows * kStep);
    tiles(rows, [&](size_t i, size_t j, size_t to) {
      pairKernels().along({x_.octet(row_ + i), y_.octet(column_ + j), vx.octet(row_ + i), vy.octet(column_ + j),
                           chart_.size(), along_.get() + to, kStep});
    });
  }

  /** Row i of the block; valid until the next call. */
  PairRun run(size_t i) {
    const size_t row = row_ + i;
    PairRun run{chart_.law(), columns_, q_.get() + i * kStep, x_.a[row], y_.a.data() + column_, nullptr,
                live_.any ? live_.any + i / kLanes * live_.step : nullptr};
    if (chart_.antipodes()) {
      pairKernels().complements(run, w_.get());
      for (size_t j = 0; j < columns_; j++) {
        if (!isLive(i, j) || w_[j] >= kNearAntipode) continue;
        const size_t other = column_ + j;
        w_[j] = chart_.complement(x_.row(row), x_.a[row], y_.row(other), y_.a[other]);
      }
      run.w = w_.get();
    }
    return run;
  }
  const double* along(size_t i) const { return along_.get() + i * kStep; }

  /** 1 - K u has lost half of its digits below. */
  static constexpr double kNearAntipode = 1e-6;

 private:
  bool isLive(size_t i, size_t j) const { return !live_.any || live_.any[i / kLanes * live_.step + j / kLanes]; }

  /** One vector more than needed: at a power of two, rows would compete for the same lines of the cache. */
  static constexpr size_t kStep = kBlockColumns + kLanes;

  template <class Fill>
  void tiles(size_t rows, Fill&& fill) {
    for (size_t j = 0; j < columns_; j += kTileColumns)
      for (size_t i = 0; i < rows; i += kTileSide) fill(i, j, i * kStep + j);
  }

  const Chart& chart_;
  const ChartRows& x_;
  const ChartRows& y_;
  size_t row_ = 0;
  size_t column_ = 0;
  size_t columns_ = 0;
  Live live_ = {nullptr, 0};
  std::unique_ptr<double[]> q_;
  std::unique_ptr<double[]> along_;
  std::unique_ptr<double[]> w_;
};

}  // namespace gyro
