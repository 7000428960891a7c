#pragma once

#include <cstdint>
#include <vector>

#include "hnsw.h"

namespace gyro {

/**
 * Gives each of the `missed` nodes that a search for itself with `ef` still does not return a link from where that
 * search ends: from the nearest node found that has a free place on the lowest level, and one back. No link is ever
 * given up for it: nodes that fill their places are hubs, and taking hubs' links costs more neighbours than it finds.
 * @returns the number of nodes linked
 */
size_t linkMissed(Hnsw& hnsw, const std::vector<uint32_t>& missed, size_t ef);

}  // namespace gyro
