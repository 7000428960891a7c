#include "classTerms.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "classKernels.h"
#include "../parallel.h"

namespace gyro {
namespace {

constexpr float kNone = -std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
/** Values that a thread takes at a time, about. */
constexpr size_t kShare = size_t{1} << 14;
/** Values of a row, and rows of a stripe, that are added up in float32 before they go to float64. */
constexpr size_t kSummed = 1024;
constexpr size_t kChunk = 32;

size_t partsOf(size_t count, size_t part) { return (count + part - 1) / part; }

bool exists(int32_t label, size_t classes) { return label >= 0 && static_cast<size_t>(label) < classes; }

/** One item after another, in the same memory. */
class Rows {
 public:
  explicit Rows(const ClassRows& in)
      : in_(in), z_(partsOf(in.classes, kRowLanes) * kRowLanes), nearest_(in.centers > 1 ? in.classes : 0) {}

  float run(size_t i, const float* own) {
    const size_t width = in_.classes * in_.centers;
    float* row = in_.logits + i * width;
    if (!exists(in_.labels[i], in_.classes)) {
      std::fill_n(row, width, kNaN);
      return kNaN;
    }
    std::fill(z_.begin() + in_.classes, z_.end(), kNone);
    if (in_.centers == 1) std::copy_n(row, in_.classes, z_.data());
    else takeNearest(row);
    const size_t label = in_.labels[i];
    const float target = own ? *own : z_[label];
    z_[label] = kNone;
    const float rival = classKernels().top(z_.data(), z_.size());
    const float top = target > rival ? target : rival;
    // The others apart: where they are few, 1 minus their share has no digit of them.
    double others = 0;
    for (size_t from = 0; from < z_.size(); from += kSummed) {
      others += classKernels().powers(z_.data() + from, std::min(kSummed, z_.size() - from), top);
    }
    const double total = others + std::exp(static_cast<double>(target) - top);
    const double log = target == top ? std::log1p(others) : std::log(total);
    const float factor = static_cast<float>(1 / total);
    const float toOwn = static_cast<float>(-others / total);
    if (in_.centers == 1) {
      classKernels().scaled(z_.data(), factor, row, in_.classes);
      row[label] = toOwn;
    } else {
      std::fill_n(row, width, 0.0f);
      for (size_t j = 0; j < in_.classes; j++) row[nearest_[j]] = z_[j] * factor;
      row[nearest_[label]] = toOwn;
    }
    return static_cast<float>(static_cast<double>(top) - target + log);
  }

 private:
  void takeNearest(const float* row) {
    const size_t centers = in_.centers;
    for (size_t j = 0; j < in_.classes; j++) {
      size_t best = j * centers;
      for (size_t at = best + 1; at < (j + 1) * centers; at++) {
        // Anything but a smaller one or an equal: NaN stays. Which it is cannot be foreseen, so there is no branch.
        const bool takes = !(row[at] <= row[best]) & (row[best] == row[best]);
        best += takes * (at - best);
      }
      nearest_[j] = best;
      z_[j] = row[best];
    }
  }

  const ClassRows& in_;
  /** In whole vectors: beyond the classes is what adds nothing. */
  std::vector<float> z_;
  std::vector<size_t> nearest_;
};

/** The sums over items of other classes, of the columns from `first` on: own entries must be -infinity. */
void farSums(const ClassRows& in, size_t first, float margin, float* values, float* totals) {
  const size_t width = std::min(kStripe, in.classes - first);
  float tops[kStripe];
  float spare[kStripe];
  std::fill_n(tops, kStripe, -margin);
  std::fill_n(spare, kStripe, kNone);
  const auto overItems = [&](auto&& work) {
    for (size_t i = 0; i < in.n; i++) {
      float* row = in.logits + i * in.classes + first;
      if (width == kStripe) {
        work(i, row);
        continue;
      }
      std::copy_n(row, width, spare);
      work(i, spare);
      std::copy_n(spare, width, row);
    }
  };
  overItems([&](size_t, float* row) { classKernels().raise(row, tops); });
  float sums[kStripe] = {};
  double wholes[kStripe] = {};
  const auto flush = [&] {
    for (size_t c = 0; c < width; c++) wholes[c] += sums[c];
    std::fill_n(sums, kStripe, 0.0f);
  };
  overItems([&](size_t i, float* row) {
    classKernels().stripePowers(row, tops, sums);
    if ((i + 1) % kChunk == 0) flush();
  });
  flush();
  for (size_t c = 0; c < width; c++) {
    const double top = static_cast<double>(tops[c]) + margin;
    const double total = wholes[c] + std::exp(-top);
    totals[first + c] = static_cast<float>(total);
    values[first + c] = static_cast<float>(top + std::log(total));
  }
}

/** Those over the items of each class: one entry a row, in `own`. */
void nearSums(const ClassRows& in, double margin, float* own, float* values, float* totals) {
  std::vector<double> tops(in.classes), sums(in.classes);
  // An item of no class is counted in the class beside it, which becomes NaN.
  const auto classOf = [&](size_t i) {
    return static_cast<size_t>(std::clamp<int64_t>(in.labels[i], 0, static_cast<int64_t>(in.classes) - 1));
  };
  for (size_t i = 0; i < in.n; i++) tops[classOf(i)] = std::max(tops[classOf(i)], margin - own[i]);
  for (size_t i = 0; i < in.n; i++) {
    const double power = std::exp(margin - own[i] - tops[classOf(i)]);
    sums[classOf(i)] += power;
    own[i] = static_cast<float>(power);
  }
  for (size_t j = 0; j < in.classes; j++) {
    const double total = sums[j] + std::exp(-tops[j]);
    totals[j] = static_cast<float>(total);
    values[j] = static_cast<float>(tops[j] + std::log(total));
  }
}

template <class Work>
void overRows(const ClassRows& in, size_t width, Work&& work) {
  const size_t together = std::max<size_t>(1, kShare / std::max<size_t>(1, width));
  parallelFor(in.threads, partsOf(in.n, together), [&](size_t item) {
    work(item * together, std::min(in.n, (item + 1) * together));
  });
}

}  // namespace

void crossEntropy(const ClassRows& in, const float* own, float* values) {
  overRows(in, in.classes * in.centers, [&](size_t first, size_t end) {
    Rows rows(in);
    for (size_t i = first; i < end; i++) values[i] = rows.run(i, own ? own + i : nullptr);
  });
}

void squaredErrors(const ClassRows& in, float* values) {
  const float share = 2 / static_cast<float>(in.classes);
  overRows(in, in.classes, [&](size_t first, size_t end) {
    for (size_t i = first; i < end; i++) {
      float* row = in.logits + i * in.classes;
      if (exists(in.labels[i], in.classes)) row[in.labels[i]] -= 1;
      else std::fill_n(row, in.classes, kNaN);
      values[i] = static_cast<float>(classKernels().squares(row, in.classes) / static_cast<double>(in.classes));
      classKernels().scaled(row, share, row, in.classes);
    }
  });
}

void anchorSums(const ClassRows& in, double margin, float* values, float* totals) {
  std::vector<float> own(in.n, kNaN);
  const auto ownEntry = [&](size_t i) { return in.logits + i * in.classes + in.labels[i]; };
  for (size_t i = 0; i < in.n; i++) {
    if (exists(in.labels[i], in.classes)) own[i] = std::exchange(*ownEntry(i), kNone);
  }
  parallelFor(in.threads, partsOf(in.classes, kStripe), [&](size_t stripe) {
    farSums(in, stripe * kStripe, static_cast<float>(margin), values + in.classes, totals + in.classes);
  });
  nearSums(in, margin, own.data(), values, totals);
  for (size_t i = 0; i < in.n; i++) {
    if (exists(in.labels[i], in.classes)) *ownEntry(i) = own[i];
    else std::fill_n(in.logits + i * in.classes, in.classes, kNaN);
  }
}

void scaleEntries(const ClassRows& in, const float* own, const float* others) {
  overRows(in, in.classes, [&](size_t first, size_t end) {
    for (size_t i = first; i < end; i++) {
      float* row = in.logits + i * in.classes;
      const int32_t label = in.labels[i];
      const float entry = exists(label, in.classes) ? row[label] * own[label] : 0;
      for (size_t j = 0; j < in.classes; j++) row[j] *= others[j];
      if (exists(label, in.classes)) row[label] = entry;
    }
  });
}

}  // namespace gyro
