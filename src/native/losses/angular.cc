#include "angular.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>

#include "../parallel.h"
#include "rowLanes.h"

namespace gyro {
namespace {

constexpr float kNone = -std::numeric_limits<float>::infinity();
/** Rows that a thread takes at a time. */
constexpr size_t kRows = 8;
/** Columns that are added in float32. */
constexpr size_t kRun = 256;
/** Columns of the gradients that a thread takes at a time: what it needs of all rows stays in its cache. */
constexpr size_t kColumns = 64;

/** `count` entries of one row of the distances, their scales, and how often each is a negative. */
struct Segment {
  const float* distances;
  const float* scales;
  const float* weights;
  size_t count;
};

/** Exponents that an item adds to each negative; those of an anchor only where it has one. Padded to whole sides. */
GYRO_INLINE void takeExponents(const Segment& at, float zero, float* exponents) {
  for (size_t j = 0; j < at.count; j++) exponents[j] = (zero - at.distances[j]) * at.scales[j];
}
GYRO_INLINE void keepNegatives(const Segment& at, float* exponents, float* weights) {
  const size_t whole = (at.count + kBlock - 1) / kBlock * kBlock;
  for (size_t j = 0; j < at.count; j++) {
    const bool negative = at.weights[j] > 0;
    weights[j] = negative ? at.weights[j] : 0.0f;
    exponents[j] = negative ? exponents[j] : kNone;
  }
  std::fill(exponents + at.count, exponents + whole, kNone);
  std::fill(weights + at.count, weights + whole, 0.0f);
}

/** An anchor's exponents and weights, and its positive's distances, with the scales. */
struct PairRow {
  const float* own;
  const float* weights;
  const float* distances;
  const float* scales;
  float zero;
  size_t count;
};

/** Columns j to j + 15 of what both ends add, in registers. */
template <class V>
struct Side {
  V values[registersOf<V>];
};
template <class V>
GYRO_INLINE Side<V> sideAt(const PairRow& pair, size_t j) {
  Side<V> side;
  float distances[kBlock];
  float scales[kBlock];
  const float* d = pair.distances + j;
  const float* a = pair.scales + j;
  if (pair.count - j < kBlock) {
    std::fill_n(distances, kBlock, 0.0f);
    std::fill_n(scales, kBlock, 0.0f);
    std::copy_n(d, pair.count - j, distances);
    std::copy_n(a, pair.count - j, scales);
    d = distances;
    a = scales;
  }
  for (size_t r = 0; r < registersOf<V>; r++) {
    const size_t at = r * floatLanes<V>;
    side.values[r] = loadFloats<V>(pair.own + j + at) +
                     (pair.zero - loadFloats<V>(d + at)) * loadFloats<V>(a + at);
  }
  return side;
}

/** The largest exponent; -infinity without one that is a number. */
template <class V>
GYRO_INLINE float largestBody(const PairRow& pair) {
  V top[registersOf<V>];
  for (V& lane : top) lane = kNone - V{};
  for (size_t j = 0; j < pair.count; j += kBlock) {
    const Side<V> side = sideAt<V>(pair, j);
    for (size_t r = 0; r < registersOf<V>; r++) top[r] = side.values[r] > top[r] ? side.values[r] : top[r];
  }
  float largest = kNone;
  for (const V& lane : top)
    for (size_t l = 0; l < floatLanes<V>; l++) largest = std::max(largest, static_cast<float>(lane[l]));
  return largest;
}

/** Σ weight exp(exponent - top). */
template <class V>
GYRO_INLINE double sumBody(const PairRow& pair, float top) {
  double total = 0;
  for (size_t from = 0; from < pair.count; from += kRun) {
    const size_t end = std::min(pair.count, from + kRun);
    V sums[registersOf<V>] = {};
    for (size_t j = from; j < end; j += kBlock) {
      const Side<V> side = sideAt<V>(pair, j);
      for (size_t r = 0; r < registersOf<V>; r++) {
        sums[r] += loadFloats<V>(pair.weights + j + r * floatLanes<V>) * powerOf<V>(side.values[r] - top);
      }
    }
    for (const V& lane : sums)
      for (size_t l = 0; l < floatLanes<V>; l++) total += static_cast<double>(lane[l]);
  }
  return total;
}

/** What a pair adds to the derivatives by the exponents of both its ends: `count` whole sides. */
struct PairPush {
  const float* own;
  const float* weights;
  const float* other;
  float shift;
  float factor;
  float* toOwn;
  float* toOther;
  size_t count;
};
template <class V>
GYRO_INLINE void pushBody(const PairPush& pair) {
  for (size_t j = 0; j < pair.count; j += floatLanes<V>) {
    const V exponents = (loadFloats<V>(pair.own + j) + loadFloats<V>(pair.other + j)) + pair.shift;
    const V push = loadFloats<V>(pair.weights + j) * powerOf<V>(exponents) * pair.factor;
    storeFloats(pair.toOwn + j, loadFloats<V>(pair.toOwn + j) + push);
    storeFloats(pair.toOther + j, loadFloats<V>(pair.toOther + j) + push);
  }
}

struct Kernels {
  float (*largest)(const PairRow&);
  double (*sum)(const PairRow&, float);
  void (*push)(const PairPush&);
};

#define GYRO_VARIANT(name, target, V)                                                          \
  target float largest##name(const PairRow& pair) { return largestBody<V>(pair); }             \
  target double sum##name(const PairRow& pair, float top) { return sumBody<V>(pair, top); }    \
  target void push##name(const PairPush& pair) { pushBody<V>(pair); }                          \
  constexpr Kernels k##name{largest##name, sum##name, push##name};

GYRO_VARIANT(Portable, , Floats4)
#if GYRO_X86
GYRO_VARIANT(Avx2, GYRO_AVX2, Floats8)
GYRO_VARIANT(Avx512, GYRO_AVX512, Floats16)
#endif
#undef GYRO_VARIANT

const Kernels& kernels() {
#if GYRO_X86
  if (hasAvx512()) return kAvx512;
  if (hasAvx2()) return kAvx2;
#endif
  return kPortable;
}

struct Positive {
  uint32_t column;
  /** How often the pair counts. */
  float weight;
};

/** Of each row, by ascending column. */
std::vector<std::vector<Positive>> positivesOf(const AngularInput& in) {
  std::vector<std::vector<Positive>> rows(in.n);
  parallelFor(in.threads, (in.n + kRows - 1) / kRows, [&](size_t block) {
    for (size_t i = block * kRows; i < std::min(in.n, (block + 1) * kRows); i++) {
      const float* mask = in.positives + i * in.n;
      for (size_t j = 0; j < in.n; j++) {
        if (mask[j] > 0) rows[i].push_back({static_cast<uint32_t>(j), mask[j]});
      }
    }
  });
  return rows;
}

/** Where the logarithms of each row begin, and their number. */
std::vector<size_t> startsOf(const std::vector<std::vector<Positive>>& rows) {
  std::vector<size_t> starts(rows.size() + 1, 0);
  for (size_t i = 0; i < rows.size(); i++) starts[i + 1] = starts[i] + rows[i].size();
  return starts;
}

/** What a positive at that distance takes off its exponents, as a summand. */
double offsetOf(const AngularInput& in, float distance) {
  return -in.pull * static_cast<double>(in.zero - distance);
}

/** log(1 + e^shift sum), 0 of nothing */
double logOfOneAnd(double sum, double shift) {
  if (sum == 0 && !std::isnan(shift)) return 0;
  return shift > 0 ? shift + std::log(sum + std::exp(-shift)) : std::log1p(sum * std::exp(shift));
}

/** Columns [from, from + count) of the gradients, of all rows. */
class ColumnBlock {
 public:
  ColumnBlock(const AngularInput& input, const Kernels& kernels)
      : in_(input), kernels_(kernels), exponents_(input.n * kColumns), pushes_(input.n * kColumns) {}

  void run(size_t from, const std::vector<std::vector<Positive>>& positives, const size_t* starts,
           const float* logarithms, const float* dy, const AngularGradients& out) {
    const size_t count = std::min(kColumns, in_.n - from);
    const size_t whole = (count + kBlock - 1) / kBlock * kBlock;
    std::fill(exponents_.begin(), exponents_.end(), 0.0f);
    std::fill(pushes_.begin(), pushes_.end(), 0.0f);
    for (size_t i = 0; i < in_.n; i++) takeExponents(segment(i, from, count), in_.zero, exponents(i));
    for (size_t i = 0; i < in_.n; i++) {
      if (positives[i].empty()) continue;
      float own[kColumns];
      float weights[kColumns];
      std::copy_n(exponents(i), whole, own);
      keepNegatives(segment(i, from, count), own, weights);
      for (size_t k = 0; k < positives[i].size(); k++) {
        const auto [p, weight] = positives[i][k];
        const double shift = offsetOf(in_, in_.distances[i * in_.n + p]) - logarithms[starts[i] + k];
        const float factor = weight * dy[i];
        kernels_.push({own, weights, exponents(p), static_cast<float>(shift), factor, push(i), push(p), whole});
      }
    }
    double toScales[kColumns] = {};
    for (size_t i = 0; i < in_.n; i++) {
      const Segment at = segment(i, from, count);
      float* gradient = out.distances + i * in_.n + from;
      for (size_t j = 0; j < count; j++) {
        gradient[j] = -at.scales[j] * push(i)[j];
        toScales[j] += static_cast<double>(push(i)[j]) * (in_.zero - at.distances[j]);
      }
    }
    for (size_t j = 0; j < count; j++) out.scales[from + j] = static_cast<float>(toScales[j]);
  }

 private:
  Segment segment(size_t i, size_t from, size_t count) const {
    const size_t at = i * in_.n + from;
    return {in_.distances + at, in_.scales + from, in_.negatives + at, count};
  }
  float* exponents(size_t i) { return exponents_.data() + i * kColumns; }
  float* push(size_t i) { return pushes_.data() + i * kColumns; }

  const AngularInput& in_;
  const Kernels& kernels_;
  /** [n, kColumns] each: what items add to exponents, and the derivatives by it. */
  std::vector<float> exponents_;
  std::vector<float> pushes_;
};

}  // namespace

std::vector<float> angularSums(const AngularInput& in, const AngularSums& out) {
  const Kernels& run = kernels();
  const std::vector<std::vector<Positive>> positives = positivesOf(in);
  const std::vector<size_t> starts = startsOf(positives);
  std::vector<float> logarithms(starts.back());
  parallelFor(in.threads, (in.n + kRows - 1) / kRows, [&](size_t block) {
    std::vector<float> own(in.n + kBlock);
    std::vector<float> weights(in.n + kBlock);
    for (size_t i = block * kRows; i < std::min(in.n, (block + 1) * kRows); i++) {
      const Segment row{in.distances + i * in.n, in.scales, in.negatives + i * in.n, in.n};
      if (!positives[i].empty()) {
        takeExponents(row, in.zero, own.data());
        keepNegatives(row, own.data(), weights.data());
      }
      double total = 0;
      double active = 0;
      double counts = 0;
      for (size_t k = 0; k < positives[i].size(); k++) {
        const auto [p, weight] = positives[i][k];
        const PairRow pair{own.data(), weights.data(), in.distances + p * in.n, in.scales, in.zero, in.n};
        const float largest = run.largest(pair);
        // Where no exponent is a number the sum itself shows whether one is NaN.
        const float top = largest > kNone ? largest : 0.0f;
        const double logarithm = logOfOneAnd(run.sum(pair, top), top + offsetOf(in, row.distances[p]));
        logarithms[starts[i] + k] = static_cast<float>(logarithm);
        total += weight * logarithm;
        active += logarithm > 0 ? weight : 0.0f;
        counts += weight;
      }
      out.sums[i] = static_cast<float>(total);
      out.active[i] = static_cast<float>(active);
      out.counts[i] = static_cast<float>(counts);
    }
  });
  return logarithms;
}

void angularGradients(const AngularInput& in, const float* logarithms, size_t count, const float* dy,
                      const AngularGradients& out) {
  const Kernels& run = kernels();
  const std::vector<std::vector<Positive>> positives = positivesOf(in);
  const std::vector<size_t> starts = startsOf(positives);
  if (starts.back() != count) throw std::invalid_argument("logarithms: one a positive is needed");
  parallelFor(in.threads, (in.n + kColumns - 1) / kColumns, [&](size_t block) {
    ColumnBlock(in, run).run(block * kColumns, positives, starts.data(), logarithms, dy, out);
  });
  for (size_t i = 0; i < in.n; i++) {
    for (size_t k = 0; k < positives[i].size(); k++) {
      const auto [p, weight] = positives[i][k];
      // All shares of a logarithm's exponentials: 1 - 1 / (1 + Σ).
      const double share = -std::expm1(-static_cast<double>(logarithms[starts[i] + k]));
      out.distances[i * in.n + p] += static_cast<float>(in.pull * weight * dy[i] * share);
    }
  }
}

}  // namespace gyro
