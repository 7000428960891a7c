#include <shared_mutex>
#include <stdexcept>
#include <string>

#include "../hash.h"
#include "graphIndex.h"

namespace gyro {
namespace {

void require(bool holds, const char* problem) {
  if (!holds) throw std::invalid_argument(problem);
}

template <class T>
void copyEntries(const Blocks<T>& blocks, size_t from, size_t count, char* out) {
  const size_t bytes = blocks.width() * sizeof(T);
  for (size_t i = 0; i < count; i++) std::memcpy(out + i * bytes, blocks[from + i], bytes);
}

}  // namespace

size_t GraphIndex::length(Part part) const {
  const std::shared_lock<FairLock> lock(guard_);
  return part == Part::upper ? links_.upperLists() : points_.size();
}

size_t GraphIndex::entryBytes(Part part) const {
  switch (part) {
    case Part::values:
      return static_cast<size_t>(space_.columns) * sizeof(float);
    case Part::ids:
      return sizeof(int64_t);
    case Part::levels:
      return 1;
    case Part::lowest:
      return (2 * options_.m + 1) * sizeof(uint32_t);
    case Part::scalars:
      return points_.reference().scalars() * sizeof(double);
    case Part::upper:
      break;
  }
  return (options_.m + 1) * sizeof(uint32_t);
}

void GraphIndex::read(Part part, size_t from, size_t count, char* out) const {
  requireWhole();
  const std::shared_lock<FairLock> lock(guard_);
  const size_t end = part == Part::upper ? links_.upperLists() : points_.size();
  require(from <= end && count <= end - from, "there are not so many entries");
  switch (part) {
    case Part::values:
      return copyEntries(points_.values(), from, count, out);
    case Part::ids:
      return copyEntries(points_.ids(), from, count, out);
    case Part::scalars:
      if (points_.reference().scalars()) copyEntries(points_.scalars(), from, count, out);
      return;
    case Part::levels:
    case Part::lowest:
    case Part::upper:
      return links_.read(part, from, count, out);
  }
}

std::vector<int32_t> GraphIndex::twins() const {
  const std::shared_lock<FairLock> lock(guard_);
  std::vector<std::pair<int32_t, int32_t>> pairs;
  for (const auto& [node, rows] : twins_) {
    for (uint32_t row : rows) pairs.emplace_back(static_cast<int32_t>(row), static_cast<int32_t>(node));
  }
  std::sort(pairs.begin(), pairs.end());
  std::vector<int32_t> out;
  for (const auto& [row, node] : pairs) out.insert(out.end(), {row, node});
  return out;
}

std::vector<int32_t> GraphIndex::stragglers() const {
  const std::shared_lock<FairLock> lock(guard_);
  return {stragglers_.begin(), stragglers_.end()};
}

void GraphIndex::restore(const SavedGraph& saved) {
  const std::lock_guard<std::mutex> change(change_);
  require(shown_ == 0 && links_.nodes() == 0, "only an index without links can be restored");
  // Until all has been checked, an exception must leave an index that refuses to work.
  broken_ = true;
  const std::lock_guard<FairLock> lock(guard_);
  links_.restore(saved, points_.size());
  restoreTwins(saved.twins, saved.twinPairs);
  restoreStragglers(saved.stragglers, saved.stragglerCount);
  showRestored();
  const std::lock_guard<std::mutex> tables(tables_);
  fillPointTable();
  waiting_.clear();
  broken_ = false;
}

void GraphIndex::restoreTwins(const int32_t* twins, size_t pairs) {
  const size_t rows = points_.size();
  std::vector<bool> hasTwin(rows, false);
  for (size_t i = 0; i < pairs; i++) {
    const int32_t row = twins[2 * i];
    const int32_t node = twins[2 * i + 1];
    const auto inRange = [rows](int32_t r) { return r >= 0 && static_cast<size_t>(r) < rows; };
    require(inRange(row) && inRange(node), "a twin is no row");
    require(links_.level(static_cast<uint32_t>(row)) < 0 && !hasTwin[row], "a row has two places in the graph");
    require(links_.level(static_cast<uint32_t>(node)) >= 0, "a row's node is none");
    require(metric_.same(points_[row], points_[node]), "a row differs from its node");
    hasTwin[row] = true;
    twins_[static_cast<uint32_t>(node)].push_back(static_cast<uint32_t>(row));
  }
  require(links_.nodes() + pairs == rows, "a row has no place in the graph");
}

void GraphIndex::restoreStragglers(const int32_t* stragglers, size_t count) {
  const size_t rows = points_.size();
  for (size_t i = 0; i < count; i++) {
    const int32_t row = stragglers[i];
    require(row >= 0 && static_cast<size_t>(row) < rows && links_.level(static_cast<uint32_t>(row)) >= 0,
            "a straggler is no node");
    require(i == 0 || stragglers[i - 1] < row, "the stragglers are not in order");
    stragglers_.push_back(static_cast<uint32_t>(row));
  }
}

void GraphIndex::showRestored() {
  const size_t rows = points_.size();
  seen_.grow(rows);
  leaving_.grow(rows);
  for (uint32_t row = 0; row < rows; row++) seen_.add(row);
  shown_ = rows;
  checked_ = rows;
}

/** Who holds tables_ asks. */
void GraphIndex::fillPointTable() const {
  const auto hashOf = [this](uint32_t row) { return metric_.hash(points_[row]); };
  for (uint32_t row = 0; row < points_.size(); row++) {
    if (links_.level(row) >= 0) byPoint_.insert(hashOf(row), row, hashOf);
  }
}

}  // namespace gyro
