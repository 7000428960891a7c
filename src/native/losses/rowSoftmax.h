#pragma once

#include "rowView.h"

namespace gyro {

/** What the logarithm of an empty sum is given as: exp of it is 0 in float32, and differences of two are numbers. */
constexpr double kEmptyLog = -1e9;

/** Σ w exp(factor d) over the columns of one mask, as exp(factor pivot) Σ w exp(factor (d - pivot)). */
template <class V>
struct Exponentials {
  float factor;
  float sign;
  V top[registersOf<V>];
  RowSum<V> count;
  float pivot = 0;
  RowSum<V> scaled;
};

template <class V>
GYRO_INLINE Exponentials<V> exponentialsOf(double factor) {
  Exponentials<V> sums{static_cast<float>(factor), factor < 0 ? -1.0f : 1.0f, {}, {}, 0, {}};
  for (V& part : sums.top) part = V{} - std::numeric_limits<float>::infinity();
  return sums;
}

/** The first time that a row is gone through. */
template <class V>
GYRO_INLINE void look(Exponentials<V>& sums, const float* d, const float* weights) {
  if (!anyWeight(weights)) return;
  for (size_t r = 0; r < registersOf<V>; r++) {
    const V w = partOf<V>(weights, r);
    const V kept = w > 0.0f ? partOf<V>(d, r) * sums.sign : V{} - std::numeric_limits<float>::infinity();
    sums.top[r] = larger(sums.top[r], kept);
    sums.count.chunk[r] += w;
  }
}

template <class V>
GYRO_INLINE void setPivot(Exponentials<V>& sums) {
  if (totalOf(sums.count) > 0) sums.pivot = sums.sign * largestOf(sums.top);
}

/** The second time. */
template <class V>
GYRO_INLINE void addScaled(Exponentials<V>& sums, const float* d, const float* weights) {
  if (!anyWeight(weights)) return;
  for (size_t r = 0; r < registersOf<V>; r++) {
    const V w = partOf<V>(weights, r);
    const V e = powerOf<V>((partOf<V>(d, r) - sums.pivot) * sums.factor);
    sums.scaled.chunk[r] += w > 0.0f ? w * e : V{};
  }
}

/** log Σ w exp(factor d) */
GYRO_INLINE double logOf(double factor, double pivot, double scaled, double none) {
  return scaled == 0 ? none : factor * pivot + std::log(scaled);
}

/**
 * Terms of a row: 0 log Σ_p exp(a d), 1 log Σ_n exp(b d), 2 Σ_p d, 3 and 4 how many p and n; 5 to 8 pivots and scaled
 * sums of both. Pulls of 0, 1 and 2.
 */
template <class V>
struct LogSums {
  static constexpr size_t kTerms = 9;
  static constexpr size_t kPulls = 3;
  static constexpr size_t kParameters = 2;

  GYRO_INLINE void terms(const RowView& row, const double* parameters, const Column<float>& out) {
    Exponentials<V> near = exponentialsOf<V>(parameters[0]);
    Exponentials<V> far = exponentialsOf<V>(parameters[1]);
    RowSum<V> sum;
    Flags<V> bad[registersOf<V>] = {};
    overRow(
        row,
        [&](const Block& at) __attribute__((always_inline)) {
          for (size_t r = 0; r < registersOf<V>; r++) {
            const V d = partOf<V>(at.d, r);
            bad[r] |= d != d;
          }
          if (anyWeight(at.positives)) {
            for (size_t r = 0; r < registersOf<V>; r++) {
              const V w = partOf<V>(at.positives, r);
              sum.chunk[r] += w > 0.0f ? w * partOf<V>(at.d, r) : V{};
            }
          }
          look(near, at.d, at.positives);
          look(far, at.d, at.negatives);
        },
        [&]() __attribute__((always_inline)) {
          closeChunk(sum);
          closeChunk(near.count);
          closeChunk(far.count);
        });
    setPivot(near);
    setPivot(far);
    overRow(
        row,
        [&](const Block& at) __attribute__((always_inline)) {
          addScaled(near, at.d, at.positives);
          addScaled(far, at.d, at.negatives);
        },
        [&]() __attribute__((always_inline)) {
          closeChunk(near.scaled);
          closeChunk(far.scaled);
        });
    const double taint = anyFlag<V>(bad) ? std::numeric_limits<double>::quiet_NaN() : 0;
    const double ofNear = totalOf(near.scaled) + taint;
    const double ofFar = totalOf(far.scaled) + taint;
    out[0] = static_cast<float>(logOf(parameters[0], near.pivot, ofNear, kEmptyLog));
    out[1] = static_cast<float>(logOf(parameters[1], far.pivot, ofFar, kEmptyLog));
    out[2] = static_cast<float>(totalOf(sum) + taint);
    out[3] = static_cast<float>(totalOf(near.count));
    out[4] = static_cast<float>(totalOf(far.count));
    out[5] = near.pivot;
    out[6] = static_cast<float>(ofNear);
    out[7] = far.pivot;
    out[8] = static_cast<float>(ofFar);
  }

  GYRO_INLINE void slopes(const RowView& row, const double* parameters, const Column<const float>& terms,
                          const Column<const float>& pulls, float* out) {
    const float a = static_cast<float>(parameters[0]);
    const float b = static_cast<float>(parameters[1]);
    const float toNear = terms[6] == 0 ? 0 : static_cast<float>(pulls[0] * parameters[0] / terms[6]);
    const float toFar = terms[8] == 0 ? 0 : static_cast<float>(pulls[1] * parameters[1] / terms[8]);
    const float toSum = pulls[2];
    const float nearPivot = terms[5];
    const float farPivot = terms[7];
    writeRow(row, out, [&](const Block& at, float* to) __attribute__((always_inline)) {
      V slopes[registersOf<V>] = {};
      if (anyWeight(at.negatives)) {
        for (size_t r = 0; r < registersOf<V>; r++) {
          const V w = partOf<V>(at.negatives, r);
          const V e = powerOf<V>((partOf<V>(at.d, r) - farPivot) * b);
          slopes[r] = w > 0.0f ? w * e * toFar : V{};
        }
      }
      if (anyWeight(at.positives)) {
        for (size_t r = 0; r < registersOf<V>; r++) {
          const V w = partOf<V>(at.positives, r);
          const V e = powerOf<V>((partOf<V>(at.d, r) - nearPivot) * a);
          slopes[r] += w > 0.0f ? w * (e * toNear + toSum) : V{};
        }
      }
      std::memcpy(to, slopes, sizeof slopes);
    });
  }
};

/** softplus x = log(1 + exp x) and sigmoid x, by one exponential. */
template <class V>
struct Soft {
  V plus;
  V sigmoid;
};
template <class V>
GYRO_INLINE Soft<V> softOf(V x) {
  const V e = powerOf<V>(x < 0.0f ? x : -x);
  const V positive = x > 0.0f ? x : V{};
  const V share = 1.0f / (e + 1.0f);
  return {positive + log1pUnit(e), x < 0.0f ? e * share : share};
}

/**
 * Terms of a row, with v_p = log Σ_n exp(f (d_n - d_p)): 0 Σ_p log(1 + exp v_p), 1 how many of these are above 0, 2
 * how many p; 3 and 4 pivot and scaled sum of n, 5 Σ_p sigmoid v_p. Pulls of 0.
 */
template <class V>
struct Softplus {
  static constexpr size_t kTerms = 6;
  static constexpr size_t kPulls = 1;
  static constexpr size_t kParameters = 1;

  GYRO_INLINE void terms(const RowView& row, const double* parameters, const Column<float>& out) {
    Exponentials<V> far = exponentialsOf<V>(parameters[0]);
    Flags<V> bad[registersOf<V>] = {};
    overRow(
        row,
        [&](const Block& at) __attribute__((always_inline)) {
          for (size_t r = 0; r < registersOf<V>; r++) {
            const V d = partOf<V>(at.d, r);
            bad[r] |= d != d;
          }
          look(far, at.d, at.negatives);
        },
        [&]() __attribute__((always_inline)) { closeChunk(far.count); });
    setPivot(far);
    overRow(
        row, [&](const Block& at) __attribute__((always_inline)) { addScaled(far, at.d, at.negatives); },
        [&]() __attribute__((always_inline)) { closeChunk(far.scaled); });
    const double taint = anyFlag<V>(bad) ? std::numeric_limits<double>::quiet_NaN() : 0;
    const float scaled = static_cast<float>(totalOf(far.scaled) + taint);
    const float logarithm = logScaled(scaled);
    RowSum<V> sum, active, count, pull;
    overRow(
        row,
        [&](const Block& at) __attribute__((always_inline)) {
          if (!anyWeight(at.positives)) return;
          for (size_t r = 0; r < registersOf<V>; r++) {
            const V w = partOf<V>(at.positives, r);
            const Soft<V> soft = softOf<V>((far.pivot - partOf<V>(at.d, r)) * far.factor + logarithm);
            sum.chunk[r] += w > 0.0f ? w * soft.plus : V{};
            active.chunk[r] += soft.plus > 0.0f ? w : V{};
            pull.chunk[r] += w > 0.0f ? w * soft.sigmoid : V{};
            count.chunk[r] += w;
          }
        },
        [&]() __attribute__((always_inline)) {
          for (RowSum<V>* each : {&sum, &active, &count, &pull}) closeChunk(*each);
        });
    out[0] = static_cast<float>(totalOf(sum) + taint);
    out[1] = static_cast<float>(totalOf(active));
    out[2] = static_cast<float>(totalOf(count));
    out[3] = far.pivot;
    out[4] = scaled;
    out[5] = static_cast<float>(totalOf(pull) + taint);
  }

  GYRO_INLINE void slopes(const RowView& row, const double* parameters, const Column<const float>& terms,
                          const Column<const float>& pulls, float* out) {
    const float f = static_cast<float>(parameters[0]);
    const double along = pulls[0] * parameters[0];
    const float toFar = terms[4] == 0 ? 0 : static_cast<float>(along * terms[5] / terms[4]);
    const float toNear = static_cast<float>(along);
    const float pivot = terms[3];
    const float logarithm = logScaled(terms[4]);
    writeRow(row, out, [&](const Block& at, float* to) __attribute__((always_inline)) {
      V slopes[registersOf<V>] = {};
      if (anyWeight(at.negatives)) {
        for (size_t r = 0; r < registersOf<V>; r++) {
          const V w = partOf<V>(at.negatives, r);
          const V e = powerOf<V>((partOf<V>(at.d, r) - pivot) * f);
          slopes[r] = w > 0.0f ? w * e * toFar : V{};
        }
      }
      if (anyWeight(at.positives)) {
        for (size_t r = 0; r < registersOf<V>; r++) {
          const V w = partOf<V>(at.positives, r);
          const Soft<V> soft = softOf<V>((pivot - partOf<V>(at.d, r)) * f + logarithm);
          slopes[r] -= w > 0.0f ? w * soft.sigmoid * toNear : V{};
        }
      }
      std::memcpy(to, slopes, sizeof slopes);
    });
  }

  GYRO_INLINE float logScaled(float scaled) {
    return scaled == 0 ? -std::numeric_limits<float>::infinity() : std::log(scaled);
  }
};

}  // namespace gyro
