#pragma once

#include <cstring>
#include <limits>

#include "../targets.h"
#include "rowQuality.h"

namespace gyro {

/** Sums over the pairs of one anchor; V: double or eight of them, I: the same of int64_t. */
template <class V, class I>
struct RowSums {
  V input{}, code{}, inputSquares{}, codeSquares{}, inputVariance{}, codeVariance{}, covariance{};
  V raw{}, residual{}, residualCode{}, sammon{}, relative{};
  V most = V{} - 1, least = V{} + std::numeric_limits<double>::infinity(), lowest{};
  I mostAt{}, leastAt{};

  inline __attribute__((always_inline)) void add(V a, V b, I row, const QualityInput& q) {
    const V zero{};
    const V centredInput = a - q.inputShift;
    const V centredCode = b - q.codeShift;
    const V difference = a - b;
    const V rest = a - q.scale * b;
    const V ratio = b / a;
    const auto same = (a == zero) & (b == zero);
    input += centredInput;
    code += centredCode;
    inputSquares += a * a;
    codeSquares += b * b;
    inputVariance += centredInput * centredInput;
    codeVariance += centredCode * centredCode;
    covariance += centredInput * centredCode;
    raw += difference * difference;
    residual += rest * rest;
    residualCode += rest * b;
    // (a - b)² / a without 0 times infinity where only a is 0.
    const V excess = ratio - 1;
    sammon += same ? zero : (b - a) * excess;
    relative += same ? zero : (excess < zero ? zero - excess : excess);
    const auto more = (ratio > most) & (ratio == ratio);
    most = more ? ratio : most;
    mostAt = more ? row : mostAt;
    const auto less = (ratio < least) & (ratio == ratio);
    least = less ? ratio : least;
    leastAt = less ? row : leastAt;
    lowest = a < lowest ? a : lowest;
    lowest = b < lowest ? b : lowest;
  }
};

}  // namespace gyro
