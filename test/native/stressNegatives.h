#pragma once

#include <limits>
#include <thread>
#include <tuple>

#include "../../src/native/negatives.h"
#include "stressKernels.h"

namespace gyro {

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
