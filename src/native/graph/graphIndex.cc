#include "graphIndex.h"

#include <algorithm>
#include <cmath>
#include <shared_mutex>
#include <stdexcept>

#include "../hash.h"

namespace gyro {
namespace {

/** Rows that are stored while no search runs. */
constexpr size_t kAppendRows = 4096;

}  // namespace

GraphIndex::GraphIndex(const Space& space, const GraphOptions& options)
    : space_(space), options_(options), metric_(space), points_(space), links_(options.m) {
  if (options.m < 2 || options.m > 512) throw std::invalid_argument("m must be 2..512");
}

size_t GraphIndex::bytes() const {
  const std::shared_lock<FairLock> lock(guard_);
  const std::lock_guard<std::mutex> tables(tables_);
  const size_t codes = codes_ ? codes_->bytes(points_.size()) : 0;
  return points_.bytes() + codes + links_.bytes() + byId_.bytes() + byPoint_.bytes();
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

/** Rows to be filled, each of which nobody reads. */
std::vector<uint32_t> GraphIndex::takePlaces(size_t count) {
  std::vector<uint32_t> places;
  std::sort(free_.rbegin(), free_.rend());
  for (; places.size() < count && !free_.empty(); free_.pop_back()) places.push_back(free_.back());
  size_t end = points_.size();
  const bool old = !places.empty() || end < everUsed_;
  while (places.size() < count) places.push_back(static_cast<uint32_t>(end++));
  if (old) readers_.waitForThoseHere();
  everUsed_ = std::max(everUsed_, end);
  const std::lock_guard<FairLock> lock(guard_);
  points_.reserve(end);
  if (codes_) codes_->reserve(end);
  links_.reserve(end);
  seen_.grow(end);
  leaving_.grow(end);
  return places;
}

int64_t GraphIndex::append(const float* values, const int64_t* ids, size_t count, bool replace) {
  const std::lock_guard<std::mutex> change(change_);
  requireWhole();
  requireTables();
  const auto hashOfRow = [this](uint32_t row) { return hashOfId(points_.id(row)); };
  // Ids of new rows are found twice among themselves only once they are in the table: a table of their own first.
  SlotTable own;
  std::vector<uint32_t> old(replace ? count : 0);
  for (size_t i = 0; i < count; i++) {
    const uint64_t hash = hashOfId(ids[i]);
    const uint32_t row = find(ids[i]);
    const bool known = row != kNone && (!replace || seen_.has(row));
    if (known != replace || own.find(hash, [&](uint32_t j) { return ids[j] == ids[i]; }) != kNone) {
      return static_cast<int64_t>(i);
    }
    if (replace) old[i] = row;
    own.insert(hash, static_cast<uint32_t>(i), [&](uint32_t j) { return hashOfId(ids[j]); });
  }
  try {
    const std::vector<uint32_t> places = takePlaces(count);
    for (size_t from = 0; from < count; from += kAppendRows) {
      const std::lock_guard<FairLock> lock(guard_);
      for (size_t i = from; i < std::min(count, from + kAppendRows); i++) {
        const uint32_t row = places[i];
        points_.put(row, values + i * static_cast<size_t>(space_.columns), ids[i]);
        if (codes_) codes_->put(row, points_[row]);
        if (replace) replaced_[row] = old[i];
        else byId_.insert(hashOfId(ids[i]), row, hashOfRow);
        metric_.include(points_[row]);
      }
      links_.grow(points_.size());
    }
    waiting_.insert(waiting_.end(), places.begin(), places.end());
  } catch (...) {
    // Memory has run out with a part of the rows stored.
    broken_ = true;
    throw;
  }
  return -1;
}

/** As rowOf, for who holds guard_ or change_. */
uint32_t GraphIndex::find(int64_t id) const {
  return byId_.find(hashOfId(id), [&](uint32_t row) { return points_.id(row) == id; });
}

uint32_t GraphIndex::rowOf(int64_t id) const {
  requireTables();
  const std::shared_lock<FairLock> lock(guard_);
  return find(id);
}

std::vector<int64_t> GraphIndex::ids() const {
  const std::shared_lock<FairLock> lock(guard_);
  std::vector<int64_t> ids;
  for (uint32_t row : seen_.rows()) ids.push_back(points_.id(row));
  return ids;
}

int64_t GraphIndex::copyRows(const int64_t* ids, size_t count, float* out) const {
  requireTables();
  const std::shared_lock<FairLock> lock(guard_);
  for (size_t i = 0; i < count; i++) {
    const uint32_t row = find(ids[i]);
    if (row == kNone || !seen_.has(row)) return static_cast<int64_t>(i);
    const float* values = points_[row].values;
    std::copy(values, values + space_.columns, out + i * static_cast<size_t>(space_.columns));
  }
  return -1;
}

/** In an order that has nothing to do with the points'. */
std::vector<uint32_t> GraphIndex::shuffled(std::vector<uint32_t> rows) const {
  const auto place = [this](uint32_t row) { return mixBits(mixBits(options_.seed) + row); };
  std::sort(rows.begin(), rows.end(), [&](uint32_t a, uint32_t b) { return place(a) < place(b); });
  return rows;
}

size_t GraphIndex::rowsOfNode(uint32_t row) const {
  const auto twins = twins_.find(row);
  return seen_.has(row) + (twins == twins_.end() ? 0 : twins->second.size());
}

int GraphIndex::levelOf(uint32_t row) const {
  const double uniform = (static_cast<double>(mixBits(options_.seed ^ mixBits(row)) >> 11) + 1) * 0x1p-53;
  const double level = -std::log(uniform) / std::log(static_cast<double>(options_.m));
  return static_cast<int>(std::min<double>(level, kMaxLevel));
}

}  // namespace gyro
