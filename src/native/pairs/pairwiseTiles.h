#pragma once

#include "pairwiseLanes.h"

namespace gyro {

/** Rows of a tile, and of its columns: two vectors. */
constexpr size_t kTileSide = 8;
constexpr size_t kTileColumns = 16;

/** Eight points against sixteen: coordinates in octets (pairwiseChart.h), |p|² of each, and where q goes. */
struct SquareTile {
  const double* x;
  const double* y;
  const double* xSquared;
  const double* ySquared;
  int size;
  double* q;
  size_t step;  // of rows of q
};
struct AlongTile {
  const double* x;
  const double* y;
  const double* v;
  const double* w;
  int size;
  double* out;
  size_t step;
};

/**
 * Where q = |p|² + |p'|² - 2 p·p' is at most this share of N = |p|² + |p'|², it is summed again from differences. A
 * sum of n products errs by at most n 2^-53 of its terms' magnitudes, so that q errs by less than (2n + 3) 2^-53 N,
 * which is 2^-27 of any q above the share: in a distance, a sixteenth of float32's rounding.
 */
GYRO_INLINE double nearShare(int size) { return (size + 2) * 0x1p-25; }

#define GYRO_UNROLL _Pragma("GCC unroll 8")

/** How products are added, and the sums that stay in registers: `rows` of `vectors`, each a register wide. */
template <class SumOf, class VectorOf, int rowsOf, int vectorsOf>
struct TileShape {
  using Sum = SumOf;
  using Vector = VectorOf;
  static constexpr int rows = rowsOf;
  static constexpr int vectors = vectorsOf;
  static constexpr size_t lanes = lanesOf<Vector>;
  static constexpr size_t columns = vectors * lanes;
};

/** Where coordinate 0 of column c, a multiple of the lanes, is in octets. */
GYRO_INLINE size_t inOctets(size_t c, int size) { return c / kLanes * kLanes * size + c % kLanes; }

/** sums[r][c] = Σ_k of term(sum, x_r, y_c) from 0; spread(&x) is x in every lane. */
template <class Shape, class Spread, class Term>
GYRO_INLINE void tileSums(const double* x, const double* y, size_t column, int size,
                          typename Shape::Vector (&sums)[Shape::rows][Shape::vectors], Spread&& spread, Term&& term) {
  using V = typename Shape::Vector;
  const double* columns[Shape::vectors];
  GYRO_UNROLL for (int c = 0; c < Shape::vectors; c++) {
    columns[c] = y + inOctets(column + c * Shape::lanes, size);
    GYRO_UNROLL for (int r = 0; r < Shape::rows; r++) sums[r][c] = V{};
  }
  for (int k = 0; k < size; k++) {
    V at[Shape::vectors];
    GYRO_UNROLL for (int c = 0; c < Shape::vectors; c++) at[c] = loadLanes<V>(columns[c] + k * kLanes);
    GYRO_UNROLL for (int r = 0; r < Shape::rows; r++) {
      const V row = spread(x + k * kTileSide + r);
      GYRO_UNROLL for (int c = 0; c < Shape::vectors; c++) sums[r][c] = term(sums[r][c], row, at[c]);
    }
  }
}

template <class Shape>
GYRO_INLINE void squaresPart(const SquareTile& tile, size_t row, size_t column) {
  using V = typename Shape::Vector;
  const double share = nearShare(tile.size);
  V sums[Shape::rows][Shape::vectors];
  const auto each = [&](auto&& visit) __attribute__((always_inline)) {
    GYRO_UNROLL for (int r = 0; r < Shape::rows; r++) {
      GYRO_UNROLL for (int c = 0; c < Shape::vectors; c++) {
        const size_t j = column + c * Shape::lanes;
        const V both = tile.xSquared[row + r] + loadLanes<V>(tile.ySquared + j);
        visit(sums[r][c], both, tile.q + (row + r) * tile.step + j);
      }
    }
  };
  const double* x = tile.x + row;
  const auto apart = [](const double* p) __attribute__((always_inline)) { return everyLaneFrom<V>(p); };
  tileSums<Shape>(x, tile.y, column, tile.size, sums, apart, [](V sum, V p, V q) __attribute__((always_inline)) {
    return Shape::Sum::add(sum, p, q);
  });
  auto near = V{} != V{};
  each([&](V product, V both, double* to) __attribute__((always_inline)) {
    const V q = both - (product + product);
    // Written so that NaN is near.
    near |= ~(q > share * both);
    storeLanes(to, q);
  });
  bool any = false;
  for (size_t l = 0; l < Shape::lanes; l++) any |= near[l] != 0;
  if (!any) return;
  const auto plain = [](const double* p) __attribute__((always_inline)) { return everyLane<V>(*p); };
  tileSums<Shape>(x, tile.y, column, tile.size, sums, plain, [](V sum, V p, V q) __attribute__((always_inline)) {
    const V difference = p - q;
    return Shape::Sum::add(sum, difference, difference);
  });
  each([&](V direct, V both, double* to) __attribute__((always_inline)) {
    const V q = loadLanes<V>(to);
    storeLanes(to, q > share * both ? q : direct);
  });
}

template <class Shape>
GYRO_INLINE void squaresBody(const SquareTile& tile) {
  for (size_t c = 0; c < kTileColumns; c += Shape::columns)
    for (size_t r = 0; r < kTileSide; r += Shape::rows) squaresPart<Shape>(tile, r, c);
}

/** 2 Σ_k (x - y)(v - w), from differences alone: its value may be far below |x - y| |v - w|. */
template <class Shape>
GYRO_INLINE void alongBody(const AlongTile& tile) {
  using V = typename Shape::Vector;
  for (size_t column = 0; column < kTileColumns; column += Shape::lanes) {
    const size_t at = inOctets(column, tile.size);
    for (size_t row = 0; row < kTileSide; row += Shape::rows) {
      V sums[Shape::rows] = {};
      for (int k = 0; k < tile.size; k++) {
        const V y = loadLanes<V>(tile.y + at + k * kLanes);
        const V w = loadLanes<V>(tile.w + at + k * kLanes);
        GYRO_UNROLL for (int r = 0; r < Shape::rows; r++) {
          const size_t from = k * kTileSide + row + r;
          sums[r] = Shape::Sum::add(sums[r], tile.x[from] - y, tile.v[from] - w);
        }
      }
      GYRO_UNROLL for (int r = 0; r < Shape::rows; r++) {
        storeLanes(tile.out + (row + r) * tile.step + column, sums[r] + sums[r]);
      }
    }
  }
}

/**
 * out[r][k] += Σ_s weight(r, s) B[s][k], and weight(r, s) is at
 * weights[s / 8 sumOctet + s % 8 sumStep + r / 8 rowOctet + r % 8 rowStep].
 */
struct Product {
  const double* weights;
  size_t sumOctet;
  size_t rowOctet;
  size_t sums;
  const double* B;
  size_t stride;  // of rows of B and out
  double* out;
  /** 0 where 8 x 8 weights are none, and are passed over: that of r and s is at s / 8 liveSum + r / 8 liveRow. */
  const uint8_t* live;
  size_t liveSum;
  size_t liveRow;
};

template <class Shape, int rows, int rowStep, int sumStep>
GYRO_INLINE void productTile(const Product& in, size_t row, size_t column) {
  using V = typename Shape::Vector;
  const double* weights = in.weights + row / kLanes * in.rowOctet + row % kLanes * rowStep;
  const double* B = in.B + column;
  double* out = in.out + row * in.stride + column;
  const uint8_t* live = in.live + row / kLanes * in.liveRow;
  V tile[rows][Shape::vectors];
  GYRO_UNROLL for (int r = 0; r < rows; r++) {
    GYRO_UNROLL for (int c = 0; c < Shape::vectors; c++) {
      tile[r][c] = loadLanes<V>(out + r * in.stride + c * Shape::lanes);
    }
  }
  for (size_t from = 0; from < in.sums; from += kLanes) {
    const size_t count = *live ? std::min(kLanes, in.sums - from) : 0;
    const double* next = B + kLanes * in.stride;
    for (size_t s = 0; s < count; s++) {
      V at[Shape::vectors];
      GYRO_UNROLL for (int c = 0; c < Shape::vectors; c++) at[c] = loadLanes<V>(B + c * Shape::lanes);
      GYRO_UNROLL for (int r = 0; r < rows; r++) {
        const V weight = everyLaneFrom<V>(weights + s * sumStep + r * rowStep);
        GYRO_UNROLL for (int c = 0; c < Shape::vectors; c++) tile[r][c] = Shape::Sum::add(tile[r][c], weight, at[c]);
      }
      B += in.stride;
    }
    B = next;
    weights += in.sumOctet;
    live += in.liveSum;
  }
  GYRO_UNROLL for (int r = 0; r < rows; r++) {
    GYRO_UNROLL for (int c = 0; c < Shape::vectors; c++) {
      storeLanes(out + r * in.stride + c * Shape::lanes, tile[r][c]);
    }
  }
}

/** Rows of B, of which a tile's columns stay in the first cache while all rows of the result pass over them. */
constexpr size_t kSumBlock = 128;

/** @param width of B and out that counts, whole vectors */
template <class Shape, int rowStep, int sumStep>
GYRO_INLINE void productBody(const Product& in, size_t rows, size_t width) {
  using One = TileShape<typename Shape::Sum, typename Shape::Vector, Shape::rows, 1>;
  for (size_t s = 0; s < in.sums; s += kSumBlock) {
    const Product block{in.weights + s / kLanes * in.sumOctet, in.sumOctet, in.rowOctet,
                        std::min(kSumBlock, in.sums - s), in.B + s * in.stride, in.stride, in.out,
                        in.live + s / kLanes * in.liveSum, in.liveSum, in.liveRow};
    const auto columns = [&](auto shape, size_t k) __attribute__((always_inline)) {
      size_t r = 0;
      for (; r + Shape::rows <= rows; r += Shape::rows) {
        productTile<decltype(shape), Shape::rows, rowStep, sumStep>(block, r, k);
      }
      for (; r < rows; r++) productTile<decltype(shape), 1, rowStep, sumStep>(block, r, k);
    };
    size_t k = 0;
    for (; k + Shape::columns <= width; k += Shape::columns) columns(Shape(), k);
    for (; k < width; k += Shape::lanes) columns(One(), k);
  }
}

}  // namespace gyro
