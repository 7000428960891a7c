#include <numeric>

#include "pairwise.h"
#include "pairwiseStrip.h"

namespace gyro {
namespace {

/** to[c][r] = from[r][c]. */
void transpose(const float* from, size_t fromStep, size_t rows, size_t columns, float* to, size_t toStep) {
  for (size_t r = 0; r < rows; r += kLanes) {
    const size_t some = std::min(kLanes, rows - r);
    for (size_t c = 0; c < columns; c++) {
      for (size_t l = 0; l < some; l++) to[c * toStep + r + l] = from[(r + l) * fromStep + c];
    }
  }
}

/** Calls visit(column, columns) for the block of `rows` columns on the diagonal, and then for those behind it. */
template <class Visit>
void fromDiagonal(size_t first, size_t rows, size_t end, Visit&& visit) {
  visit(first, rows);
  acrossColumns(first + rows, end, visit);
}

}  // namespace

void selfDistances(const PairInput& in, float* d) {
  const size_t n = in.n;
  const ChartRows x = placeRows(in.chart, in.x, n);
  parallelFor(in.threads, blocks(n), [&](size_t item) {
    PairBlock block(in.chart, x, x);
    const size_t first = item * kBlockRows;
    const size_t rows = std::min(kBlockRows, n - first);
    fromDiagonal(first, rows, n, [&](size_t column, size_t columns) {
      float* right = d + first * n + column;
      block.load(first, rows, column, columns);
      for (size_t i = 0; i < rows; i++) pairKernels().distances(block.run(i), right + i * n);
      if (column > first) transpose(right, n, rows, columns, d + column * n + first, n);
    });
  });
}

void selfGradients(const PairInput& in, const float* dy, float* toX, double* curvature) {
  const Chart& chart = in.chart;
  const PairKernels& kernel = pairKernels();
  const size_t n = in.n;
  const ChartRows x = placeRows(chart, in.x, n);
  Strip strip(n, n, 1);
  SideSums sums(x);
  // Of rows, and of the law.
  std::vector<double> slopes(2 * n);
  const auto make = [&](size_t start, size_t from, size_t rows) {
    const size_t first = start + from;
    PairBlock block(chart, x, x);
    float back[kBlockRows * kBlockColumns];
    strip.clearSums(from / kBlockRows);
    fromDiagonal(first, rows, n, [&](size_t column, size_t columns) {
      transpose(dy + column * n + first, n, columns, rows, back, kBlockColumns);
      const auto pulls = [&](size_t i) { return Pulls{dy + (first + i) * n + column, back + i * kBlockColumns}; };
      block.load(first, rows, column, columns, strip.findLive(from, rows, column, columns, pulls));
      for (size_t i = 0; i < rows; i++) {
        Pulls both = pulls(i);
        const PairRun run = block.run(i);
        sums.add(first + i, kernel.firstWeights(run, both, strip.weights(0, from + i, column)));
        // On the diagonal both pairs of two rows are met.
        if (column == first) both.back = nullptr;
        if (curvature) slopes[n + first + i] += kernel.curvatureSum(run, both);
      }
    });
    strip.multiplyAcross(0, from, rows, first, x, sums.product.data() + first * x.stride);
  };
  const auto add = [&](size_t start, size_t rows, size_t column, size_t columns) {
    if (column <= start) return;
    const size_t above = std::min(rows, column - start);
    strip.multiplyDown(0, column, columns, above, x, start, sums.product.data() + column * x.stride);
    strip.addSums(0, column, columns, above, sums);
  };
  overStrips(n, n, in.threads, strip.rows(), make, add);
  pullRows(chart, in.threads, in.x, x, sums, toX, curvature ? slopes.data() : nullptr);
  if (curvature) *curvature = std::accumulate(slopes.begin(), slopes.end(), 0.0);
}

}  // namespace gyro
