#include <algorithm>
#include <shared_mutex>

#include "graphIndex.h"

namespace gyro {
namespace {

/** The beam that a point must be found with: narrow, as a wider one visits all that a narrower one visits. */
constexpr size_t kRepairWidth = 10;
/** The beam that decides whether a row counts as out of reach. */
constexpr size_t kMissedWidth = 50;
constexpr int kRounds = 12;
/** Every search pays for every straggler: one in so many nodes at most. */
constexpr size_t kStragglerShare = 100;
/** Rows added once are looked at again, so many old ones for each new one. */
constexpr size_t kOldRows = 2;
constexpr size_t kGroup = 16;

}  // namespace

/** A node that a search for itself does not return, and what it returns instead, nearest first. */
struct GraphIndex::Found {
  uint32_t row;
  std::vector<uint32_t> instead;
};

std::vector<uint32_t> GraphIndex::rowsToCheck(bool all) {
  std::vector<uint32_t> rows;
  const auto addNode = [&](size_t row) {
    if (links_.level(static_cast<uint32_t>(row)) >= 0) rows.push_back(static_cast<uint32_t>(row));
  };
  const size_t size = points_.size();
  if (all) {
    for (size_t row = 0; row < size; row++) addNode(row);
    checked_ = size;
    return rows;
  }
  const size_t old = std::min(checked_, kOldRows * (size - checked_));
  for (size_t i = 0; i < old; i++) addNode((nextCheck_ + i) % checked_);
  for (size_t row = checked_; row < size; row++) addNode(row);
  nextCheck_ = checked_ == 0 ? 0 : (nextCheck_ + old) % checked_;
  checked_ = size;
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<GraphIndex::Found> GraphIndex::findMissed(const std::vector<uint32_t>& rows, size_t ef, int threads,
                                                      const Control& control) const {
  const size_t groups = (rows.size() + kGroup - 1) / kGroup;
  std::vector<std::vector<Found>> missed(groups);
  parallelFor(threads, groups, [&](size_t group) {
    control.check();
    const WalkerHandle walker = takeWalker();
    const std::shared_lock<FairLock> lock(guard_);
    const size_t end = std::min(rows.size(), (group + 1) * kGroup);
    for (size_t i = group * kGroup; i < end; i++) {
      metric_.prepareCopy(points_[rows[i]], walker->query);
      walker->search(graph(), ef, rows[i]);
      // A target counts as nearest of all: it comes first, or not at all.
      if (walker->beam.size() > 0 && walker->beam.row(0) == rows[i]) continue;
      Found found{rows[i], {}};
      for (size_t j = 0; j < walker->beam.size(); j++) found.instead.push_back(walker->beam.row(j));
      missed[group].push_back(std::move(found));
    }
    control.advance(static_cast<int32_t>(end - group * kGroup));
  });
  std::vector<Found> all;
  for (std::vector<Found>& some : missed) std::move(some.begin(), some.end(), std::back_inserter(all));
  return all;
}

std::vector<uint32_t> GraphIndex::inDegrees() const {
  std::vector<uint32_t> degrees(points_.size(), 0);
  for (uint32_t row = 0; row < points_.size(); row++) {
    if (links_.level(row) < 0) continue;
    const uint32_t* list = links_.list(row, 0);
    for (uint32_t i = 1; i <= list[0]; i++) degrees[list[i]]++;
  }
  return degrees;
}

/** @param degrees if given, a full list gives up the link to whom most others lead */
bool GraphIndex::addLink(uint32_t from, uint32_t to, std::vector<uint32_t>* degrees) {
  uint32_t* list = links_.list(from, 0);
  if (std::find(list + 1, list + 1 + list[0], to) != list + 1 + list[0]) return false;
  if (list[0] < links_.room(0)) {
    list[++list[0]] = to;
    return true;
  }
  if (!degrees) return false;
  uint32_t* most = std::max_element(list + 1, list + 1 + list[0], [&](uint32_t a, uint32_t b) {
    return (*degrees)[a] < (*degrees)[b];
  });
  // The last way to a node is not given up for another's.
  if ((*degrees)[*most] < 2) return false;
  (*degrees)[*most]--;
  (*degrees)[to]++;
  *most = to;
  return true;
}

size_t GraphIndex::linkMissed(const std::vector<Found>& missed) {
  std::vector<uint32_t> degrees = inDegrees();
  const std::lock_guard<FairLock> lock(guard_);
  size_t linked = 0;
  for (const Found& found : missed) {
    bool done = false;
    for (size_t i = 0; i < found.instead.size() && !done; i++) {
      done = addLink(found.instead[i], found.row, nullptr);
      if (done) addLink(found.row, found.instead[i], nullptr);
    }
    if (!done && !found.instead.empty()) {
      done = addLink(found.instead[0], found.row, &degrees);
      addLink(found.row, found.instead[0], nullptr);
    }
    linked += done;
  }
  return linked;
}

int64_t GraphIndex::repair(bool all, int threads, const Control& control) {
  const std::lock_guard<std::mutex> change(change_);
  requireWhole();
  const std::vector<uint32_t> rows = rowsToCheck(all);
  std::vector<Found> missed;
  for (int round = 0; round <= kRounds; round++) {
    // Later rounds look again at what has been counted.
    const Control uncounted = round == 0 ? control : control.uncounted();
    missed = findMissed(rows, kRepairWidth, threads, uncounted);
    if (missed.empty() || round == kRounds || linkMissed(missed) == 0) break;
  }
  std::vector<uint32_t> stragglers;
  if (!all) stragglers = stragglers_;
  for (const Found& found : missed) stragglers.push_back(found.row);
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
    for (uint32_t row = 0; row < linked_; row++) {
      if (links_.level(row) >= 0) rows.push_back(row);
    }
  }
  const std::vector<Found> missed = findMissed(rows, ef, threads, control);
  const std::shared_lock<FairLock> lock(guard_);
  size_t count = 0;
  for (const Found& found : missed) {
    if (!std::binary_search(stragglers_.begin(), stragglers_.end(), found.row)) count += rowsOfNode(found.row);
  }
  return count;
}

}  // namespace gyro
