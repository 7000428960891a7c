#pragma once

#include <array>
#include <limits>
#include <thread>

#include "../../src/native/losses/angular.h"
#include "../../src/native/losses/classTerms.h"
#include "../../src/native/losses/cosines.h"
#include "../../src/native/losses/rowTerms.h"
#include "../../src/native/losses/triplets.h"
#include "../../src/native/pairs/pairwise.h"
#include "../../src/native/pairs/weightedSum.h"
#include "graphAnswers.h"
#include "randomRows.h"

namespace gyro {

using Floats32 = std::vector<float>;

/** Values around 0, of which some are 0, or nearly all. */
inline Floats32 randomPulls(size_t count, bool few, Random& random) {
  std::normal_distribution<float> normal;
  Floats32 pulls(count);
  for (float& pull : pulls) pull = random() % (few ? 50 : 3) == 0 ? normal(random) : 0;
  return pulls;
}

inline Floats32 randomNormals(size_t count, Random& random) {
  std::normal_distribution<float> normal;
  Floats32 values(count);
  for (float& value : values) value = normal(random);
  return values;
}

inline bool sameBits(const Floats32& a, const Floats32& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

/** What one call gives; every array has just the length that the kernels were told. */
struct SelfAnswers {
  Floats32 d, toX, second, toDy;
  double curvature = 0;
  bool operator==(const SelfAnswers& other) const {
    return sameBits(d, other.d) && sameBits(toX, other.toX) && sameBits(second, other.second) &&
           sameBits(toDy, other.toDy) && curvature == other.curvature;
  }
};

inline SelfAnswers answersOf(const PairInput& in, const Floats32& dy, const Floats32& v) {
  SelfAnswers out{Floats32(dy.size()), Floats32(v.size()), Floats32(v.size()), Floats32(dy.size())};
  selfDistances(in, out.d.data());
  selfGradients(in, dy.data(), out.toX.data(), &out.curvature);
  selfSecond(in, dy.data(), v.data(), out.second.data(), out.toDy.data());
  return out;
}

/** Rows among themselves: against those to a copy, on several threads, and by several callers at a time. */
inline void testPairs(const Space& space, const std::string& who) {
  Random random(11);
  for (const size_t n : {size_t{1}, size_t{7}, size_t{33}, size_t{300}}) {
    const size_t values = n * space.columns;
    const Floats32 x = randomRows(space, n, random);
    const Floats32 copy = x;
    const Floats32 dy = randomPulls(n * n, n == 300, random);
    const Floats32 v = randomPulls(values, false, random);
    const Chart chart(space.kind, space.columns, space.curvature);
    const auto self = [&](int threads) { return PairInput{chart, x.data(), n, x.data(), n, threads}; };
    const SelfAnswers one = answersOf(self(1), dy, v);
    std::vector<std::thread> callers;
    for (int t = 2; t < 5; t++) {
      callers.emplace_back([&, t] { expect(answersOf(self(t), dy, v) == one, who + ": threads change distances"); });
    }
    for (std::thread& caller : callers) caller.join();

    const PairInput both{chart, x.data(), n, copy.data(), n, 2};
    Floats32 d(n * n);
    allDistances(both, d.data());
    expect(sameBits(d, one.d), who + ": distances to a copy differ");
    Floats32 toX(values);
    Floats32 toY(values);
    double curvature = 0;
    allGradients(both, dy.data(), {toX.data(), toY.data(), &curvature});
    float size = 0;
    for (size_t k = 0; k < values; k++) size = std::max({size, std::abs(toX[k]), std::abs(toY[k])});
    for (size_t k = 0; k < values; k++) {
      expect(std::abs(toX[k] + toY[k] - one.toX[k]) <= 1e-6 * size, who + ": gradients of both sides do not add up");
    }
    Floats32 row(n);
    const PairInput rows{chart, x.data(), n, copy.data(), n, 2};
    rowDistances(rows, row.data());
    rowGradients(rows, dy.data(), {toX.data(), toY.data(), &curvature});
    rowSecond(rows, dy.data(), {v.data(), v.data(), toX.data(), toY.data(), row.data()});
  }
}

/** Sums over triplets against a scan of all of them. @returns a hash of the sums */
inline uint64_t testTriplets() {
  Random random(12);
  std::normal_distribution<float> normal;
  uint64_t hash = 0;
  for (const auto& [n, m] : {std::pair<size_t, size_t>{0, 3}, {3, 0}, {1, 1}, {9, 40}, {33, 700}}) {
    Floats32 d(n * m);
    Floats32 positives(n * m);
    Floats32 negatives(n * m);
    for (size_t k = 0; k < n * m; k++) {
      // Eighths: equal distances, sums without rounding.
      d[k] = std::round(std::abs(normal(random)) * 8) / 8;
      const uint64_t kind = random() % 4;
      positives[k] = kind == 0;
      negatives[k] = kind > 1;
    }
    const auto run = [&](int threads) {
      Floats32 sums(n), active(n), slope(n * m);
      rankTriplets({d.data(), positives.data(), negatives.data(), n, m, 0.25, threads},
                   {sums.data(), active.data(), slope.data()});
      sums.insert(sums.end(), active.begin(), active.end());
      sums.insert(sums.end(), slope.begin(), slope.end());
      return sums;
    };
    const Floats32 answers = run(1);
    expect(sameBits(run(3), answers), "triplets: threads change sums");
    Floats32 scan(answers.size());
    for (size_t i = 0; i < n; i++) {
      for (size_t p = 0; p < m; p++) {
        for (size_t q = 0; q < m; q++) {
          const float v = d[i * m + p] - d[i * m + q] + 0.25f;
          if (!(positives[i * m + p] > 0 && negatives[i * m + q] > 0 && v > 0)) continue;
          scan[i] += v;
          scan[n + i]++;
          scan[2 * n + i * m + p]++;
          scan[2 * n + i * m + q]--;
        }
      }
    }
    expect(answers == scan, "triplets: sums differ from a scan");
    for (const float value : answers) hash = mixBits(hash ^ static_cast<uint64_t>(std::lround(value * 8)));
    if (n * m > 0) {
      d[m / 2] = std::numeric_limits<float>::quiet_NaN();
      positives[m / 2] = 1;
      expect(std::isnan(run(2)[0]), "triplets: the sum of a distance that is NaN");
    }
  }
  return hash;
}

/** Distances of a batch to itself and masks of 0, 1 and 2; every array has just the length that the kernels were told. */
struct RandomPairs {
  RandomPairs(size_t n, size_t m, Random& random) : d(n * m), positives(n * m), negatives(n * m) {
    std::normal_distribution<float> normal;
    for (size_t k = 0; k < n * m; k++) {
      d[k] = std::abs(normal(random));
      const uint64_t kind = random() % 4;
      positives[k] = kind == 0 ? 1 + random() % 2 : 0;
      negatives[k] = kind > 1 ? 1 + random() % 2 : 0;
    }
  }
  Floats32 d, positives, negatives;
};

/** All laws of rows, with plain parameters, and the angular loss: on one thread and on three. */
inline void testRows() {
  Random random(13);
  for (const auto& [n, m] : {std::pair<size_t, size_t>{0, 3}, {3, 0}, {1, 1}, {9, 40}, {33, 700}, {70, 70}}) {
    const RandomPairs pairs(n, m, random);
    for (size_t l = 0; l < kRowLaws; l++) {
      const RowLaw law = static_cast<RowLaw>(l);
      const RowSizes sizes = rowSizes(law);
      const std::vector<double> parameters(sizes.parameters, 0.5);
      const Floats32 pulls = randomPulls(sizes.pulls * n, false, random);
      const auto run = [&](int threads) {
        const PairTable table{pairs.d.data(), pairs.positives.data(), pairs.negatives.data(), n, m, threads};
        Floats32 terms(sizes.terms * n), slopes(n * m);
        rowTerms(law, table, parameters.data(), terms.data());
        if (sizes.pulls > 0) rowSlopes(law, table, parameters.data(), terms.data(), pulls.data(), slopes.data());
        terms.insert(terms.end(), slopes.begin(), slopes.end());
        return terms;
      };
      expect(sameBits(run(3), run(1)), "rows: threads change law " + std::to_string(l));
    }
    if (n != m) continue;
    const Floats32 scales(n, 1.0f);
    const Floats32 dy = randomPulls(n, false, random);
    const auto run = [&](int threads) {
      const AngularInput in{pairs.d.data(), pairs.positives.data(), pairs.negatives.data(), scales.data(), n, 1, 3, threads};
      Floats32 out(3 * n), toDistances(n * n), toScales(n);
      const auto logarithms = angularSums(in, {out.data(), out.data() + n, out.data() + 2 * n});
      angularGradients(in, logarithms.data(), logarithms.size(), dy.data(), {toDistances.data(), toScales.data()});
      for (const Floats32& more : {toDistances, toScales}) out.insert(out.end(), more.begin(), more.end());
      return out;
    };
    expect(sameBits(run(3), run(1)), "angular: threads change sums");
  }
  for (const size_t n : {size_t{1}, size_t{17}, size_t{130}}) {
    std::vector<int32_t> labels(n);
    for (int32_t& label : labels) label = static_cast<int32_t>(random() % 5);
    const auto run = [&](int threads) {
      Floats32 masks(2 * n * n);
      labelMasks({labels.data(), n}, {labels.data(), n}, true, threads, masks.data(), masks.data() + n * n);
      return masks;
    };
    expect(sameBits(run(3), run(1)), "rows: threads change masks");
  }
}

/** Weighted sums of matrices that fill whole shares of a thread, and leave some over. */
inline void testSums() {
  Random random(15);
  std::normal_distribution<float> normal;
  for (const size_t length : {size_t{1}, size_t{31}, size_t{1} << 14, (size_t{3} << 14) + 7}) {
    std::vector<Floats32> drawn(3, Floats32(length));
    for (Floats32& values : drawn) {
      for (float& value : values) value = normal(random);
    }
    const auto run = [&](int threads) {
      Floats32 sum(length);
      weightedSum({{drawn[0].data(), 2.5f}, {drawn[1].data(), -20}, {drawn[2].data(), 0.1f}}, length, threads, sum.data());
      return sum;
    };
    expect(sameBits(run(3), run(1)), "sums: threads change them");
  }
}

/** Cosines to class vectors, what is summed over them, and back: on one thread and on three. */
inline void testClasses() {
  Random random(14);
  std::normal_distribution<float> normal;
  for (const auto& [n, k, d] : {std::array<size_t, 3>{1, 1, 1}, {3, 17, 5}, {70, 40, 33}, {130, 300, 128}}) {
    const auto drawn = [&](size_t count) {
      Floats32 values(count);
      for (float& value : values) value = normal(random);
      return values;
    };
    Floats32 items = drawn(n * d);
    std::fill_n(items.begin(), d, 0.0f);
    const Floats32 vectors = drawn(k * d);
    std::vector<int32_t> labels(n);
    for (int32_t& label : labels) label = static_cast<int32_t>(random() % (k + 1));
    const auto run = [&, n = n, k = k, d = d](int threads) {
      const CosineInput in{items.data(), n, vectors.data(), k, d, 16, true, true, threads};
      Floats32 out(n), anchors(n * k), totals(4 * k), toItems(n * d), toVectors(k * d);
      Floats32 logits(n * k);
      cosineLogits(in, logits.data());
      anchors = logits;
      crossEntropy({logits.data(), n, k, 1, labels.data(), threads}, nullptr, out.data());
      anchorSums({anchors.data(), n, k, 1, labels.data(), threads}, 0.1, totals.data(), totals.data() + 2 * k);
      cosineGradients(in, {logits.data(), nullptr, nullptr, nullptr}, toItems.data(), toVectors.data());
      for (const Floats32& more : {logits, anchors, totals, toItems, toVectors}) {
        out.insert(out.end(), more.begin(), more.end());
      }
      return out;
    };
    expect(sameBits(run(3), run(1)), "classes: threads change results");
  }
}

}  // namespace gyro
