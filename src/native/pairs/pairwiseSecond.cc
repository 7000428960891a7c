#include "pairwise.h"
#include "pairwiseStrip.h"

namespace gyro {
namespace {

enum Kind { first, along };

/** One side's sums for the second derivative: those of the first and their derivatives. */
struct SecondSums {
  explicit SecondSums(const ChartRows& rows) : first(rows), along(rows), direction(first.product.size()) {}
  void add(size_t i, const SecondRowSums& sums) {
    first.add(i, sums.first);
    along.add(i, sums.along);
  }
  SideSums first;
  SideSums along;                 // with P derived: Σ P' p', Σ P', Σ S' b + S b'
  std::vector<double> direction;  // Σ P v'
};

/** The derivative of J' of rows' sums along v; vp is J v. */
void pullRows(const Chart& chart, int threads, const float* values, const float* v, const ChartRows& at,
              const ChartRows& vp, const SecondSums& sums, float* out) {
  parallelFor(threads, blocks(at.count), [&](size_t item) {
    std::vector<double> g(chart.size());
    std::vector<double> gAlong(chart.size());
    std::vector<double> back(chart.columns());
    for (size_t i = item * kBlockRows; i < std::min(at.count, (item + 1) * kBlockRows); i++) {
      const size_t start = i * chart.columns();
      const auto of = [&](const std::vector<double>& product) { return product.data() + i * at.stride; };
      const double* product = of(sums.first.product);
      const double* productAlong = of(sums.along.product);
      const double* direction = of(sums.direction);
      const double P = sums.first.point[i];
      const double PAlong = sums.along.point[i];
      for (int k = 0; k < chart.size(); k++) {
        g[k] = P * at.row(i)[k] - product[k];
        gAlong[k] = (PAlong * at.row(i)[k] - productAlong[k]) + (P * vp.row(i)[k] - direction[k]);
      }
      chart.pull(values + start, gAlong.data(), sums.along.scalar[i], back.data());
      chart.pullAlong(values + start, v + start, g.data(), sums.first.scalar[i], back.data());
      std::copy(back.begin(), back.end(), out + start);
    }
  });
}

}  // namespace

void allSecond(const PairInput& in, const float* dy, const PairSecond& out) {
  const Chart& chart = in.chart;
  const ChartRows x = placeRows(chart, in.x, in.n);
  const ChartRows y = placeRows(chart, in.y, in.m);
  const ChartRows vx = pushRows(chart, in.x, out.vx, in.n);
  const ChartRows vy = pushRows(chart, in.y, out.vy, in.m);
  Strip strip(in.n, in.m, 2);
  SecondSums toX(x);
  SecondSums toY(y);
  const auto make = [&](size_t start, size_t from, size_t rows) {
    PairBlock block(chart, x, y);
    strip.clearSums(from / kBlockRows);
    acrossColumns(0, in.m, [&](size_t column, size_t columns) {
      block.load(start + from, rows, column, columns);
      block.loadAlong(rows, vx, vy);
      for (size_t i = 0; i < rows; i++) {
        const size_t row = start + from + i;
        const size_t pair = row * in.m + column;
        toX.add(row, pairKernels().secondWeights(block.run(i), {block.along(i), vx.a[row], vy.a.data() + column},
                                                 dy + pair, strip.weights(first, from + i, column),
                                                 strip.weights(along, from + i, column), out.dy + pair));
      }
    });
    const size_t at = (start + from) * x.stride;
    strip.multiplyAcross(first, from, rows, 0, y, toX.first.product.data() + at);
    strip.multiplyAcross(along, from, rows, 0, y, toX.along.product.data() + at);
    strip.multiplyAcross(first, from, rows, 0, vy, toX.direction.data() + at);
  };
  const auto add = [&](size_t start, size_t rows, size_t column, size_t columns) {
    const size_t at = column * y.stride;
    strip.multiplyDown(first, column, columns, rows, x, start, toY.first.product.data() + at);
    strip.multiplyDown(along, column, columns, rows, x, start, toY.along.product.data() + at);
    strip.multiplyDown(first, column, columns, rows, vx, start, toY.direction.data() + at);
    strip.addSums(first, column, columns, rows, toY.first);
    strip.addSums(along, column, columns, rows, toY.along);
  };
  overStrips(in.n, in.m, in.threads, strip.rows(), make, add);
  pullRows(chart, in.threads, in.x, out.vx, x, vx, toX, out.x);
  pullRows(chart, in.threads, in.y, out.vy, y, vy, toY, out.y);
}

void selfSecond(const PairInput& in, const float* dy, const float* v, float* toX, float* toDy) {
  std::vector<float> toY(in.n * in.chart.columns());
  allSecond(in, dy, {v, v, toX, toY.data(), toDy});
  for (size_t k = 0; k < toY.size(); k++) toX[k] += toY[k];
}

}  // namespace gyro
