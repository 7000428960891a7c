#include "repair.h"

#include <algorithm>

namespace gyro {
namespace {

bool full(const Hnsw& hnsw, uint32_t node) { return hnsw.getListCount(hnsw.get_linklist0(node)) >= hnsw.maxM0_; }

void link(Hnsw& hnsw, uint32_t from, uint32_t to) {
  uint32_t* list = hnsw.get_linklist0(from);
  const size_t count = hnsw.getListCount(list);
  if (full(hnsw, from) || std::find(list + 1, list + 1 + count, to) != list + 1 + count) return;
  list[1 + count] = to;
  hnsw.setListCount(list, static_cast<unsigned short>(count + 1));
}

/** What a search for a node finds, nearest first; empty if it finds the node itself. */
std::vector<uint32_t> whereSearchEnds(const Hnsw& hnsw, uint32_t node, size_t ef) {
  auto found = hnsw.searchKnn(hnsw.getDataByInternalId(node), ef);
  std::vector<uint32_t> nodes(found.size());
  for (size_t i = nodes.size(); i-- > 0; found.pop()) nodes[i] = static_cast<uint32_t>(found.top().second);
  if (std::find(nodes.begin(), nodes.end(), node) != nodes.end()) nodes.clear();
  return nodes;
}

}  // namespace

size_t linkMissed(Hnsw& hnsw, const std::vector<uint32_t>& missed, size_t ef) {
  size_t linked = 0;
  for (uint32_t node : missed) {
    for (uint32_t near : whereSearchEnds(hnsw, node, ef)) {
      if (full(hnsw, near)) continue;
      link(hnsw, near, node);
      link(hnsw, node, near);
      linked++;
      break;
    }
  }
  return linked;
}

}  // namespace gyro
