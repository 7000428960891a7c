#pragma once

#include <cmath>
#include <cstring>
#include <thread>

#include "../../src/native/distances/distanceRows.h"
#include "../../src/native/distances/rowQuality.h"
#include "graphAnswers.h"
#include "randomRows.h"

namespace gyro {

struct QualityAnswers {
  std::vector<double> columns;
  std::vector<int32_t> places;
  std::vector<double> grades;
  bool operator==(const QualityAnswers& other) const {
    return std::memcmp(columns.data(), other.columns.data(), columns.size() * sizeof(double)) == 0 &&
           places == other.places && grades == other.grades;
  }
};

/** Rows of distances and what is counted of them, by several callers at a time: neighbours against a scan. */
inline uint64_t testQuality() {
  Random random(17);
  uint64_t hash = 0;
  const std::vector<double> codes{0, 5, 0};
  const Space space = decodeSpace(codes.data(), codes.size());
  const std::vector<double> knots{0, 20000, 65536};
  for (const size_t n : {size_t{3}, size_t{17}, size_t{300}}) {
    const size_t k = (n - 1) / 2;
    std::vector<float> x = randomRows(space, n, random);
    std::vector<float> z = randomRows(space, n, random);
    // Few different values: many distances are equal, and some are 0.
    for (float& value : x) value = std::round(value);
    std::vector<int32_t> anchors(n);
    for (size_t i = 0; i < n; i++) anchors[i] = static_cast<int32_t>(n - 1 - i);
    const auto run = [&](int threads) {
      std::vector<double> a(n * n), b(n * n);
      distanceRows<float>(space, {x.data(), n, anchors.data(), n, threads, a.data()}, {});
      distanceRows<float>(space, {z.data(), n, anchors.data(), n, threads, b.data()}, {});
      QualityAnswers out{std::vector<double>(n * kQualityColumns), std::vector<int32_t>(2 * n),
                         std::vector<double>(4 * kGrades)};
      const GradeMap map{0, 0.3, knots.data(), 2};
      double* tables = out.grades.data();
      rowQuality({a.data(), b.data(), n, anchors.data(), n, k, 0.9, 3, 3, map, map, n == 17, threads},
                 {out.columns.data(), out.places.data(), tables, tables + kGrades, tables + 2 * kGrades,
                  tables + 3 * kGrades});
      for (size_t at = 0; at < n; at++) {
        const size_t self = static_cast<size_t>(anchors[at]);
        const auto rank = [&](const std::vector<double>& d, size_t j) {
          size_t nearer = 1;
          for (size_t m = 0; m < n; m++) {
            const double own = d[at * n + m], other = d[at * n + j];
            if (m != self && m != j && (own < other || (own == other && m < j))) nearer++;
          }
          return nearer;
        };
        size_t shared = 0;
        for (size_t j = 0; j < n; j++) shared += j != self && rank(a, j) <= k && rank(b, j) <= k;
        expect(out.columns[at * kQualityColumns + 18] == static_cast<double>(shared),
               "quality: shared neighbours differ from a scan");
      }
      return out;
    };
    const QualityAnswers answers = run(1);
    std::vector<std::thread> callers;
    for (int t = 2; t < 5; t++) {
      callers.emplace_back([&, t] { expect(run(t) == answers, "quality: threads change what is counted"); });
    }
    for (std::thread& caller : callers) caller.join();
    for (const double value : answers.columns) {
      uint64_t bits;
      std::memcpy(&bits, &value, sizeof bits);
      hash = mixBits(hash ^ bits);
    }
  }
  return hash;
}

}  // namespace gyro
