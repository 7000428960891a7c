#pragma once

#include "pairwiseBlock.h"
#include "../parallel.h"

namespace gyro {

/** Sums over one side's other points, a row a point of this side: sum p - product is the gradient to p. */
struct SideSums {
  explicit SideSums(const ChartRows& rows)
      : stride(rows.stride), product(wholeVectors(rows.count) * stride), point(wholeVectors(rows.count)),
        scalar(point.size()) {}
  void add(size_t i, RowSums sums) {
    point[i] += sums.point;
    scalar[i] += sums.scalar;
  }
  size_t stride;
  std::vector<double> product;  // Σ P p'
  std::vector<double> point;    // Σ P
  std::vector<double> scalar;   // Σ S b
};

/** J' of rows' sums; curvature[i], where it is not null, is row i's part of the gradient to K. */
inline void pullRows(const Chart& chart, int threads, const float* values, const ChartRows& at, const SideSums& sums,
                     float* out, double* curvature) {
  parallelFor(threads, blocks(at.count), [&](size_t item) {
    std::vector<double> g(chart.size());
    std::vector<double> back(chart.columns());
    for (size_t i = item * kBlockRows; i < std::min(at.count, (item + 1) * kBlockRows); i++) {
      const float* row = values + i * chart.columns();
      const double* product = sums.product.data() + i * at.stride;
      for (int k = 0; k < chart.size(); k++) g[k] = sums.point[i] * at.row(i)[k] - product[k];
      chart.pull(row, g.data(), sums.scalar[i], back.data());
      if (curvature) curvature[i] = chart.curvaturePull(row, g.data(), sums.scalar[i]);
      std::copy(back.begin(), back.end(), out + i * chart.columns());
    }
  });
}

/**
 * The weights P of a strip of rows against all columns, and each block of rows' sums of them: a strip is finished
 * before the next begins, and blocks are added in their order, so that no sum depends on the number of threads.
 */
class Strip {
 public:
  Strip(size_t n, size_t m, int kinds) : width_(wholeVectors(m)), liveStep_(width_ / kLanes + 1) {
    // As many rows as fit 8 MiB: still in the cache when they are read again.
    const size_t fit = (size_t{1} << 20) / (std::max<size_t>(1, width_) * kinds) / kBlockRows;
    rows_ = std::min(std::max<size_t>(1, fit), blocks(n)) * kBlockRows;
    step_ = rows_ * kLanes + kLanes * kLanes;
    live_.assign(rows_ / kLanes * liveStep_, 1);
    for (int i = 0; i < kinds; i++) {
      weights_.push_back(unset(width_ / kLanes * step_));
      sums_.push_back(unset(2 * blocks(rows_) * width_));
    }
  }
  size_t rows() const { return rows_; }

  /** Before weights of a block of rows are made. */
  void clearSums(size_t block) {
    for (auto& sums : sums_) std::fill_n(sums.get() + 2 * block * width_, 2 * width_, 0.0);
  }
  Weights weights(int kind, size_t row, size_t column) {
    double* sums = sums_[kind].get() + 2 * (row / kBlockRows) * width_ + column;
    return {at(kind, row, column), step_, sums, sums + width_};
  }

  /**
   * Finds which 8 x 8 of `rows` x `columns` pairs are none, since their pulls are all 0: then no weights of them need be
   * made. All are taken for some otherwise.
   * @param row, column multiples of 8 @param pulls(r) of row + r, from `column` on
   */
  template <class PullsOf>
  Live findLive(size_t row, size_t rows, size_t column, size_t columns, PullsOf&& pulls) {
    uint8_t* any = live_.data() + row / kLanes * liveStep_ + column / kLanes;
    bool all = true;
    for (size_t r = 0; r < rows; r += kLanes) {
      const size_t end = std::min(rows, r + kLanes);
      uint8_t* of = any + r / kLanes * liveStep_;
      for (size_t c = 0; c < columns; c += kLanes) {
        uint64_t bits = 0;
        for (size_t i = r; i < end; i++) {
          const Pulls at = pulls(i);
          bits |= bitsOfLanes(at.there + c, columns - c);
          if (at.back) bits |= bitsOfLanes(at.back + c, columns - c);
        }
        of[c / kLanes] = bits != 0;
        all = all && bits != 0;
      }
    }
    return {all ? nullptr : any, liveStep_};
  }

  /** out[r] += Σ P[row + r, s] B[s] over the columns s from `column`, a multiple of 8, to the last. */
  void multiplyAcross(int kind, size_t row, size_t rows, size_t column, const ChartRows& B, double* out) {
    const Product product{at(kind, row, column), step_, kLanes * kLanes, B.count - column, B.row(column), B.stride, out,
                          liveAt(row, column), 1, liveStep_};
    pairKernels().acrossColumns(product, rows, B.width);
  }
  /** out[c] += Σ P[s, column + c] B[from + s] over `rows` rows. */
  void multiplyDown(int kind, size_t column, size_t columns, size_t rows, const ChartRows& B, size_t from,
                    double* out) {
    const Product product{at(kind, 0, column), kLanes * kLanes, step_, rows, B.row(from), B.stride, out,
                          liveAt(0, column), liveStep_, 1};
    pairKernels().downRows(product, wholeVectors(columns), B.width);
  }
  void addSums(int kind, size_t column, size_t columns, size_t rows, SideSums& to) {
    for (size_t block = 0; block < blocks(rows); block++) {
      const double* sums = sums_[kind].get() + 2 * block * width_;
      for (size_t j = column; j < column + columns; j++) to.add(j, {sums[j], sums[width_ + j]});
    }
  }

 private:
  const uint8_t* liveAt(size_t row, size_t column) const {
    return live_.data() + row / kLanes * liveStep_ + column / kLanes;
  }
  double* at(int kind, size_t row, size_t column) {
    return weights_[kind].get() + column / kLanes * step_ + row * kLanes;
  }

  size_t width_;
  size_t liveStep_;  // one more than there are: squares are made of two at a time
  size_t rows_;
  size_t step_;
  std::vector<std::unique_ptr<double[]>> weights_;
  std::vector<uint8_t> live_;
  std::vector<std::unique_ptr<double[]>> sums_;  // [block][point, scalar][column]
};

/** Calls make(block, first, rows) for blocks of rows of every strip, then add(from, rows, column, columns) for it. */
template <class Make, class Add>
void overStrips(size_t n, size_t m, int threads, size_t stripRows, Make&& make, Add&& add) {
  for (size_t start = 0; start < n; start += stripRows) {
    const size_t rows = std::min(stripRows, n - start);
    parallelFor(threads, blocks(rows), [&](size_t item) {
      const size_t first = item * kBlockRows;
      make(start, first, std::min(kBlockRows, rows - first));
    });
    parallelFor(threads, blocks(m), [&](size_t item) {
      // From the last: where a row meets the columns behind it, they have the most to add.
      const size_t column = (blocks(m) - 1 - item) * kBlockRows;
      add(start, rows, column, std::min(kBlockRows, m - column));
    });
  }
}

}  // namespace gyro
