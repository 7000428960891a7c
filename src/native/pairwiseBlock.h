#pragma once

#include <algorithm>
#include <vector>

#include "kernels.h"
#include "pairwiseChart.h"
#include "pairwiseKernels.h"

namespace gyro {

constexpr size_t kBlockRows = 32;
constexpr size_t kBlockColumns = 512;

inline size_t wholeVectors(size_t count) { return (count + kLanes - 1) / kLanes * kLanes; }

/** Squared chart distances of up to 32 rows of x to up to 512 rows of y, and what runs over them need. */
class PairBlock {
 public:
  PairBlock(const Chart& chart, const ChartRows& x, const ChartRows& y) : chart_(chart), x_(x), y_(y) {
    q_.resize(kBlockRows * kBlockColumns);
    if (chart.antipodes()) w_.resize(kBlockColumns);
  }

  /** @param row, column multiples of 8 */
  void load(size_t row, size_t rows, size_t column, size_t columns) {
    row_ = row;
    column_ = column;
    columns_ = columns;
    tiles(rows, q_, [&](size_t i, size_t j, double* out) {
      const size_t n = chart_.size();
      kernels().tileSquares(x_.quads.data() + i * n, y_.octets.data() + j * n, chart_.size(), out);
    });
  }

  /** `along` is of the same rows, the direction of x and y. */
  void loadAlong(size_t rows, const ChartRows& vx, const ChartRows& vy) {
    along_.resize(kBlockRows * kBlockColumns);
    tiles(rows, along_, [&](size_t i, size_t j, double* out) {
      const size_t n = chart_.size();
      pairKernels().tileAlong(x_.quads.data() + i * n, vx.quads.data() + i * n, y_.octets.data() + j * n,
                              vy.octets.data() + j * n, chart_.size(), out);
    });
  }

  /** Row i of the block; valid until the next call. */
  PairRun run(size_t i) {
    const size_t row = row_ + i;
    PairRun run{chart_.law(), wholeVectors(columns_), q_.data() + i * kBlockColumns, x_.a[row],
                y_.a.data() + column_, nullptr};
    if (chart_.antipodes()) {
      pairKernels().complements(run, w_.data());
      for (size_t j = 0; j < columns_; j++) {
        if (w_[j] >= kNearAntipode) continue;
        const size_t other = column_ + j;
        w_[j] = chart_.complement(x_.rows.data() + row * x_.stride, x_.a[row],
                                  y_.rows.data() + other * y_.stride, y_.a[other]);
      }
      run.w = w_.data();
    }
    return run;
  }
  const double* along(size_t i) const { return along_.data() + i * kBlockColumns; }

  /** 1 - K u has lost half of its digits below. */
  static constexpr double kNearAntipode = 1e-6;

 private:
  template <class Fill>
  void tiles(size_t rows, std::vector<double>& to, Fill&& fill) {
    double tile[kTile];
    for (size_t j = 0; j < columns_; j += kTileRows) {
      for (size_t i = 0; i < rows; i += kTileQueries) {
        fill(row_ + i, column_ + j, tile);
        for (size_t r = 0; r < kTileQueries; r++) {
          std::copy_n(tile + r * kTileRows, kTileRows, to.data() + (i + r) * kBlockColumns + j);
        }
      }
    }
  }

  const Chart& chart_;
  const ChartRows& x_;
  const ChartRows& y_;
  size_t row_ = 0;
  size_t column_ = 0;
  size_t columns_ = 0;
  std::vector<double> q_;
  std::vector<double> along_;
  std::vector<double> w_;
};

}  // namespace gyro
