#include <algorithm>
#include <shared_mutex>

#include "../candidates.h"
#include "../exact.h"
#include "graphIndex.h"

namespace gyro {
namespace {

/** Queries that a thread answers before it lets a change in between. */
constexpr size_t kGroup = 16;
/** A walk that keeps so large a share of the nodes costs more than comparing with all rows. */
constexpr size_t kScanShare = 16;

}  // namespace

struct GraphIndex::SearchMemory {
  Reference::Query exact;
  std::vector<Neighbour> ranked;
};

void GraphIndex::search(const GraphQuery& q, const Control& control) const {
  requireWhole();
  if (linked_ == 0 || q.k == 0) return;
  if (q.exact || std::max(q.ef, q.k) * kScanShare >= linked_) {
    // Rows that are stored stay where they are, so a long scan needs no lock.
    const Tables now = [this] {
      const std::shared_lock<FairLock> lock(guard_);
      return tables();
    }();
    return scan(now, q, control);
  }
  parallelFor(q.threads, (q.count + kGroup - 1) / kGroup, [&](size_t group) {
    control.check();
    SearchMemory memory;
    const WalkersHandle walkers = takeWalkers();
    const size_t from = group * kGroup;
    const std::shared_lock<FairLock> lock(guard_);
    const Graph graph = this->graph();
    walkers->walk(
        graph, std::min(kGroup, q.count - from),
        [&](size_t i, Walker& walker) {
          const float* row = q.queries + (from + i) * static_cast<size_t>(space_.columns);
          points_.reference().prepareQuery(row, memory.exact);
          metric_.prepareQuery({row, memory.exact.scalars.data()}, walker.query);
          walker.begin(graph, 0, std::max(q.ef, q.k), kNone);
        },
        [&](size_t i, Walker& walker) { answer(q, from + i, walker.beam, memory); });
  });
}

/** Ranks what a walk has ended with. */
void GraphIndex::answer(const GraphQuery& q, size_t i, const Beam& beam, SearchMemory& memory) const {
  const Reference& reference = points_.reference();
  const float* row = q.queries + i * static_cast<size_t>(space_.columns);
  reference.prepareQuery(row, memory.exact);
  memory.ranked.clear();
  const auto rank = [&](uint32_t r) {
    const double d = reference.distance(memory.exact, points_[r].values, points_[r].scalars);
    memory.ranked.push_back({static_cast<float>(d), points_.id(r), static_cast<int32_t>(r)});
  };
  const auto rankNode = [&](uint32_t node) {
    rank(node);
    if (twins_.empty()) return;
    const auto twins = twins_.find(node);
    if (twins != twins_.end()) std::for_each(twins->second.begin(), twins->second.end(), rank);
  };
  float limit = std::numeric_limits<float>::infinity();
  if (beam.size() > q.k) {
    const float kth = beam.at(q.k - 1).key;
    limit = kth + std::abs(kth) * metric_.relative() + metric_.absolute();
  }
  for (size_t j = 0; j < beam.size() && beam.at(j).key <= limit; j++) rankNode(beam.row(j));
  for (uint32_t node : stragglers_) {
    bool walked = false;
    for (size_t j = 0; j < beam.size() && !walked; j++) walked = beam.row(j) == node;
    if (!walked) rankNode(node);
  }
  if (memory.ranked.size() < std::min(q.k, linked_.load())) {
    // The part of the graph that the walk can reach has fewer than k points: the answer is still due in full.
    GraphQuery alone = q;
    alone.queries = row;
    alone.count = 1;
    alone.ids = q.ids + i * q.k;
    alone.distances = q.distances + i * q.k;
    return scan(tables(), alone, {});
  }
  const size_t found = std::min(q.k, memory.ranked.size());
  if (found < memory.ranked.size()) {
    const auto end = memory.ranked.begin() + static_cast<std::ptrdiff_t>(found);
    std::partial_sort(memory.ranked.begin(), end, memory.ranked.end());
  } else {
    std::sort(memory.ranked.begin(), memory.ranked.end());  // quick where the keys' order is right already
  }
  for (size_t j = 0; j < found; j++) {
    q.ids[i * q.k + j] = memory.ranked[j].id;
    q.distances[i * q.k + j] = memory.ranked[j].distance;
  }
}

GraphIndex::Tables GraphIndex::tables() const {
  return {points_.values().table(), points_.scalars().table(), points_.ids().table(), linked_.load()};
}

void GraphIndex::scan(const Tables& tables, const GraphQuery& q, const Control& control) const {
  const Blocks<int64_t>& ids = points_.ids();
  const RowTable<int64_t> idTable{tables.ids.data(), ids.shift(), 1};
  std::vector<int32_t> rows(q.count * q.k, -1);
  const ExactQuery query{{tables.values.data(), points_.values().shift(), points_.values().width()},
                         {tables.scalars.data(), points_.scalars().shift(), points_.scalars().width()},
                         tables.rows,
                         q.queries,
                         q.count,
                         q.k,
                         false,
                         q.threads,
                         rows.data(),
                         q.distances};
  const IdOfRow idOf = [idTable](size_t row) { return *idTable[row]; };
  exactSearch(space_, query, control, idOf);
  for (size_t i = 0; i < rows.size(); i++) {
    if (rows[i] >= 0) q.ids[i] = idOf(static_cast<size_t>(rows[i]));
  }
  distances_ += q.count * tables.rows;
}

}  // namespace gyro
