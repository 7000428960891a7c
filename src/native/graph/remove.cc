#include <algorithm>
#include <stdexcept>

#include "graphIndex.h"

namespace gyro {
namespace {

/** As many nodes are spliced together as are inserted together: what is left between two batches heals. */
constexpr size_t kBatchShare = 64;
constexpr size_t kBatchRows = 1024;
/** Rows that are hidden while no search runs. */
constexpr size_t kHideRows = 1024;
/** Rows whose lists a thread reads, and lists that it writes, before it asks for more. */
constexpr size_t kReadRows = 4096;
constexpr size_t kLists = 32;

struct Spliced {
  uint32_t row;
  int level;
};

}  // namespace

void GraphIndex::requireLinked() const {
  if (!waiting_.empty()) throw std::runtime_error("rows wait for being linked");
}

int64_t GraphIndex::remove(const int64_t* ids, size_t count, int threads) {
  const std::lock_guard<std::mutex> change(change_);
  requireWhole();
  requireLinked();
  requireTables();
  SlotTable own;
  std::vector<uint32_t> rows;
  for (size_t i = 0; i < count; i++) {
    const uint64_t hash = hashOfId(ids[i]);
    const bool twice = own.find(hash, [&](uint32_t j) { return ids[j] == ids[i]; }) != kNone;
    rows.push_back(find(ids[i]));
    if (twice || rows.back() == kNone) return static_cast<int64_t>(i);
    own.insert(hash, static_cast<uint32_t>(i), [&](uint32_t j) { return hashOfId(ids[j]); });
  }
  try {
    for (size_t from = 0; from < count; from += kHideRows) {
      const std::lock_guard<FairLock> lock(guard_);
      for (size_t i = from; i < std::min(count, from + kHideRows); i++) hide(rows[i]);
    }
    removed_ += count;
    spliceLeaving(links_.nodes() / kLeavingShare, threads);
  } catch (...) {
    broken_ = true;
    throw;
  }
  return -1;
}

/** Searches see the row from now on, and no longer the one that it replaces. */
void GraphIndex::show(uint32_t row) {
  const auto old = replaced_.find(row);
  if (old != replaced_.end()) {
    hide(old->second);
    replaced_.erase(old);
    byId_.insert(hashOfId(points_.id(row)), row, [this](uint32_t other) { return hashOfId(points_.id(other)); });
    removed_++;
  }
  seen_.add(row);
  shown_ = seen_.count();
}

/** Searches see the row no more. A node stays where it is while it stands for others. */
void GraphIndex::hide(uint32_t row) {
  byId_.erase(hashOfId(points_.id(row)), row, [this](uint32_t other) { return hashOfId(points_.id(other)); });
  seen_.remove(row);
  shown_ = seen_.count();
  if (links_.level(row) >= 0) {
    if (twins_.find(row) == twins_.end()) leave(row);
    return;
  }
  const uint32_t node = [&] {
    const std::lock_guard<std::mutex> lock(tables_);
    const Point point = points_[row];
    return byPoint_.find(metric_.hash(point), [&](uint32_t r) { return metric_.same(points_[r], point); });
  }();
  std::vector<uint32_t>& twins = twins_[node];
  twins.erase(std::find(twins.begin(), twins.end(), row));
  free_.push_back(row);
  if (!twins.empty()) return;
  twins_.erase(node);
  if (!seen_.has(node)) leave(node);
}

/** Equal points that come will be another node. */
void GraphIndex::leave(uint32_t node) {
  const std::lock_guard<std::mutex> lock(tables_);
  byPoint_.erase(metric_.hash(points_[node]), node, [this](uint32_t other) { return metric_.hash(points_[other]); });
  leaving_.add(node);
}

/** Unlinks the nodes that leave if there are more than `most`. */
void GraphIndex::spliceLeaving(size_t most, int threads) {
  if (leaving_.count() <= most) return;
  growing_ = true;
  const std::vector<uint32_t> order = shuffled(leaving_.rows());
  for (size_t from = 0; from < order.size();) {
    const size_t size = std::min(std::max<size_t>(1, links_.nodes() / kBatchShare), kBatchRows);
    const size_t count = shown_ == 0 ? order.size() : std::min(size, order.size() - from);
    splice(order.data() + from, count, threads);
    from += count;
  }
}

void GraphIndex::splice(const uint32_t* nodes, size_t count, int threads) {
  RowSet gone(points_.size());
  for (size_t i = 0; i < count; i++) gone.add(nodes[i]);
  const Graph graph = this->graph();

  // A list may lead to a node that has no list back, so all are read.
  std::vector<std::vector<Spliced>> found((points_.size() + kReadRows - 1) / kReadRows);
  parallelFor(threads, shown_ == 0 ? 0 : found.size(), [&](size_t group) {
    const size_t end = std::min(points_.size(), (group + 1) * kReadRows);
    for (uint32_t row = static_cast<uint32_t>(group * kReadRows); row < end; row++) {
      if (gone.has(row)) continue;
      for (int level = 0; level <= links_.level(row); level++) {
        const uint32_t* list = links_.list(row, level);
        const bool touched = std::any_of(list + 1, list + 1 + list[0], [&](uint32_t r) { return gone.has(r); });
        if (touched) found[group].push_back({row, level});
      }
    }
  });
  std::vector<Spliced> all;
  for (const std::vector<Spliced>& some : found) all.insert(all.end(), some.begin(), some.end());

  const size_t groups = (all.size() + kLists - 1) / kLists;
  std::vector<Lists> lists(groups);
  std::vector<std::vector<Request>> requests(groups);
  parallelFor(threads, groups, [&](size_t group) {
    Linker linker;
    for (size_t i = group * kLists; i < std::min(all.size(), (group + 1) * kLists); i++) {
      linker.splice(graph, all[i].row, all[i].level, gone, lists[group], requests[group]);
    }
  });
  for (size_t i = 0; i < count; i++) {
    for (int level = 0; level <= links_.level(nodes[i]); level++) {
      const uint32_t* list = links_.list(nodes[i], level);
      cutOff_.insert(cutOff_.end(), list + 1, list + 1 + list[0]);
    }
  }
  writeLists(lists);
  {
    const std::lock_guard<FairLock> lock(guard_);
    const bool entryLeft = !gone.has(links_.entry());
    for (size_t i = 0; i < count; i++) {
      links_.removeNode(nodes[i]);
      leaving_.remove(nodes[i]);
      free_.push_back(nodes[i]);
    }
    if (!entryLeft) links_.findEntry();
    const auto left = [&](uint32_t row) { return gone.has(row); };
    stragglers_.erase(std::remove_if(stragglers_.begin(), stragglers_.end(), left), stragglers_.end());
  }
  std::vector<Request> asked;
  for (const std::vector<Request>& some : requests) asked.insert(asked.end(), some.begin(), some.end());
  applyRequests(applyRequests(std::move(asked), threads), threads);
}

}  // namespace gyro
