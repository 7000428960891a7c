#include "graphIndex.h"

#include <cmath>
#include <shared_mutex>
#include <stdexcept>

#include "../hash.h"

namespace gyro {
namespace {

/** Rows that are stored while no search runs. */
constexpr size_t kAppendRows = 4096;

uint64_t hashOfId(int64_t id) { return mixBits(static_cast<uint64_t>(id)); }

}  // namespace

GraphIndex::GraphIndex(const Space& space, const GraphOptions& options)
    : space_(space), options_(options), metric_(space), points_(space), links_(options.m) {
  if (options.m < 2 || options.m > 512) throw std::invalid_argument("m must be 2..512");
}

size_t GraphIndex::bytes() const {
  const std::shared_lock<FairLock> lock(guard_);
  const std::lock_guard<std::mutex> tables(tables_);
  return points_.bytes() + links_.bytes() + byId_.bytes() + byPoint_.bytes();
}

size_t GraphIndex::nodes() const {
  const std::shared_lock<FairLock> lock(guard_);
  return links_.nodes();
}

uint32_t GraphIndex::entry() const {
  const std::shared_lock<FairLock> lock(guard_);
  return links_.entry();
}

void GraphIndex::requireWhole() const {
  if (broken_) throw std::runtime_error("the graph is incomplete: an earlier insertion or restoration failed");
}

GraphIndex::WalkersHandle GraphIndex::takeWalkers() const {
  const std::lock_guard<std::mutex> lock(pool_);
  if (walkers_.empty()) return {new Walkers(), GiveBack{this}};
  Walkers* walkers = walkers_.back().release();
  walkers_.pop_back();
  return {walkers, GiveBack{this}};
}

void GraphIndex::GiveBack::operator()(Walkers* walkers) const {
  index->distances_ += walkers->takeDistances();
  const std::lock_guard<std::mutex> lock(index->pool_);
  index->walkers_.emplace_back(walkers);
}

int64_t GraphIndex::append(const float* values, const int64_t* ids, size_t count) {
  const std::lock_guard<std::mutex> change(change_);
  requireWhole();
  const size_t before = points_.size();
  const auto hashOfRow = [this](uint32_t row) { return hashOfId(points_.id(row)); };
  // Ids of new rows are found twice among themselves only once they are in the table: a table of their own first.
  SlotTable own;
  for (size_t i = 0; i < count; i++) {
    const uint64_t hash = hashOfId(ids[i]);
    const bool taken =
        byId_.find(hash, [&](uint32_t row) { return points_.id(row) == ids[i]; }) != kNone ||
        own.find(hash, [&](uint32_t j) { return ids[j] == ids[i]; }) != kNone;
    if (taken) return static_cast<int64_t>(i);
    own.insert(hash, static_cast<uint32_t>(i), [&](uint32_t j) { return hashOfId(ids[j]); });
  }
  try {
    {
      const std::lock_guard<FairLock> lock(guard_);
      points_.reserve(before + count);
      links_.reserve(before + count);
    }
    for (size_t from = 0; from < count; from += kAppendRows) {
      const size_t part = std::min(kAppendRows, count - from);
      const std::lock_guard<FairLock> lock(guard_);
      points_.append(values + from * static_cast<size_t>(space_.columns), ids + from, part);
      links_.grow(points_.size());
      for (size_t row = before + from; row < points_.size(); row++) {
        byId_.insert(hashOfId(points_.id(row)), static_cast<uint32_t>(row), hashOfRow);
        metric_.include(points_[row]);
      }
    }
  } catch (...) {
    // Memory has run out with a part of the rows stored.
    broken_ = true;
    throw;
  }
  return -1;
}

uint32_t GraphIndex::rowOf(int64_t id) const {
  const std::shared_lock<FairLock> lock(guard_);
  return byId_.find(hashOfId(id), [&](uint32_t row) { return points_.id(row) == id; });
}

void GraphIndex::copyRow(uint32_t row, float* out) const {
  const std::shared_lock<FairLock> lock(guard_);
  if (row >= points_.size()) throw std::invalid_argument("there is no such row");
  std::copy(points_[row].values, points_[row].values + space_.columns, out);
}

size_t GraphIndex::rowsOfNode(uint32_t row) const {
  const auto twins = twins_.find(row);
  return twins == twins_.end() ? 1 : 1 + twins->second.size();
}

int GraphIndex::levelOf(uint32_t row) const {
  const double uniform = (static_cast<double>(mixBits(options_.seed ^ mixBits(row)) >> 11) + 1) * 0x1p-53;
  const double level = -std::log(uniform) / std::log(static_cast<double>(options_.m));
  return static_cast<int>(std::min<double>(level, kMaxLevel));
}

}  // namespace gyro
