#include "negatives.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "parallel.h"

namespace gyro {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
/** Anchors that a thread takes at a time. */
constexpr size_t kAnchors = 8;
/** Sums that run side by side: one addition need not wait for the one before. */
constexpr size_t kLanes = 8;

template <class Value>
double sumOf(size_t count, Value&& value) {
  double lanes[kLanes] = {};
  size_t k = 0;
  for (; k + kLanes <= count; k += kLanes) {
    for (size_t lane = 0; lane < kLanes; lane++) lanes[lane] += value(k + lane);
  }
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  for (; k < count; k++) sum += value(k);
  return sum;
}

/** One anchor after another, in the same memory. */
class Anchor {
 public:
  Anchor(const NegativesInput& input, const NegativesOutput& out)
      : in_(input), out_(out), positives_(input.m), negatives_(input.m), columns_(input.m), order_(input.depth) {}

  void run(size_t i) {
    divide(i);
    out_.counts[3 * i] = static_cast<int32_t>(negativeCount_);
    out_.variance[i] = varianceOf();
    double* sums = out_.sums + 4 * in_.temperatureCount * i;
    if (!(out_.variance[i] < HUGE_VAL && finitePositives())) {
      out_.variance[i] = kNaN;
      std::fill_n(sums, 4 * in_.temperatureCount, kNaN);
      std::fill_n(out_.nearest + i * in_.depth, in_.depth, -1);
      std::fill_n(out_.distances + i * in_.depth, in_.depth, kNaN);
      return;
    }
    rankHardest(i);
    for (size_t t = 0; t < in_.temperatureCount; t++) weigh(in_.temperatures[t], sums + 4 * t);
    reach(i);
  }

 private:
  void divide(size_t i) {
    const int32_t self = in_.anchors[i];
    const float* d = in_.distances + static_cast<size_t>(self - in_.first) * in_.m;
    const int32_t own = in_.classes[self];
    positiveCount_ = negativeCount_ = 0;
    for (size_t j = 0; j < in_.m; j++) {
      const bool same = in_.classes[j] == own;
      negatives_[negativeCount_] = d[j];
      columns_[negativeCount_] = static_cast<int32_t>(j);
      negativeCount_ += !same;
      positives_[positiveCount_] = d[j];
      positiveCount_ += same & (static_cast<int32_t>(j) != self);
    }
  }

  double varianceOf() const {
    const double* d = negatives_.data();
    const double mean = sumOf(negativeCount_, [=](size_t k) { return d[k]; }) / negativeCount_;
    return sumOf(negativeCount_, [=](size_t k) { return (d[k] - mean) * (d[k] - mean); }) / negativeCount_;
  }

  bool finitePositives() const {
    return std::all_of(positives_.begin(), positives_.begin() + positiveCount_,
                       [](double d) { return std::isfinite(d); });
  }

  /** The nearest, ties by smaller item: items come in ascending order, so a tie with the last one kept loses to it. */
  void rankHardest(size_t i) {
    size_t kept = 0;
    double worst = HUGE_VAL;
    for (size_t k = 0; k < negativeCount_; k++) {
      const double d = negatives_[k];
      if (kept == in_.depth && !(d < worst)) continue;
      size_t at = kept < in_.depth ? kept++ : kept - 1;
      for (; at > 0 && negatives_[order_[at - 1]] > d; at--) order_[at] = order_[at - 1];
      order_[at] = k;
      worst = negatives_[order_[kept - 1]];
    }
    least_ = negatives_[order_[0]];
    for (size_t r = 0; r < in_.depth; r++) {
      out_.nearest[i * in_.depth + r] = r < kept ? columns_[order_[r]] : -1;
      out_.distances[i * in_.depth + r] = r < kept ? negatives_[order_[r]] : kNaN;
    }
  }

  void weigh(double temperature, double* sums) const {
    double mass = 0;
    double squares = 0;
    double logits = 0;
    for (size_t k = 0; k < negativeCount_; k++) {
      const double logit = (least_ - negatives_[k]) / temperature;
      const double weight = std::exp(logit);
      mass += weight;
      squares += weight * weight;
      if (weight > 0) logits += weight * logit;
    }
    double p = 0;
    for (size_t k = 0; k < positiveCount_; k++) p += mass / (mass + std::exp((least_ - positives_[k]) / temperature));
    sums[0] = p / positiveCount_;
    sums[1] = mass;
    sums[2] = mass * mass / squares;
    sums[3] = mass * std::exp(-logits / mass);
  }

  void reach(size_t i) {
    const auto first = positives_.begin();
    const double m = static_cast<double>(positiveCount_);
    const size_t held = static_cast<size_t>(std::max(1.0, std::ceil(in_.quantile * m)));
    const double nearest = *std::min_element(first, first + positiveCount_);
    std::nth_element(first, first + (held - 1), first + positiveCount_);
    const double farthest = positives_[held - 1];
    int32_t nearer = 0;
    int32_t within = 0;
    for (size_t k = 0; k < negativeCount_; k++) {
      nearer += negatives_[k] < nearest;
      within += negatives_[k] <= farthest;
    }
    out_.counts[3 * i + 1] = nearer;
    out_.counts[3 * i + 2] = within;
    out_.expected[i] = held / (m + 1);
  }

  const NegativesInput& in_;
  const NegativesOutput& out_;
  std::vector<double> positives_;
  std::vector<double> negatives_;
  std::vector<int32_t> columns_;
  std::vector<size_t> order_;
  size_t positiveCount_ = 0;
  size_t negativeCount_ = 0;
  double least_ = 0;
};

}  // namespace

void measureNegatives(const NegativesInput& input, const NegativesOutput& out) {
  parallelFor(input.threads, (input.n + kAnchors - 1) / kAnchors, [&](size_t block) {
    Anchor anchor(input, out);
    const size_t end = std::min(input.n, (block + 1) * kAnchors);
    for (size_t i = block * kAnchors; i < end; i++) anchor.run(i);
  });
}

}  // namespace gyro
