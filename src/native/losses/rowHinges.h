#pragma once

#include "rowView.h"

namespace gyro {

/** How far beyond `threshold` a distance is (sign 1), or how far within (sign -1). */
struct Hinge {
  float threshold;
  float sign;
};

template <class V>
GYRO_INLINE V excessOf(const Hinge& hinge, V d) {
  return (d - hinge.threshold) * hinge.sign;
}

/** Σ w max(0, excess)^power over one mask, how many are above 0, how many there are; Σ w max(0, excess). */
template <class V>
struct HingeSums {
  Hinge hinge;
  RowSum<V> sum, active, count, reach;
};

template <int power, class V>
GYRO_INLINE void addHinges(HingeSums<V>& sums, const float* d, const float* weights) {
  if (!anyWeight(weights)) return;
  for (size_t r = 0; r < registersOf<V>; r++) {
    const V w = partOf<V>(weights, r);
    const V excess = excessOf<V>(sums.hinge, partOf<V>(d, r));
    // Not by a product, which is NaN where the weight is 0 and the distance infinite.
    const V weight = excess > 0.0f ? w : V{};
    const V reach = weight > 0.0f ? weight * excess : V{};
    sums.active.chunk[r] += weight;
    sums.count.chunk[r] += w;
    if constexpr (power == 1) sums.sum.chunk[r] += reach;
    if constexpr (power == 2) {
      sums.reach.chunk[r] += reach;
      sums.sum.chunk[r] += reach > 0.0f ? reach * excess : V{};
    }
  }
}

template <class V>
GYRO_INLINE void closeHinges(HingeSums<V>& sums) {
  for (RowSum<V>* each : {&sums.sum, &sums.active, &sums.count, &sums.reach}) closeChunk(*each);
}

/**
 * Parameters: thresholds of p and n, and for power 2 what slopes add to every p and n. Terms of a row: 0 and 1 sums of
 * max(0, d - t)^power over p and of max(0, t - d)^power over n, 2 and 3 how many of each are above 0, 4 and 5 how many p
 * and n; for power 2 also 6 and 7, the sums of power 1. Pulls of 0 and 1.
 */
template <int power, class V>
struct Hinges {
  static constexpr size_t kTerms = power == 1 ? 6 : 8;
  static constexpr size_t kPulls = 2;
  static constexpr size_t kParameters = power == 1 ? 2 : 4;

  GYRO_INLINE void terms(const RowView& row, const double* parameters, const Column<float>& out) {
    HingeSums<V> near{{static_cast<float>(parameters[0]), 1}, {}, {}, {}, {}};
    HingeSums<V> far{{static_cast<float>(parameters[1]), -1}, {}, {}, {}, {}};
    Flags<V> bad[registersOf<V>] = {};
    overRow(
        row,
        [&](const Block& at) __attribute__((always_inline)) {
          for (size_t r = 0; r < registersOf<V>; r++) {
            const V d = partOf<V>(at.d, r);
            bad[r] |= d != d;
          }
          addHinges<power>(near, at.d, at.positives);
          addHinges<power>(far, at.d, at.negatives);
        },
        [&]() __attribute__((always_inline)) {
          closeHinges(near);
          closeHinges(far);
        });
    const double taint = anyFlag<V>(bad) ? std::numeric_limits<double>::quiet_NaN() : 0;
    const HingeSums<V>* const sides[] = {&near, &far};
    for (size_t s = 0; s < 2; s++) {
      // A threshold that is NaN has nothing above it.
      out[s] = static_cast<float>(totalOf(sides[s]->sum) + taint + 0.0 * parameters[s]);
      out[2 + s] = static_cast<float>(totalOf(sides[s]->active));
      out[4 + s] = static_cast<float>(totalOf(sides[s]->count));
      if (power == 2) out[6 + s] = static_cast<float>(totalOf(sides[s]->reach) + taint);
    }
  }

  GYRO_INLINE void slopes(const RowView& row, const double* parameters, const Column<const float>&,
                          const Column<const float>& pulls, float* out) {
    const Hinge near{static_cast<float>(parameters[0]), 1};
    const Hinge far{static_cast<float>(parameters[1]), -1};
    const float nearShift = power == 2 ? static_cast<float>(parameters[2]) : 0;
    const float farShift = power == 2 ? static_cast<float>(parameters[3]) : 0;
    const float toNear = pulls[0];
    const float toFar = pulls[1];
    writeRow(row, out, [&](const Block& at, float* to) __attribute__((always_inline)) {
      V slopes[registersOf<V>] = {};
      if (anyWeight(at.negatives)) addSlopes(slopes, far, at.d, at.negatives, toFar, farShift);
      if (anyWeight(at.positives)) addSlopes(slopes, near, at.d, at.positives, toNear, nearShift);
      std::memcpy(to, slopes, sizeof slopes);
    });
  }

  GYRO_INLINE void addSlopes(V* slopes, const Hinge& hinge, const float* d, const float* weights, float pull,
                             float shift) {
    for (size_t r = 0; r < registersOf<V>; r++) {
      const V w = partOf<V>(weights, r);
      const V excess = excessOf<V>(hinge, partOf<V>(d, r));
      const V slope = power == 1 ? V{} + hinge.sign * pull : excess * (2 * hinge.sign * pull);
      const V each = (excess > 0.0f ? slope : V{}) + shift;
      slopes[r] += w > 0.0f ? w * each : V{};
    }
  }
};

/**
 * Mean of the excesses above 0 over one mask with weights w exp(T excess), as if one more of 0 had the weight
 * `rest`.
 */
template <class V>
struct Ranked {
  Hinge hinge;
  float temperature;
  V top[registersOf<V>];
  RowSum<V> count, weights, weighted;
};

template <class V>
GYRO_INLINE Ranked<V> rankedOf(double threshold, float sign, double temperature) {
  return {{static_cast<float>(threshold), sign}, static_cast<float>(temperature), {}, {}, {}, {}};
}

template <class V>
GYRO_INLINE void look(Ranked<V>& mean, const float* d, const float* weights) {
  if (!anyWeight(weights)) return;
  for (size_t r = 0; r < registersOf<V>; r++) {
    const V w = partOf<V>(weights, r);
    const V excess = excessOf<V>(mean.hinge, partOf<V>(d, r));
    mean.top[r] = larger(mean.top[r], w > 0.0f ? excess : V{});
    mean.count.chunk[r] += w;
  }
}

template <class V>
GYRO_INLINE void addWeights(Ranked<V>& mean, float top, const float* d, const float* weights) {
  if (!anyWeight(weights)) return;
  for (size_t r = 0; r < registersOf<V>; r++) {
    const V excess = excessOf<V>(mean.hinge, partOf<V>(d, r));
    const V w = excess > 0.0f ? partOf<V>(weights, r) : V{};
    const V weight = w > 0.0f ? w * powerOf<V>((excess - top) * mean.temperature) : V{};
    mean.weights.chunk[r] += weight;
    mean.weighted.chunk[r] += w > 0.0f ? weight * excess : V{};
  }
}

/**
 * Parameters: thresholds of p and n, temperatures of p and n, the rest. Terms of a row: 0 and 1 means of d - t over p
 * and of t - d over n; 2 how many p and n; 3 to 6 the largest excess and the inverse of the sum of weights for both.
 * Pulls of 0 and 1.
 */
template <class V>
struct RankedMeans {
  static constexpr size_t kTerms = 7;
  static constexpr size_t kPulls = 2;
  static constexpr size_t kParameters = 5;

  GYRO_INLINE void terms(const RowView& row, const double* parameters, const Column<float>& out) {
    Ranked<V> near = rankedOf<V>(parameters[0], 1, parameters[2]);
    Ranked<V> far = rankedOf<V>(parameters[1], -1, parameters[3]);
    Flags<V> bad[registersOf<V>] = {};
    overRow(
        row,
        [&](const Block& at) __attribute__((always_inline)) {
          for (size_t r = 0; r < registersOf<V>; r++) {
            const V d = partOf<V>(at.d, r);
            bad[r] |= d != d;
          }
          look(near, at.d, at.positives);
          look(far, at.d, at.negatives);
        },
        [&]() __attribute__((always_inline)) {
          closeChunk(near.count);
          closeChunk(far.count);
        });
    const float nearTop = largestOf(near.top);
    const float farTop = largestOf(far.top);
    overRow(
        row,
        [&](const Block& at) __attribute__((always_inline)) {
          addWeights(near, nearTop, at.d, at.positives);
          addWeights(far, farTop, at.d, at.negatives);
        },
        [&]() __attribute__((always_inline)) {
          for (RowSum<V>* each : {&near.weights, &near.weighted, &far.weights, &far.weighted}) closeChunk(*each);
        });
    const double taint = anyFlag<V>(bad) ? std::numeric_limits<double>::quiet_NaN() : 0;
    const Ranked<V>* const sides[] = {&near, &far};
    const float tops[] = {nearTop, farTop};
    for (size_t s = 0; s < 2; s++) {
      const double rest = parameters[4] * std::exp(-static_cast<double>(sides[s]->temperature) * tops[s]);
      const double total = totalOf(sides[s]->weights) + rest;
      out[s] = static_cast<float>(totalOf(sides[s]->weighted) / total + taint);
      out[3 + s] = tops[s];
      out[5 + s] = static_cast<float>(1 / total);
    }
    out[2] = static_cast<float>(totalOf(near.count) + totalOf(far.count));
  }

  GYRO_INLINE void slopes(const RowView& row, const double* parameters, const Column<const float>& terms,
                          const Column<const float>& pulls, float* out) {
    const Slope near{{static_cast<float>(parameters[0]), 1},
                     static_cast<float>(parameters[2]), terms[0], terms[3], pulls[0] * terms[5]};
    const Slope far{{static_cast<float>(parameters[1]), -1},
                    static_cast<float>(parameters[3]), terms[1], terms[4], -pulls[1] * terms[6]};
    writeRow(row, out, [&](const Block& at, float* to) __attribute__((always_inline)) {
      V slopes[registersOf<V>] = {};
      if (anyWeight(at.negatives)) addSlopes(slopes, far, at.d, at.negatives);
      if (anyWeight(at.positives)) addSlopes(slopes, near, at.d, at.positives);
      std::memcpy(to, slopes, sizeof slopes);
    });
  }

  struct Slope {
    Hinge hinge;
    float temperature;
    float mean;
    float top;
    float pull;
  };

  GYRO_INLINE void addSlopes(V* slopes, const Slope& slope, const float* d, const float* weights) {
    for (size_t r = 0; r < registersOf<V>; r++) {
      const V excess = excessOf<V>(slope.hinge, partOf<V>(d, r));
      const V w = excess > 0.0f ? partOf<V>(weights, r) : V{};
      const V weight = w * powerOf<V>((excess - slope.top) * slope.temperature) * slope.pull;
      slopes[r] += w > 0.0f ? weight * ((excess - slope.mean) * slope.temperature + 1.0f) : V{};
    }
  }
};

/** Terms of a row: 0 and 1 Σ d over p and n, 2 and 3 how many. No pulls. */
template <class V>
struct Sums {
  static constexpr size_t kTerms = 4;
  static constexpr size_t kPulls = 0;
  static constexpr size_t kParameters = 0;

  GYRO_INLINE void terms(const RowView& row, const double*, const Column<float>& out) {
    RowSum<V> sums[2], counts[2];
    overRow(
        row,
        [&](const Block& at) __attribute__((always_inline)) {
          const float* const masks[] = {at.positives, at.negatives};
          for (size_t s = 0; s < 2; s++) {
            if (!anyWeight(masks[s])) continue;
            for (size_t r = 0; r < registersOf<V>; r++) {
              const V w = partOf<V>(masks[s], r);
              sums[s].chunk[r] += w > 0.0f ? w * partOf<V>(at.d, r) : V{};
              counts[s].chunk[r] += w;
            }
          }
        },
        [&]() __attribute__((always_inline)) {
          for (RowSum<V>* each : {&sums[0], &sums[1], &counts[0], &counts[1]}) closeChunk(*each);
        });
    for (size_t s = 0; s < 2; s++) {
      out[s] = static_cast<float>(totalOf(sums[s]));
      out[2 + s] = static_cast<float>(totalOf(counts[s]));
    }
  }
};

}  // namespace gyro
