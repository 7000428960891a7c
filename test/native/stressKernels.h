#pragma once

#include <limits>
#include <thread>
#include <tuple>

#include "../../src/native/negatives.h"
#include "../../src/native/pairwise.h"
#include "../../src/native/triplets.h"
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

/** Hardest negatives against a scan, by several callers at a time; anchors with a NaN, few and no other items. */
inline void testNegatives() {
  Random random(13);
  std::normal_distribution<float> normal;
  const std::vector<double> temperatures{0.1, 1};
  for (const auto& [m, classes, depth] : {std::tuple<size_t, int, size_t>{2, 2, 3}, {9, 3, 1}, {700, 12, 40}}) {
    Floats32 d(m * m);
    for (float& value : d) value = std::round(std::abs(normal(random)) * 8) / 8;
    d[m - 1] = std::numeric_limits<float>::quiet_NaN();
    std::vector<int32_t> labels(m);
    std::vector<int32_t> anchors(m);
    for (size_t i = 0; i < m; i++) {
      labels[i] = static_cast<int32_t>(i) % classes;
      anchors[i] = static_cast<int32_t>(i);
    }
    const auto run = [&, m = m, depth = depth](int threads) {
      std::vector<int32_t> nearest(m * depth), counts(3 * m);
      std::vector<double> distances(m * depth), variance(m), expected(m), sums(8 * m);
      measureNegatives({d.data(), labels.data(), m, anchors.data(), m, 0, depth, 0.5, temperatures.data(), 2, threads},
                       {nearest.data(), distances.data(), variance.data(), expected.data(), counts.data(), sums.data()});
      return nearest;
    };
    const std::vector<int32_t> answers = run(1);
    std::vector<std::thread> callers;
    for (int t = 2; t < 5; t++) {
      callers.emplace_back([&, t] { expect(run(t) == answers, "negatives: threads change the hardest"); });
    }
    for (std::thread& caller : callers) caller.join();
    expect(answers[0] == -1, "negatives: the hardest of an anchor with a NaN");
    for (size_t i = 1; i < m; i++) {
      int32_t hardest = -1;
      for (size_t j = 0; j < m; j++) {
        if (labels[j] != labels[i] && (hardest < 0 || d[i * m + j] < d[i * m + hardest])) hardest = static_cast<int32_t>(j);
      }
      expect(answers[i * depth] == hardest, "negatives: the hardest differs from a scan");
    }
  }
}

}  // namespace gyro
