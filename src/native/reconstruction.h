#pragma once

#include <cstddef>
#include <cstdint>

#include "parallel.h"
#include "space.h"

namespace gyro {

/** Row i is related to targets[offsets[i] .. offsets[i + 1]), without itself. */
struct ReconstructionQuery {
  const float* points;
  size_t rows;
  const int32_t* offsets;  // [rows + 1]
  const int32_t* targets;
  size_t pairs;
  int threads;
  double* rankSums;           // [rows]
  double* averagePrecisions;  // [rows]
};

/**
 * Ranks all rows by their distance to each row in turn. rankSums: Σ over its targets of 1 + the number of rows that are
 * neither itself nor a target and not farther than that target. averagePrecisions: mean over its targets of the share
 * of targets among the rows that are not farther. Both 0 for a row without targets.
 * @throws std::invalid_argument for offsets or targets that are out of range, and where a distance is not a number
 */
void reconstruction(const Space& space, const ReconstructionQuery& query, const Control& control);

}  // namespace gyro
