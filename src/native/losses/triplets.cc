#include "triplets.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "../parallel.h"
#include "../targets.h"

namespace gyro {
namespace {

/** Anchors that a thread takes at a time. */
constexpr size_t kAnchors = 8;
/** Negatives that go down the bisection side by side: what they need stays in the nearest cache. */
constexpr size_t kSide = 256;

/** Ascending, of length 2 top - 1: padded with infinity. */
struct Reaches {
  const double* values;
  int64_t top;
};

/** first[j]: how many of the reaches are not above x[j]. All halve their range together, without a branch. */
GYRO_INLINE void countBelowBody(const Reaches& reaches, const double* x, int64_t* first, size_t count) {
  std::fill_n(first, count, 0);
  for (int64_t half = reaches.top; half > 0; half >>= 1) {
    const double* middle = reaches.values + half - 1;
    for (size_t j = 0; j < count; j++) first[j] += middle[first[j]] > x[j] ? 0 : half;
  }
}

using CountBelow = void (*)(const Reaches&, const double*, int64_t*, size_t);
void countBelowPortable(const Reaches& reaches, const double* x, int64_t* first, size_t count) {
  countBelowBody(reaches, x, first, count);
}
#if GYRO_X86
GYRO_AVX2 void countBelowAvx2(const Reaches& reaches, const double* x, int64_t* first, size_t count) {
  countBelowBody(reaches, x, first, count);
}
#endif

CountBelow chooseCountBelow() {
#if GYRO_X86
  if (hasAvx2()) return countBelowAvx2;
#endif
  return countBelowPortable;
}

/** Sorts as the distance does, and then by column: integers are compared without branches. */
uint64_t keyOf(float distance, size_t column) {
  uint32_t bits;
  std::memcpy(&bits, &distance, sizeof bits);
  const uint32_t ordered = bits >> 31 ? ~bits : bits | 0x80000000u;
  return static_cast<uint64_t>(ordered) << 32 | column;
}

/** One anchor after another, in the same memory. */
class Anchor {
 public:
  Anchor(const TripletInput& input, const TripletSums& out, CountBelow countBelow)
      : in_(input),
        out_(out),
        countBelow_(countBelow),
        keys_(input.m + 1),
        beyond_(input.m + 1),
        starts_(input.m + 1),
        columns_(input.m + 1),
        x_(input.m + 1) {}

  void run(size_t i) {
    const float* d = in_.distances + i * in_.m;
    float* slope = out_.slope + i * in_.m;
    double sum = rankPositives(d, in_.positives + i * in_.m);
    const size_t negatives = takeNegatives(d, in_.negatives + i * in_.m);
    const Reaches reaches{reach_.data(), top_};
    int64_t active = 0;
    std::fill_n(slope, in_.m, 0.0f);
    std::fill_n(starts_.begin(), count_ + 1, 0);
    for (size_t from = 0; from < negatives; from += kSide) {
      const size_t side = std::min(kSide, negatives - from);
      int64_t first[kSide];
      countBelow_(reaches, x_.data() + from, first, side);
      for (size_t j = 0; j < side; j++) {
        const int64_t start = std::min(first[j], count_);
        const int64_t above = count_ - start;
        sum += beyond_[start] - static_cast<double>(above) * x_[from + j];
        active += above;
        slope[columns_[from + j]] -= static_cast<float>(above);
        starts_[start]++;
      }
    }
    int64_t violators = 0;
    for (int64_t k = 0; k < count_; k++) {
      violators += starts_[k];
      slope[keys_[k] & 0xffffffffu] += static_cast<float>(violators);
    }
    out_.sums[i] = static_cast<float>(sum);
    out_.active[i] = static_cast<float>(active);
  }

 private:
  /** @returns 0, or NaN where the distance of a positive is not finite */
  double rankPositives(const float* d, const float* mask) {
    double taint = 0;
    count_ = 0;
    for (size_t j = 0; j < in_.m; j++) {
      const bool positive = mask[j] > 0;
      keys_[count_] = keyOf(d[j], j);
      count_ += positive & (d[j] == d[j]);
      taint += positive ? 0.0 * d[j] : 0.0;
    }
    std::sort(keys_.begin(), keys_.begin() + count_);
    for (top_ = 1; 2 * top_ - 1 < count_;) top_ *= 2;
    reach_.assign(2 * top_ - 1, std::numeric_limits<double>::infinity());
    for (int64_t k = 0; k < count_; k++) reach_[k] = d[keys_[k] & 0xffffffffu] + in_.margin;
    beyond_[count_] = 0;
    for (int64_t k = count_ - 1; k >= 0; k--) beyond_[k] = beyond_[k + 1] + reach_[k];
    return taint;
  }

  size_t takeNegatives(const float* d, const float* mask) {
    size_t count = 0;
    for (size_t j = 0; j < in_.m; j++) {
      x_[count] = d[j];
      columns_[count] = static_cast<uint32_t>(j);
      count += mask[j] > 0;
    }
    return count;
  }

  const TripletInput& in_;
  const TripletSums& out_;
  const CountBelow countBelow_;
  /** Of the positives, ascending; then their reaches d + margin, and the sums of the reaches from each on. */
  std::vector<uint64_t> keys_;
  std::vector<double> reach_;
  std::vector<double> beyond_;
  /** How many negatives violate from each positive on, and no nearer one. */
  std::vector<int64_t> starts_;
  std::vector<uint32_t> columns_;
  std::vector<double> x_;
  int64_t count_ = 0;
  int64_t top_ = 1;
};

}  // namespace

void rankTriplets(const TripletInput& input, const TripletSums& out) {
  const CountBelow countBelow = chooseCountBelow();
  parallelFor(input.threads, (input.n + kAnchors - 1) / kAnchors, [&](size_t block) {
    Anchor anchor(input, out, countBelow);
    const size_t end = std::min(input.n, (block + 1) * kAnchors);
    for (size_t i = block * kAnchors; i < end; i++) anchor.run(i);
  });
}

}  // namespace gyro
