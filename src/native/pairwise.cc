#include "pairwise.h"

#include <numeric>

#include "pairwiseBlock.h"
#include "parallel.h"

namespace gyro {
namespace {

/** Weights of a strip of rows against all columns; a strip is finished before the next begins. */
class Strip {
 public:
  Strip(size_t n, size_t m, int kinds) : step_(wholeVectors(m) + kLanes) {
    // As many rows as fit 4 MiB, so that the weights of the common batch are in the cache when they are read again.
    rows_ = std::max<size_t>(1, (size_t{1} << 19) / (step_ * kBlockRows)) * kBlockRows;
    rows_ = std::min(rows_, (n + kBlockRows - 1) / kBlockRows * kBlockRows);
    for (int i = 0; i < kinds; i++) weights_.emplace_back(rows_ * step_);
  }
  size_t rows() const { return rows_; }
  size_t step() const { return step_; }
  double* at(int kind, size_t row, size_t column) { return weights_[kind].data() + row * step_ + column; }

 private:
  size_t step_;
  size_t rows_;
  std::vector<std::vector<double>> weights_;
};

enum Weight { toPoint, toScalar, toPointAlong, toScalarAlong };

size_t blocks(size_t count) { return (count + kBlockRows - 1) / kBlockRows; }

/** Calls visit(row, rows, column, columns) for the blocks of one block of rows, from left to right. */
template <class Visit>
void acrossColumns(size_t m, Visit&& visit) {
  for (size_t column = 0; column < m; column += kBlockColumns) visit(column, std::min(kBlockColumns, m - column));
}

void widen(const float* from, size_t count, double* to) {
  for (size_t j = 0; j < count; j++) to[j] = from[j];
  std::fill(to + count, to + wholeVectors(count), 0.0);
}

/** sum p - product: the gradient to p from weights on p - p'. */
void subtractProduct(double sum, const double* p, const double* product, int size, double* out) {
  for (int k = 0; k < size; k++) out[k] += sum * p[k] - product[k];
}

void narrow(const std::vector<double>& from, float* to) {
  for (size_t k = 0; k < from.size(); k++) to[k] = static_cast<float>(from[k]);
}

/** Sums over one side's other points, a row a point of this side. */
struct SideSums {
  SideSums(size_t count, size_t stride) : product(count * stride), sum(wholeVectors(count)), scalar(sum.size()) {}
  std::vector<double> product;  // Σ P p'
  std::vector<double> sum;      // Σ P
  std::vector<double> scalar;   // Σ S b
};

/** J' of one row's sums. */
void pullRow(const Chart& chart, const float* row, const double* p, double sum, const double* product, double ga,
             double* curvature, float* out) {
  std::vector<double> g(chart.size());
  std::vector<double> back(chart.columns());
  subtractProduct(sum, p, product, chart.size(), g.data());
  chart.pull(row, g.data(), ga, back.data());
  if (curvature) *curvature = chart.curvaturePull(row, g.data(), ga);
  narrow(back, out);
}

/** One side's sums for the second derivative: those of the first and their derivatives. */
struct SecondSums {
  SecondSums(size_t count, size_t stride)
      : first(count, stride), along(count, stride), direction(count * stride) {}
  SideSums first;
  SideSums along;                 // with P derived: Σ P' p', Σ P', Σ S' b + S b'
  std::vector<double> direction;  // Σ P v'
};

void pullSecondRow(const Chart& chart, const float* row, const float* v, const double* p, const double* vp,
                   const SecondSums& sums, size_t i, size_t stride, float* out) {
  std::vector<double> g(chart.size());
  std::vector<double> gAlong(chart.size());
  std::vector<double> back(chart.columns());
  subtractProduct(sums.first.sum[i], p, sums.first.product.data() + i * stride, chart.size(), g.data());
  subtractProduct(sums.along.sum[i], p, sums.along.product.data() + i * stride, chart.size(), gAlong.data());
  subtractProduct(sums.first.sum[i], vp, sums.direction.data() + i * stride, chart.size(), gAlong.data());
  chart.pull(row, gAlong.data(), sums.along.scalar[i], back.data());
  chart.pullAlong(row, v, g.data(), sums.first.scalar[i], back.data());
  narrow(back, out);
}

}  // namespace

void allDistances(const PairInput& in, float* d) {
  const ChartRows x = placeRows(in.chart, in.x, in.n, true, false);
  const ChartRows y = placeRows(in.chart, in.y, in.m, false, true);
  parallelFor(in.threads, blocks(in.n), [&](size_t item) {
    PairBlock block(in.chart, x, y);
    double out[kBlockColumns];
    const size_t from = item * kBlockRows;
    const size_t rows = std::min(kBlockRows, in.n - from);
    acrossColumns(in.m, [&](size_t column, size_t columns) {
      block.load(from, rows, column, columns);
      for (size_t i = 0; i < rows; i++) {
        pairKernels().distances(block.run(i), out);
        float* to = d + (from + i) * in.m + column;
        for (size_t j = 0; j < columns; j++) to[j] = static_cast<float>(out[j]);
      }
    });
  });
}

void allGradients(const PairInput& in, const float* dy, const PairGradients& out) {
  const Chart& chart = in.chart;
  const PairKernels& kernel = pairKernels();
  const ChartRows x = placeRows(chart, in.x, in.n, true, false);
  const ChartRows y = placeRows(chart, in.y, in.m, false, true);
  Strip strip(in.n, in.m, 2);
  SideSums toY(in.m, y.stride);
  std::vector<double> curvature(in.n + in.m + in.n);
  const size_t width = wholeVectors(in.m);
  const std::vector<double> ones(width, 1);
  for (size_t start = 0; start < in.n; start += strip.rows()) {
    const size_t stripRows = std::min(strip.rows(), in.n - start);
    parallelFor(in.threads, blocks(stripRows), [&](size_t item) {
      PairBlock block(chart, x, y);
      double pull[kBlockColumns];
      double slopes[kBlockColumns];
      const size_t first = item * kBlockRows;
      const size_t rows = std::min(kBlockRows, stripRows - first);
      acrossColumns(in.m, [&](size_t column, size_t columns) {
        block.load(start + first, rows, column, columns);
        for (size_t i = 0; i < rows; i++) {
          const size_t row = start + first + i;
          widen(dy + row * in.m + column, columns, pull);
          const PairRun run = block.run(i);
          kernel.firstWeights(run, pull, {strip.at(toPoint, first + i, column), strip.at(toScalar, first + i, column)});
          if (!out.curvature) continue;
          kernel.curvatureSlopes(run, slopes);
          curvature[in.n + in.m + row] += kernel.product(slopes, pull, run.count);
        }
      });
      std::vector<double> product(rows * y.stride);
      kernel.multiply(strip.at(toPoint, first, 0), strip.step(), 1, rows, in.m, y.rows.data(), y.stride,
                      product.data());
      for (size_t i = 0; i < rows; i++) {
        const size_t row = start + first + i;
        const double sum = kernel.product(strip.at(toPoint, first + i, 0), ones.data(), width);
        const double ga = chart.weighted() ? kernel.product(strip.at(toScalar, first + i, 0), y.a.data(), width) : 0;
        pullRow(chart, in.x + row * chart.columns(), x.rows.data() + row * x.stride, sum,
                product.data() + i * y.stride, ga, out.curvature ? &curvature[row] : nullptr,
                out.x + row * chart.columns());
      }
    });
    parallelFor(in.threads, blocks(in.m), [&](size_t item) {
      const size_t from = item * kBlockRows;
      const size_t columns = std::min(kBlockRows, in.m - from);
      const size_t step = strip.step();
      kernel.multiply(strip.at(toPoint, 0, from), 1, step, columns, stripRows, x.rows.data() + start * x.stride,
                      x.stride, toY.product.data() + from * y.stride);
      kernel.columnSums(strip.at(toPoint, 0, from), step, stripRows, nullptr, wholeVectors(columns), &toY.sum[from]);
      if (!chart.weighted()) return;
      kernel.columnSums(strip.at(toScalar, 0, from), step, stripRows, x.a.data() + start, wholeVectors(columns),
                        &toY.scalar[from]);
    });
  }
  parallelFor(in.threads, blocks(in.m), [&](size_t item) {
    for (size_t j = item * kBlockRows; j < std::min(in.m, (item + 1) * kBlockRows); j++) {
      pullRow(chart, in.y + j * chart.columns(), y.rows.data() + j * y.stride, toY.sum[j],
              toY.product.data() + j * y.stride, toY.scalar[j], out.curvature ? &curvature[in.n + j] : nullptr,
              out.y + j * chart.columns());
    }
  });
  if (out.curvature) *out.curvature = std::accumulate(curvature.begin(), curvature.end(), 0.0);
}

void allSecond(const PairInput& in, const float* dy, const PairSecond& out) {
  const Chart& chart = in.chart;
  const PairKernels& kernel = pairKernels();
  const ChartRows x = placeRows(chart, in.x, in.n, true, false);
  const ChartRows y = placeRows(chart, in.y, in.m, false, true);
  const ChartRows vx = pushRows(chart, in.x, out.vx, in.n, true, false);
  const ChartRows vy = pushRows(chart, in.y, out.vy, in.m, false, true);
  Strip strip(in.n, in.m, 4);
  SecondSums toX(in.n, x.stride);
  SecondSums toY(in.m, y.stride);
  const size_t width = wholeVectors(in.m);
  const std::vector<double> ones(width, 1);
  for (size_t start = 0; start < in.n; start += strip.rows()) {
    const size_t stripRows = std::min(strip.rows(), in.n - start);
    parallelFor(in.threads, blocks(stripRows), [&](size_t item) {
      PairBlock block(chart, x, y);
      double pull[kBlockColumns];
      double along[kBlockColumns];
      const size_t first = item * kBlockRows;
      const size_t rows = std::min(kBlockRows, stripRows - first);
      acrossColumns(in.m, [&](size_t column, size_t columns) {
        block.load(start + first, rows, column, columns);
        block.loadAlong(rows, vx, vy);
        for (size_t i = 0; i < rows; i++) {
          const size_t row = start + first + i;
          widen(dy + row * in.m + column, columns, pull);
          const auto weights = [&](Weight kind) { return strip.at(kind, first + i, column); };
          kernel.secondWeights(block.run(i), {block.along(i), vx.a[row], vy.a.data() + column}, pull,
                               {weights(toPoint), weights(toScalar)},
                               {along, weights(toPointAlong), weights(toScalarAlong)});
          float* to = out.dy + row * in.m + column;
          for (size_t j = 0; j < columns; j++) to[j] = static_cast<float>(along[j]);
        }
      });
      const size_t row = start + first;
      const auto multiply = [&](Weight kind, const ChartRows& points, std::vector<double>& to) {
        kernel.multiply(strip.at(kind, first, 0), strip.step(), 1, rows, in.m, points.rows.data(), points.stride,
                        to.data() + row * x.stride);
      };
      multiply(toPoint, y, toX.first.product);
      multiply(toPointAlong, y, toX.along.product);
      multiply(toPoint, vy, toX.direction);
      for (size_t i = 0; i < rows; i++) {
        const auto sum = [&](Weight kind, const std::vector<double>& scale) {
          return kernel.product(strip.at(kind, first + i, 0), scale.data(), width);
        };
        toX.first.sum[row + i] = sum(toPoint, ones);
        toX.along.sum[row + i] = sum(toPointAlong, ones);
        toX.first.scalar[row + i] = sum(toScalar, y.a);
        toX.along.scalar[row + i] = sum(toScalarAlong, y.a) + sum(toScalar, vy.a);
      }
    });
    parallelFor(in.threads, blocks(in.m), [&](size_t item) {
      const size_t from = item * kBlockRows;
      const size_t columns = std::min(kBlockRows, in.m - from);
      const size_t step = strip.step();
      const auto multiply = [&](Weight kind, const ChartRows& points, std::vector<double>& to) {
        kernel.multiply(strip.at(kind, 0, from), 1, step, columns, stripRows,
                        points.rows.data() + start * points.stride, points.stride, to.data() + from * y.stride);
      };
      multiply(toPoint, x, toY.first.product);
      multiply(toPointAlong, x, toY.along.product);
      multiply(toPoint, vx, toY.direction);
      const auto sums = [&](Weight kind, const double* scale, std::vector<double>& to) {
        kernel.columnSums(strip.at(kind, 0, from), step, stripRows, scale ? scale + start : nullptr,
                          wholeVectors(columns), &to[from]);
      };
      sums(toPoint, nullptr, toY.first.sum);
      sums(toPointAlong, nullptr, toY.along.sum);
      sums(toScalar, x.a.data(), toY.first.scalar);
      sums(toScalarAlong, x.a.data(), toY.along.scalar);
      sums(toScalar, vx.a.data(), toY.along.scalar);
    });
  }
  const auto finish = [&](const float* points, const float* v, const ChartRows& p, const ChartRows& vp,
                          const SecondSums& sums, float* to) {
    parallelFor(in.threads, blocks(p.count), [&](size_t item) {
      for (size_t i = item * kBlockRows; i < std::min(p.count, (item + 1) * kBlockRows); i++) {
        const size_t at = i * chart.columns();
        pullSecondRow(chart, points + at, v + at, p.rows.data() + i * p.stride, vp.rows.data() + i * p.stride, sums,
                      i, p.stride, to + at);
      }
    });
  };
  finish(in.x, out.vx, x, vx, toX, out.x);
  finish(in.y, out.vy, y, vy, toY, out.y);
}

}  // namespace gyro
