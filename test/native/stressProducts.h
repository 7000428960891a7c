#pragma once

#include "../../src/native/so3/couplings.h"
#include "../../src/native/so3/mixedProducts.h"
#include "stressKernels.h"

namespace gyro {

/** A random bilinear map of `inputs` rows to `outputs`, as many terms for each as its number; the first row has none. */
struct RandomCouplings {
  std::vector<int32_t> starts = {0}, factors, others;
  Floats32 coefficients;
  size_t inputs;

  RandomCouplings(size_t rows, size_t outputs, Random& random) : inputs(rows) {
    std::normal_distribution<float> normal;
    for (size_t r = 0; r < outputs; r++) {
      for (size_t t = 0; t < r; t++) {
        factors.push_back(static_cast<int32_t>(t % rows));
        others.push_back(static_cast<int32_t>((r + t) % rows));
        coefficients.push_back(normal(random));
      }
      starts.push_back(static_cast<int32_t>(factors.size()));
    }
  }
  Couplings plan() const {
    return {starts.data(), factors.data(), others.data(), coefficients.data(), starts.size() - 1, inputs, inputs};
  }
};

/** On columns that fill tiles and on some that do not; a row without terms is zero. */
inline void testCouplings() {
  Random random(16);
  const RandomCouplings couplings(9, 9, random);
  for (const size_t columns : {size_t{1}, size_t{63}, size_t{64}, size_t{200}}) {
    const Floats32 a = randomNormals(9 * columns, random), b = randomNormals(9 * columns, random);
    const auto run = [&](const Floats32& x, const Floats32& y, int threads) {
      Floats32 out(9 * columns);
      couple(couplings.plan(), x.data(), y.data(), columns, threads, out.data());
      return out;
    };
    expect(sameBits(run(a, b, 3), run(a, b, 1)), "couplings: threads change them");
    expect(sameBits(run(a, a, 1), run(a, Floats32(a), 1)), "couplings: a copy changes them");
    expect(run(a, b, 2)[0] == 0, "couplings: a row of none is not zero");
  }
}

/** Products of signals to degree 2, mixed, and back: items and channels that fill tiles and some that do not. */
inline void testMixedProducts() {
  Random random(17);
  const std::array<int32_t, 3> paths = {2, 1, 3};
  const RandomCouplings couplings(9, 2 + 3 + 3 * 5, random);
  for (const auto& [channels, outputs, batch] : {std::array<size_t, 3>{1, 1, 1}, {3, 5, 17}, {16, 16, 48}, {7, 33, 100}}) {
    const Floats32 x = randomNormals(9 * channels * batch, random), dy = randomNormals(9 * outputs * batch, random);
    const Floats32 kernels = randomNormals(6 * channels * outputs, random);
    const MixedProducts shape{couplings.plan(), paths.data(), 3, channels, outputs, batch, kernels.data()};
    const auto run = [&, size = dy.size(), batch = batch](int threads) {
      Floats32 out(size), norms(batch), dx(x.size()), dKernels(kernels.size());
      mixProducts(shape, x.data(), threads, out.data(), norms.data());
      pullMixedProducts(shape, x.data(), out.data(), norms.data(), dy.data(), threads, dx.data(), dKernels.data());
      for (const Floats32& more : {norms, dx, dKernels}) out.insert(out.end(), more.begin(), more.end());
      return out;
    };
    expect(sameBits(run(3), run(1)), "mixed products: threads change them");
  }
}

}  // namespace gyro
