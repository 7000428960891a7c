#pragma once

#include <vector>

#include "../losses/floatLanes.h"
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

// A number less a vector of zeros is that number in each lane; plus zeros it would be an addition, as -0 + 0 is 0.

/** Work on the rows of `N` vectors that hold some channels of a tile: N * lanes / kItems of them. */
template <class V, class Sum, size_t N>
struct MixedTile {
  static constexpr size_t kLanes = floatLanes<V>;
  /** Floats of a row. */
  static constexpr size_t kWidth = N * kLanes;
  static constexpr size_t kChannels = kWidth / kItems;
  /** Vectors of a channel. */
  static constexpr size_t kEach = kItems / kLanes;

  /** Rows [from, from + count) of the products. x [rows][kWidth], h [count][kWidth] */
  GYRO_INLINE void products(const Couplings& plan, const TermGroups& groups, size_t from, size_t count, const float* x,
                            float* h) {
    const V none{};
    for (size_t p = 0; p < count; p++) {
      V sums[N];
      for (size_t v = 0; v < N; v++) sums[v] = none;
      int32_t t = plan.starts[from + p];
      for (int32_t g = groups.ofRow[from + p]; g < groups.ofRow[from + p + 1]; g++) {
        V inner[N];
        for (size_t v = 0; v < N; v++) inner[v] = none;
        for (; t < groups.end[g]; t++) {
          const V c = plan.coefficients[t] - none;
          const float* y = x + size_t(plan.others[t]) * kWidth;
          for (size_t v = 0; v < N; v++) inner[v] = Sum::add(inner[v], c, loadFloats<V>(y + v * kLanes));
        }
        const float* y = x + size_t(groups.factor[g]) * kWidth;
        for (size_t v = 0; v < N; v++) sums[v] = Sum::add(sums[v], inner[v], loadFloats<V>(y + v * kLanes));
      }
      for (size_t v = 0; v < N; v++) storeFloats(h + p * kWidth + v * kLanes, sums[v]);
    }
  }

  /** squares[item] += weight Σ over channels and rows of h². */
  GYRO_INLINE void addSquares(const float* h, size_t count, float weight, float* squares) {
    V sums[kEach];
    for (size_t e = 0; e < kEach; e++) sums[e] = V{};
    for (size_t k = 0; k < count * kChannels; k++) {
      for (size_t e = 0; e < kEach; e++) {
        const V value = loadFloats<V>(h + k * kItems + e * kLanes);
        sums[e] = Sum::add(sums[e], value, value);
      }
    }
    for (size_t e = 0; e < kEach; e++)
      storeFloats(squares + e * kLanes, Sum::add(loadFloats<V>(squares + e * kLanes), sums[e], weight - V{}));
  }

  /** y[o][item] += Σ_k kernel[k][o] h[k][item] for G outputs; kernel rows of a path stand `channels` apart. */
  template <size_t G>
  GYRO_INLINE void mixSome(const float* kernel, size_t channels, size_t used, size_t outputs, size_t count, const float* h,
                           float* y) {
    V sums[G][kEach];
    for (size_t o = 0; o < G; o++)
      for (size_t e = 0; e < kEach; e++) sums[o][e] = loadFloats<V>(y + o * kItems + e * kLanes);
    for (size_t p = 0; p < count; p++) {
      for (size_t c = 0; c < used; c++) {
        const float* row = kernel + (p * channels + c) * outputs;
        for (size_t e = 0; e < kEach; e++) {
          const V value = loadFloats<V>(h + p * kWidth + c * kItems + e * kLanes);
          for (size_t o = 0; o < G; o++) sums[o][e] = Sum::add(sums[o][e], row[o] - V{}, value);
        }
      }
    }
    for (size_t o = 0; o < G; o++)
      for (size_t e = 0; e < kEach; e++) storeFloats(y + o * kItems + e * kLanes, sums[o][e]);
  }

  GYRO_INLINE void mix(const float* kernel, size_t channels, size_t used, size_t outputs, size_t count, const float* h,
                       float* y) {
    constexpr size_t kSome = 8 / kEach;
    size_t o = 0;
    for (; o + kSome <= outputs; o += kSome)
      mixSome<kSome>(kernel + o, channels, used, outputs, count, h, y + o * kItems);
    for (; o < outputs; o++) mixSome<1>(kernel + o, channels, used, outputs, count, h, y + o * kItems);
  }

  /** dh[k][item] = pull[item] h[k][item] + Σ_o kernel[k][o] dy[o][item]; zero for channels behind the `used` ones. */
  GYRO_INLINE void unmix(const float* kernel, size_t channels, size_t used, size_t outputs, size_t count, const float* h,
                         const float* pull, const float* dy, float* dh) {
    for (size_t p = 0; p < count; p++) {
      V sums[N];
      for (size_t v = 0; v < N; v++)
        sums[v] = loadFloats<V>(pull + (v % kEach) * kLanes) * loadFloats<V>(h + p * kWidth + v * kLanes);
      for (size_t o = 0; o < outputs; o++) {
        for (size_t v = 0; v < N; v++) {
          const size_t c = std::min(v / kEach, used - 1);
          const V weight = kernel[(p * channels + c) * outputs + o] - V{};
          sums[v] = Sum::add(sums[v], weight, loadFloats<V>(dy + o * kItems + (v % kEach) * kLanes));
        }
      }
      for (size_t v = 0; v < N; v++) storeFloats(dh + p * kWidth + v * kLanes, sums[v]);
    }
  }

  /** dKernel[k][o] += Σ_item h[k][item] dy[item][o]; rows of both of `padded` floats, a multiple of 16. */
  GYRO_INLINE void addOuter(const float* h, const float* dyTurned, size_t channels, size_t used, size_t padded, size_t count,
                            float* dKernel) {
    for (size_t p = 0; p < count; p++) {
      for (size_t o = 0; o < padded; o += kLanes) {
        V sums[kChannels];
        for (size_t c = 0; c < kChannels; c++) sums[c] = V{};
        for (size_t i = 0; i < kItems; i++) {
          const V value = loadFloats<V>(dyTurned + i * padded + o);
          for (size_t c = 0; c < kChannels; c++) sums[c] = Sum::add(sums[c], h[p * kWidth + c * kItems + i] - V{}, value);
        }
        for (size_t c = 0; c < used; c++) {
          float* to = dKernel + (p * channels + c) * padded + o;
          storeFloats(to, loadFloats<V>(to) + sums[c]);
        }
      }
    }
  }

  /** dx += the gradient of products(x) with dh. */
  GYRO_INLINE void unproduct(const Couplings& plan, const TermGroups& groups, size_t from, size_t count, const float* x,
                             const float* dh, float* dx) {
    const V none{};
    for (size_t p = 0; p < count; p++) {
      V pull[N];
      for (size_t v = 0; v < N; v++) pull[v] = loadFloats<V>(dh + p * kWidth + v * kLanes);
      int32_t t = plan.starts[from + p];
      for (int32_t g = groups.ofRow[from + p]; g < groups.ofRow[from + p + 1]; g++) {
        const size_t i = size_t(groups.factor[g]) * kWidth;
        V inner[N], outer[N];
        for (size_t v = 0; v < N; v++) {
          inner[v] = none;
          outer[v] = pull[v] * loadFloats<V>(x + i + v * kLanes);
        }
        for (; t < groups.end[g]; t++) {
          const V c = plan.coefficients[t] - none;
          const size_t j = size_t(plan.others[t]) * kWidth;
          for (size_t v = 0; v < N; v++) {
            inner[v] = Sum::add(inner[v], c, loadFloats<V>(x + j + v * kLanes));
            storeFloats(dx + j + v * kLanes, Sum::add(loadFloats<V>(dx + j + v * kLanes), c, outer[v]));
          }
        }
        for (size_t v = 0; v < N; v++)
          storeFloats(dx + i + v * kLanes, Sum::add(loadFloats<V>(dx + i + v * kLanes), pull[v], inner[v]));
      }
    }
  }
};

}  // namespace gyro
