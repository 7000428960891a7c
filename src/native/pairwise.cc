#include "pairwise.h"

#include <numeric>

#include "pairwiseStrip.h"

namespace gyro {

void allDistances(const PairInput& in, float* d) {
  const ChartRows x = placeRows(in.chart, in.x, in.n);
  const ChartRows y = placeRows(in.chart, in.y, in.m);
  parallelFor(in.threads, blocks(in.n), [&](size_t item) {
    PairBlock block(in.chart, x, y);
    const size_t first = item * kBlockRows;
    const size_t rows = std::min(kBlockRows, in.n - first);
    acrossColumns(in.m, [&](size_t column, size_t columns) {
      block.load(first, rows, column, columns);
      for (size_t i = 0; i < rows; i++) pairKernels().distances(block.run(i), d + (first + i) * in.m + column);
    });
  });
}

namespace {

/** J' of rows' sums; out.curvature[i] is row i's part of the gradient to K. */
void pullRows(const Chart& chart, int threads, const float* values, const ChartRows& at, const SideSums& sums,
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

}  // namespace

void allGradients(const PairInput& in, const float* dy, const PairGradients& out) {
  const Chart& chart = in.chart;
  const PairKernels& kernel = pairKernels();
  const ChartRows x = placeRows(chart, in.x, in.n);
  const ChartRows y = placeRows(chart, in.y, in.m);
  Strip strip(in.n, in.m, 1);
  SideSums toX(x);
  SideSums toY(y);
  // Of rows of x, of rows of y, and of the law.
  std::vector<double> curvature(in.n + in.m + in.n);
  const auto make = [&](size_t start, size_t first, size_t rows) {
    PairBlock block(chart, x, y);
    strip.clearSums(first / kBlockRows);
    acrossColumns(in.m, [&](size_t column, size_t columns) {
      block.load(start + first, rows, column, columns);
      for (size_t i = 0; i < rows; i++) {
        const size_t row = start + first + i;
        const float* pull = dy + row * in.m + column;
        const PairRun run = block.run(i);
        toX.add(row, kernel.firstWeights(run, pull, strip.weights(0, first + i, column)));
        if (out.curvature) curvature[in.n + in.m + row] += kernel.curvatureSum(run, pull);
      }
    });
    strip.multiplyAcross(0, first, rows, y, toX.product.data() + (start + first) * x.stride);
  };
  const auto add = [&](size_t start, size_t rows, size_t column, size_t columns) {
    strip.multiplyDown(0, column, columns, rows, x, start, toY.product.data() + column * y.stride);
    strip.addSums(0, column, columns, rows, toY);
  };
  overStrips(in.n, in.m, in.threads, strip.rows(), make, add);
  pullRows(chart, in.threads, in.x, x, toX, out.x, out.curvature ? curvature.data() : nullptr);
  pullRows(chart, in.threads, in.y, y, toY, out.y, out.curvature ? curvature.data() + in.n : nullptr);
  if (out.curvature) *out.curvature = std::accumulate(curvature.begin(), curvature.end(), 0.0);
}

}  // namespace gyro
