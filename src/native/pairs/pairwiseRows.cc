#include <vector>

#include "pairwise.h"
#include "pairwiseBlock.h"
#include "../parallel.h"

namespace gyro {
namespace {

/** Up to eight pairs as one run, a column a pair: the product of their scalars stands in for b, and 1 for a. */
struct RowGroup {
  double q[kLanes] = {};
  double ab[kLanes] = {};
  double w[kLanes] = {};
};

/** A group's P, and S as the sums of its columns. */
struct GroupWeights {
  double P[kLanes] = {};
  double sum[kLanes] = {};
  double S[kLanes] = {};
  Weights out() { return {P, kLanes, sum, S}; }
};

constexpr size_t kItem = 256;

/** Calls visit(first, rows) for groups of up to 8 rows, on several threads. */
template <class Visit>
void overGroups(const PairInput& in, Visit&& visit) {
  parallelFor(in.threads, (in.n + kItem - 1) / kItem, [&](size_t item) {
    const size_t end = std::min(in.n, (item + 1) * kItem);
    for (size_t i = item * kItem; i < end; i += kLanes) visit(i, std::min(kLanes, end - i));
  });
}

struct Placed {
  Placed(const PairInput& in) : x(placeRows(in.chart, in.x, in.n)), y(placeRows(in.chart, in.y, in.n)) {}
  const double* p(size_t i) const { return x.row(i); }
  const double* q(size_t i) const { return y.row(i); }
  ChartRows x;
  ChartRows y;
};

PairRun runOf(const PairInput& in, const Placed& at, size_t first, size_t rows, RowGroup& group) {
  const int size = in.chart.size();
  for (size_t l = 0; l < rows; l++) {
    const double* p = at.p(first + l);
    const double* q = at.q(first + l);
    for (int k = 0; k < size; k++) group.q[l] += (p[k] - q[k]) * (p[k] - q[k]);
    group.ab[l] = at.x.a[first + l] * at.y.a[first + l];
  }
  PairRun run{in.chart.law(), rows, group.q, 1, group.ab, nullptr, nullptr};
  if (in.chart.antipodes()) {
    pairKernels().complements(run, group.w);
    for (size_t l = 0; l < rows; l++) {
      if (group.w[l] >= PairBlock::kNearAntipode) continue;
      const size_t i = first + l;
      group.w[l] = in.chart.complement(at.p(i), at.x.a[i], at.q(i), at.y.a[i]);
    }
    run.w = group.w;
  }
  return run;
}

void narrow(const std::vector<double>& from, float* to) {
  for (size_t k = 0; k < from.size(); k++) to[k] = static_cast<float>(from[k]);
}

}  // namespace

void rowDistances(const PairInput& in, float* d) {
  const Placed at(in);
  overGroups(in, [&](size_t first, size_t rows) {
    RowGroup group;
    pairKernels().distances(runOf(in, at, first, rows, group), d + first);
  });
}

void rowGradients(const PairInput& in, const float* dy, const PairGradients& out) {
  const Chart& chart = in.chart;
  const Placed at(in);
  std::vector<double> curvature(in.n);
  overGroups(in, [&](size_t first, size_t rows) {
    RowGroup group;
    GroupWeights weights;
    std::vector<double> g(chart.size());
    std::vector<double> back(chart.columns());
    const PairRun run = runOf(in, at, first, rows, group);
    pairKernels().firstWeights(run, {dy + first, nullptr}, weights.out());
    if (out.curvature) curvature[first] = pairKernels().curvatureSum(run, {dy + first, nullptr});
    for (size_t l = 0; l < rows; l++) {
      const size_t i = first + l;
      const auto pull = [&](const float* row, const double* p, const double* q, double b, float* to) {
        for (int k = 0; k < chart.size(); k++) g[k] = weights.P[l] * (p[k] - q[k]);
        chart.pull(row, g.data(), weights.S[l] * b, back.data());
        narrow(back, to);
        return out.curvature ? chart.curvaturePull(row, g.data(), weights.S[l] * b) : 0;
      };
      const size_t start = i * chart.columns();
      const double byX = pull(in.x + start, at.p(i), at.q(i), at.y.a[i], out.x + start);
      const double byY = pull(in.y + start, at.q(i), at.p(i), at.x.a[i], out.y + start);
      if (out.curvature) curvature[i] += byX + byY;
    }
  });
  if (!out.curvature) return;
  *out.curvature = 0;
  for (const double value : curvature) *out.curvature += value;
}

void rowSecond(const PairInput& in, const float* dy, const PairSecond& out) {
  const Chart& chart = in.chart;
  const int size = chart.size();
  const Placed at(in);
  const ChartRows vx = pushRows(chart, in.x, out.vx, in.n);
  const ChartRows vy = pushRows(chart, in.y, out.vy, in.n);
  overGroups(in, [&](size_t first, size_t rows) {
    RowGroup group;
    double qAlong[kLanes] = {};
    double abAlong[kLanes] = {};
    GroupWeights weights;
    GroupWeights weightsAlong;
    std::vector<double> g(size);
    std::vector<double> gAlong(size);
    std::vector<double> back(chart.columns());
    const PairRun run = runOf(in, at, first, rows, group);
    for (size_t l = 0; l < rows; l++) {
      const size_t i = first + l;
      const double* v = vx.rows.data() + i * vx.stride;
      const double* w = vy.rows.data() + i * vy.stride;
      for (int k = 0; k < size; k++) qAlong[l] += 2 * (at.p(i)[k] - at.q(i)[k]) * (v[k] - w[k]);
      abAlong[l] = vx.a[i] * at.y.a[i] + at.x.a[i] * vy.a[i];
    }
    pairKernels().secondWeights(run, {qAlong, 0, abAlong}, dy + first, weights.out(), weightsAlong.out(),
                                out.dy + first);
    for (size_t l = 0; l < rows; l++) {
      const size_t i = first + l;
      const auto pull = [&](const float* row, const float* v, const double* p, const double* q, const double* vp,
                            const double* vq, double b, double bAlong, float* to) {
        for (int k = 0; k < size; k++) {
          g[k] = weights.P[l] * (p[k] - q[k]);
          gAlong[k] = weightsAlong.P[l] * (p[k] - q[k]) + weights.P[l] * (vp[k] - vq[k]);
        }
        chart.pull(row, gAlong.data(), weightsAlong.S[l] * b + weights.S[l] * bAlong, back.data());
        chart.pullAlong(row, v, g.data(), weights.S[l] * b, back.data());
        narrow(back, to);
      };
      const size_t start = i * chart.columns();
      const double* vp = vx.rows.data() + i * vx.stride;
      const double* vq = vy.rows.data() + i * vy.stride;
      pull(in.x + start, out.vx + start, at.p(i), at.q(i), vp, vq, at.y.a[i], vy.a[i], out.x + start);
      pull(in.y + start, out.vy + start, at.q(i), at.p(i), vq, vp, at.x.a[i], vx.a[i], out.y + start);
    }
  });
}

}  // namespace gyro
