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
    acrossColumns(0, in.m, [&](size_t column, size_t columns) {
      block.load(first, rows, column, columns);
      for (size_t i = 0; i < rows; i++) pairKernels().distances(block.run(i), d + (first + i) * in.m + column);
    });
  });
}

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
    acrossColumns(0, in.m, [&](size_t column, size_t columns) {
      const auto pulls = [&](size_t i) { return Pulls{dy + (start + first + i) * in.m + column, nullptr}; };
      block.load(start + first, rows, column, columns, strip.findLive(first, rows, column, columns, pulls));
      for (size_t i = 0; i < rows; i++) {
        const size_t row = start + first + i;
        const PairRun run = block.run(i);
        toX.add(row, kernel.firstWeights(run, pulls(i), strip.weights(0, first + i, column)));
        if (out.curvature) curvature[in.n + in.m + row] += kernel.curvatureSum(run, pulls(i));
      }
    });
    strip.multiplyAcross(0, first, rows, 0, y, toX.product.data() + (start + first) * x.stride);
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
