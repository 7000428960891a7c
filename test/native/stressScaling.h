#pragma once

#include <vector>

#include "../../src/native/stress/stressPull.h"
#include "stressKernels.h"

namespace gyro {

/** Pulls of scaling: the same bits on any number of threads, at sizes with and without a rest of a tile. */
inline void testScaling() {
  for (const size_t n : {1, 8, 77, 600}) {
    const size_t dim = 3;
    std::vector<double> points(n * dim);
    std::vector<double> delta(n * n);
    for (size_t k = 0; k < points.size(); k++) points[k] = static_cast<double>((k * 7919) % 101) / 50;
    for (size_t i = 0; i < n; i++) {
      for (size_t j = 0; j < n; j++) delta[i * n + j] = i == j ? 0 : static_cast<double>((i + j) % 13) / 5;
    }
    const auto run = [&](const double* weights, int threads) {
      std::vector<double> found(n * dim + n);
      stressPull({points.data(), delta.data(), weights, n, dim, threads}, found.data(), found.data() + n * dim);
      return found;
    };
    const std::vector<double> alone = run(nullptr, 1);
    expect(run(nullptr, 4) == alone, "scaling: threads change the pull");
    expect(run(delta.data(), 3) == run(delta.data(), 1), "scaling: threads change the weighted pull");
    for (const double value : alone) expect(value == value, "scaling: a pull that is no number");
  }
}

}  // namespace gyro
