#include <algorithm>
#include <shared_mutex>

#include "graphIndex.h"

namespace gyro {

bool GraphIndex::isCompact() const {
  const std::shared_lock<FairLock> lock(guard_);
  return seen_.count() == points_.size() && leaving_.count() == 0;
}

void GraphIndex::compact(int threads) {
  const std::lock_guard<std::mutex> change(change_);
  requireWhole();
  requireLinked();
  try {
    spliceLeaving(0, threads);
    if (isCompact()) return;
    requireTables();
    // Rows are moved to places that searches may still read as what they held before.
    readers_.waitForThoseHere();
    {
      const std::lock_guard<FairLock> lock(guard_);
      renumber();
    }
    readers_.waitForThoseHere();
    const std::lock_guard<FairLock> lock(guard_);
    points_.shrink();
    if (codes_) codes_->shrink(points_.size());
    links_.shrink();
    everUsed_ = points_.size();
  } catch (...) {
    broken_ = true;
    throw;
  }
}

/**
 * Of a node that nobody sees, the first twin takes the place.
 * @returns by row, the row that is to be the node instead of it
 */
std::vector<uint32_t> GraphIndex::promoteTwins() {
  std::vector<uint32_t> heirs(points_.size());
  for (uint32_t row = 0; row < heirs.size(); row++) heirs[row] = row;
  for (auto& [node, twins] : twins_) {
    if (seen_.has(node)) continue;
    const auto heir = std::min_element(twins.begin(), twins.end());
    heirs[node] = *heir;
    twins.erase(heir);
  }
  return heirs;
}

/** The last rows move to the places of those that have gone. */
void GraphIndex::renumber() {
  const std::lock_guard<std::mutex> lock(tables_);
  const size_t size = seen_.count();
  const std::vector<uint32_t> heirs = promoteTwins();
  std::vector<uint32_t> to(points_.size(), kNone);
  const std::vector<uint32_t> rows = seen_.rows();
  size_t gap = 0;
  for (uint32_t row : rows) {
    if (row >= size) {
      while (seen_.has(static_cast<uint32_t>(gap))) gap++;
    }
    to[row] = row < size ? row : static_cast<uint32_t>(gap++);
  }
  std::vector<uint32_t> nodes(to.size());
  std::vector<uint32_t> renamed;
  const auto hashOf = [this](uint32_t row) { return metric_.hash(points_[row]); };
  for (uint32_t row = 0; row < to.size(); row++) {
    nodes[row] = to[heirs[row]];
    if (links_.level(row) < 0 || nodes[row] == row) continue;
    byPoint_.erase(hashOf(row), row, hashOf);
    renamed.push_back(nodes[row]);
  }
  for (uint32_t row : rows) {
    if (to[row] == row) continue;
    points_.copy(row, to[row]);
    if (codes_) codes_->copy(row, to[row]);
    byId_.rename(hashOfId(points_.id(row)), row, to[row]);
  }
  for (uint32_t row : renamed) byPoint_.insert(hashOf(row), row, hashOf);
  links_.renumber(nodes, size);

  const auto rename = [](std::vector<uint32_t>& rows, const std::vector<uint32_t>& names) {
    for (uint32_t& row : rows) row = names[row];
    rows.erase(std::remove(rows.begin(), rows.end(), kNone), rows.end());
    std::sort(rows.begin(), rows.end());
  };
  std::unordered_map<uint32_t, std::vector<uint32_t>> twins;
  for (auto& [node, others] : twins_) {
    if (others.empty()) continue;
    rename(others, to);
    twins[nodes[node]] = std::move(others);
  }
  twins_ = std::move(twins);
  rename(stragglers_, nodes);
  rename(cutOff_, nodes);
  rename(unchecked_, nodes);
  points_.truncate(size);
  seen_ = RowSet(size);
  for (uint32_t row = 0; row < size; row++) seen_.add(row);
  leaving_ = RowSet(size);
  free_.clear();
  checked_ = std::min(checked_, size);
  nextCheck_ = checked_ == 0 ? 0 : nextCheck_ % checked_;
  numbering_++;
}

}  // namespace gyro
