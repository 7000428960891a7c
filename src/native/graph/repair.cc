#include <algorithm>
#include <shared_mutex>

#include "graphIndex.h"

namespace gyro {
namespace {

/** The beam that a point must be found with: narrow, as a wider one visits all that a narrower one visits. */
constexpr size_t kRepairWidth = 10;
/** The beam that decides whether a row counts as out of reach. */
constexpr size_t kMissedWidth = 50;
constexpr int kRounds = 8;
constexpr int kPasses = 4;
/** Every search pays for every straggler: one in so many nodes at most. */
constexpr size_t kStragglerShare = 100;
/** Rows added once are looked at again, so many old ones for each new one. */
constexpr size_t kOldRows = 2;
constexpr size_t kGroup = 16;

size_t widthOn(int level, size_t ef) { return level == 0 ? ef : kDescentWidth; }

}  // namespace

/** A node that a search for itself does not find on one of its levels, and what is found there, nearest first. */
struct GraphIndex::Missed {
  uint32_t row;
  int level;
  std::vector<uint32_t> instead;
};

std::vector<uint32_t> GraphIndex::rowsOf(const std::vector<Missed>& missed) {
  std::vector<uint32_t> rows;
  for (const Missed& found : missed) {
    if (rows.empty() || rows.back() != found.row) rows.push_back(found.row);
  }
  return rows;
}

std::vector<uint32_t> GraphIndex::rowsToCheck(bool all) {
  std::vector<uint32_t> rows;
  const auto addNode = [&](size_t row) {
    const uint32_t r = static_cast<uint32_t>(row);
    if (links_.level(r) >= 0 && !leaving_.has(r)) rows.push_back(r);
  };
  const size_t size = points_.size();
  const auto forget = [&] {
    checked_ = size;
    unchecked_.clear();
    cutOff_.clear();
    removed_ = 0;
  };
  if (all) {
    for (size_t row = 0; row < size; row++) addNode(row);
    forget();
    return rows;
  }
  const size_t old = std::min(checked_, kOldRows * (unchecked_.size() + removed_));
  for (size_t i = 0; i < old; i++) addNode((nextCheck_ + i) % checked_);
  for (uint32_t row : unchecked_) addNode(row);
  for (uint32_t row : cutOff_) addNode(row);
  nextCheck_ = checked_ == 0 ? 0 : (nextCheck_ + old) % checked_;
  forget();
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

std::vector<GraphIndex::Missed> GraphIndex::findMissed(const std::vector<uint32_t>& rows, size_t ef,
                                                       bool allLevels, int threads,
                                                       const Control& control) const {
  const size_t groups = (rows.size() + kGroup - 1) / kGroup;
  std::vector<std::vector<Missed>> missed(groups);
  parallelFor(threads, groups, [&](size_t group) {
    control.check();
    const WalkersHandle walkers = takeWalkers();
    const std::shared_lock<FairLock> lock(guard_);
    const Graph graph = this->graph();
    const size_t end = std::min(rows.size(), (group + 1) * kGroup);
    std::vector<uint32_t> own;
    for (size_t i = group * kGroup; i < end; i++) {
      // Who only counts does not keep rows from going.
      if (rows[i] < points_.size() && links_.level(rows[i]) >= 0) own.push_back(rows[i]);
    }
    walkers->walk(
        graph, own.size(),
        [&](size_t i, Walker& walker) {
          const uint32_t row = own[i];
          const int level = allLevels ? links_.level(row) : 0;
          metric_.prepareStored(points_[row], walker.query);
          walker.begin(graph, level, widthOn(level, ef), row);
        },
        [&](size_t i, Walker& walker) { findLevels(own[i], ef, allLevels, walker, missed[group]); });
    // Walks end in no certain order.
    std::stable_sort(missed[group].begin(), missed[group].end(),
                     [](const Missed& a, const Missed& b) { return a.row < b.row; });
    control.advance(static_cast<int32_t>(end - group * kGroup));
  });
  std::vector<Missed> all;
  for (std::vector<Missed>& some : missed) std::move(some.begin(), some.end(), std::back_inserter(all));
  return all;
}

/**
 * What lies beyond a node is found through it, so a search must meet the node on each of its levels.
 * @param walker at the end of its walk on the highest of them
 */
void GraphIndex::findLevels(uint32_t row, size_t ef, bool allLevels, Walker& walker,
                            std::vector<Missed>& missed) const {
  const int start = allLevels ? links_.level(row) : 0;
  for (int level = start; level >= 0; level--) {
    if (level < start) walker.walk(graph(), level, widthOn(level, ef));
    // A target counts as nearest of all: it comes first, or not at all.
    if (walker.beam.row(0) == row) continue;
    Missed found{row, level, {}};
    for (size_t j = 0; j < walker.beam.size(); j++) found.instead.push_back(walker.beam.row(j));
    missed.push_back(std::move(found));
  }
}

bool GraphIndex::addLink(uint32_t from, uint32_t to, int level) {
  uint32_t* list = links_.list(from, level);
  if (list[0] == links_.room(level)) return false;
  if (std::find(list + 1, list + 1 + list[0], to) != list + 1 + list[0]) return false;
  list[++list[0]] = to;
  return true;
}

/**
 * Links each node to the nearest of those found in its place that have room. No link is given up for it: nodes
 * without
 * room are hubs, and taking their links costs searches far more neighbours than it finds.
 * @returns the number of nodes linked
 */
size_t GraphIndex::linkMissed(const std::vector<Missed>& missed) {
  const std::lock_guard<FairLock> lock(guard_);
  size_t linked = 0;
  for (const Missed& found : missed) {
    bool done = false;
    for (size_t i = 0; i < found.instead.size() && !done; i++) {
      done = addLink(found.instead[i], found.row, found.level);
      if (done) addLink(found.row, found.instead[i], found.level);
    }
    linked += done;
  }
  return linked;
}

/**
 * Links what was missed by narrow walks, then, where all that they end at is full, by wider ones.
 * @returns whether any link was added
 */
bool GraphIndex::linkUntilFound(std::vector<Missed> missed, int threads, const Control& control) {
  bool linked = false;
  for (const size_t width : {kRepairWidth, kMissedWidth}) {
    for (int round = 0; round < kRounds && linkMissed(missed); round++) {
      linked = true;
      missed = findMissed(rowsOf(missed), width, true, threads, control.uncounted());
    }
    if (missed.empty()) break;
    missed = findMissed(rowsOf(missed), kMissedWidth, true, threads, control.uncounted());
  }
  return linked;
}

int64_t GraphIndex::repair(bool all, int threads, const Control& control) {
  const std::lock_guard<std::mutex> change(change_);
  requireWhole();
  const std::vector<uint32_t> rows = rowsToCheck(all);
  std::vector<Missed> missed = findMissed(rows, kRepairWidth, true, threads, control);
  for (int pass = 0; pass < kPasses && !missed.empty(); pass++) {
    if (!linkUntilFound(missed, threads, control)) break;
    // A new link may lead another walk astray.
    missed = findMissed(rows, kRepairWidth, true, threads, control.uncounted());
  }
  std::vector<uint32_t> stragglers;
  if (!all) stragglers = stragglers_;
  for (const Missed& found : missed) {
    if (found.level == 0) stragglers.push_back(found.row);
  }
  std::sort(stragglers.begin(), stragglers.end());
  stragglers.erase(std::unique(stragglers.begin(), stragglers.end()), stragglers.end());
  const size_t most = links_.nodes() / kStragglerShare + 1;
  const bool lost = stragglers.size() > most;
  if (lost) stragglers.resize(most);
  {
    const std::lock_guard<FairLock> lock(guard_);
    stragglers_ = std::move(stragglers);
  }
  if (!all) return -1;
  return lost ? static_cast<int64_t>(countMissed(kMissedWidth, threads, control.uncounted())) : 0;
}

size_t GraphIndex::countMissed(size_t ef, int threads, const Control& control) const {
  requireWhole();
  std::vector<uint32_t> rows;
  {
    const std::shared_lock<FairLock> lock(guard_);
    for (uint32_t row = 0; row < points_.size(); row++) {
      if (links_.level(row) >= 0 && !leaving_.has(row)) rows.push_back(row);
    }
  }
  const std::vector<Missed> missed = findMissed(rows, ef, false, threads, control);
  const std::shared_lock<FairLock> lock(guard_);
  size_t count = 0;
  for (const Missed& found : missed) {
    const bool straggles = std::binary_search(stragglers_.begin(), stragglers_.end(), found.row);
    if (!straggles) count += rowsOfNode(found.row);
  }
  return count;
}

}  // namespace gyro
