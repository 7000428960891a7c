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
/** Of the rows that a filter allows, a walk must meet so large a share of ef: else they are not where it looked. */
constexpr size_t kMetShare = 4;

}  // namespace

struct GraphIndex::SearchMemory {
  Reference::Query exact;
  std::vector<Neighbour> ranked;
};

/** The rows that a search may return. */
struct GraphIndex::Allowed {
  bool filtered;
  size_t count;
  std::vector<uint32_t> rows;  // ascending; none if all are allowed
  RowSet set;                  // the same, if asked for
  uint64_t numbering;

  bool has(const RowSet& seen, uint32_t row) const { return seen.has(row) && (!filtered || set.has(row)); }
};

/** Who holds guard_ asks. */
GraphIndex::Allowed GraphIndex::allow(const IdFilter& filter, bool asSet) const {
  Allowed allowed{filter.kind != IdFilter::Kind::none, seen_.count(), {}, RowSet{}, numbering_};
  if (!allowed.filtered) {
    if (seen_.count() < points_.size()) allowed.rows = seen_.rows();
    return allowed;
  }
  std::vector<uint32_t>& rows = allowed.rows;
  if (filter.kind == IdFilter::Kind::ids) {
    for (size_t i = 0; i < filter.length; i++) {
      const uint32_t row = find(filter.ids[i]);
      if (row != kNone && seen_.has(row)) rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  } else {
    for (uint32_t row : seen_.rows()) {
      const uint64_t id = static_cast<uint64_t>(points_.id(row));
      if (id >> 3 < filter.length && (filter.bits[id >> 3] >> (id & 7) & 1) != 0) rows.push_back(row);
    }
  }
  allowed.count = rows.size();
  if (asSet) {
    allowed.set = RowSet(points_.size());
    for (uint32_t row : rows) allowed.set.add(row);
  }
  return allowed;
}

void GraphIndex::search(const GraphQuery& q, const Control& control) const {
  requireWhole();
  if (shown_ == 0 || q.k == 0) return;
  if (q.filter.kind == IdFilter::Kind::ids) requireTables();
  const Readers::Stay stay(readers_);
  const size_t width = std::max(q.ef, q.k);
  Tables now;
  const Allowed allowed = [&] {
    const std::shared_lock<FairLock> lock(guard_);
    now = tables();
    const bool scans = q.exact || width * kScanShare >= seen_.count();
    if (q.filter.kind == IdFilter::Kind::none && !scans) {
      return Allowed{false, seen_.count(), {}, RowSet{}, numbering_};
    }
    return allow(q.filter, !scans);
  }();
  if (allowed.count == 0) return;
  // A walk keeps the more rows, the fewer of them are allowed, until comparing with these alone costs less.
  const size_t rows = std::max(shown_.load(), allowed.count);
  const size_t wide = allowed.filtered ? (width * rows + allowed.count - 1) / allowed.count : width;
  if (q.exact || wide * kScanShare >= allowed.count) return scan(now, allowed, q, control);
  walkAll(q, allowed, wide, control);
}

void GraphIndex::walkAll(const GraphQuery& q, const Allowed& allowed, size_t width, const Control& control) const {
  parallelFor(q.threads, (q.count + kGroup - 1) / kGroup, [&](size_t group) {
    control.check();
    SearchMemory memory;
    const WalkersHandle walkers = takeWalkers();
    const size_t from = group * kGroup;
    const std::shared_lock<FairLock> lock(guard_);
    if (links_.nodes() == 0) return;
    const bool renumbered = allowed.filtered && allowed.numbering != numbering_;
    const Allowed again = renumbered ? allow(q.filter, true) : Allowed{false, 0, {}, RowSet{}, 0};
    const Graph graph = searched();
    walkers->walk(
        graph, std::min(kGroup, q.count - from),
        [&](size_t i, Walker& walker) {
          const float* row = q.queries + (from + i) * static_cast<size_t>(space_.columns);
          points_.reference().prepareQuery(row, memory.exact);
          metric_.prepareQuery({row, memory.exact.scalars.data()}, walker.query);
          walker.begin(graph, 0, width, kNone);
        },
        [&](size_t i, Walker& walker) {
          answer(q, from + i, walker.beam, renumbered ? again : allowed, memory);
        });
  });
}

/** Whether a walk has ended with at least `count` nodes whose own row is allowed. */
bool GraphIndex::meets(const Beam& beam, const Allowed& allowed, size_t count) const {
  for (size_t j = 0; j < beam.size() && count > 0; j++) count -= allowed.has(seen_, beam.row(j));
  return count == 0;
}

/** Ranks what a walk has ended with. */
void GraphIndex::answer(const GraphQuery& q, size_t i, const Beam& beam, const Allowed& allowed,
                        SearchMemory& memory) const {
  const Reference& reference = points_.reference();
  const float* row = q.queries + i * static_cast<size_t>(space_.columns);
  reference.prepareQuery(row, memory.exact);
  memory.ranked.clear();
  const auto rank = [&](uint32_t r) {
    if (!allowed.has(seen_, r)) return;
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
  for (size_t j = 0; j < beam.size() && beam.at(j).key <= limit; j++) {
    const bool before = memory.ranked.size() < q.k;
    rankNode(beam.row(j));
    const float key = beam.at(j).key;
    // Keys of codes say less: so many times k are ranked.
    if (codes_ && memory.ranked.size() >= codes_->ranked(q.k)) break;
    if (before && memory.ranked.size() >= q.k && !codes_) limit = key + std::abs(key) * metric_.relative() + metric_.absolute();
  }
  for (uint32_t node : stragglers_) {
    bool walked = false;
    for (size_t j = 0; j < beam.size() && !walked; j++) walked = beam.row(j) == node;
    if (!walked) rankNode(node);
  }
  const bool met = !allowed.filtered || meets(beam, allowed, std::min(allowed.count, q.ef / kMetShare));
  if (!met || memory.ranked.size() < std::min(q.k, allowed.filtered ? allowed.count : seen_.count())) {
    // The walk has met fewer points than are due: the answer is still due in full.
    GraphQuery alone = q;
    alone.queries = row;
    alone.count = 1;
    alone.ids = q.ids + i * q.k;
    alone.distances = q.distances + i * q.k;
    return scan(tables(), allowed.filtered ? allowed : allow({}, false), alone, {});
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
  return {points_.values().table(), points_.scalars().table(), points_.ids().table()};
}

void GraphIndex::scan(const Tables& tables, const Allowed& allowed, const GraphQuery& q,
                      const Control& control) const {
  const Blocks<int64_t>& ids = points_.ids();
  const RowTable<int64_t> idTable{tables.ids.data(), ids.shift(), 1};
  std::vector<int32_t> rows(q.count * q.k, -1);
  const ExactQuery query{{tables.values.data(), points_.values().shift(), points_.values().width()},
                         {tables.scalars.data(), points_.scalars().shift(), points_.scalars().width()},
                         allowed.count,
                         q.queries,
                         q.count,
                         q.k,
                         false,
                         q.threads,
                         rows.data(),
                         q.distances,
                         allowed.rows.empty() ? nullptr : allowed.rows.data()};
  const IdOfRow idOf = [idTable](size_t row) { return *idTable[row]; };
  exactSearch(space_, query, control, idOf);
  for (size_t i = 0; i < rows.size(); i++) {
    if (rows[i] >= 0) q.ids[i] = idOf(static_cast<size_t>(rows[i]));
  }
  distances_ += q.count * allowed.count;
}

}  // namespace gyro
