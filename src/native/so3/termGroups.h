#pragma once

#include <vector>

#include "mixedProducts.h"

namespace gyro {

/** Items of a tile, side by side in a row of each channel. */
constexpr size_t kItems = 16;

/** Terms of a plan, those of one factor in a row of the result together: x_i (Σ_j c_j x_j). */
struct TermGroups {
  std::vector<int32_t> ofRow;
  std::vector<int32_t> factor;
  std::vector<int32_t> end;
};

inline TermGroups groupTerms(const Couplings& plan) {
  TermGroups groups;
  groups.ofRow.reserve(plan.outRows + 1);
  groups.ofRow.push_back(0);
  for (size_t r = 0; r < plan.outRows; r++) {
    for (int32_t t = plan.starts[r]; t < plan.starts[r + 1]; t++) {
      if (t == plan.starts[r] || plan.factors[t] != plan.factors[t - 1]) {
        groups.factor.push_back(plan.factors[t]);
        groups.end.push_back(t);
      }
      groups.end.back()++;
    }
    groups.ofRow.push_back(static_cast<int32_t>(groups.factor.size()));
  }
  return groups;
}

}  // namespace gyro
