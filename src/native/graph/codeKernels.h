#pragma once

#include <cstdint>

#include "../space.h"

namespace gyro {

/** How a leaf's columns are stored for walks. */
enum class Code {
  bfloat16,  // the upper half of a float32
  int16,     // whole numbers times a scale of the row's own
  int8,
};

/** Bytes of one column. */
constexpr int bytesOf(Code code) { return code == Code::int8 ? 1 : 2; }

/**
 * out[i] = Σ_k (q[k] - scales[i] y[k])² over the columns of up to kWalkLanes rows, y the row's numbers from
 * codes[i] on, in float32; bfloat16 has no scale. 64 bytes beyond each row must be readable. Where a sum is
 * no number it is infinite.
 */
using CodeSquares = void (*)(const float* q, const uint8_t* const* codes, const float* scales, int count,
                             int columns, float* out);

/** The variant for this processor. */
CodeSquares codeSquares(Code code);

}  // namespace gyro
