#include <algorithm>

#include "graphIndex.h"

namespace gyro {
namespace {

/** A batch is at most this share of the nodes there are, because its rows do not see each other, ... */
constexpr size_t kBatchShare = 64;
/** ... and at most so many rows, so that searches see new rows soon. */
constexpr size_t kBatchRows = 1024;
/** Targets that a thread relinks before it asks for more. */
constexpr size_t kTargets = 32;

bool sameTarget(const Request& a, const Request& b) { return a.level == b.level && a.target == b.target; }

bool before(const Request& a, const Request& b) {
  if (a.level != b.level) return a.level < b.level;
  if (a.target != b.target) return a.target < b.target;
  if (a.key != b.key) return a.key < b.key;
  return a.from < b.from;
}

}  // namespace

/** The links that a row asks for: its own lists and, turned round, those of its neighbours. */
struct GraphIndex::Plan {
  uint32_t row;
  int level;
  std::vector<Request> links;
};

void GraphIndex::link(int threads, const Control& control) {
  const std::lock_guard<std::mutex> change(change_);
  requireWhole();
  growing_ = shown_ > 0;
  // Sorted input would put neighbours into one batch, where they do not see each other.
  const std::vector<uint32_t> order = shuffled(waiting_);
  try {
    for (size_t from = 0; from < order.size();) {
      control.check();
      const size_t size = std::min(std::max<size_t>(1, links_.nodes() / kBatchShare), kBatchRows);
      const size_t count = std::min(size, order.size() - from);
      insertBatch(order.data() + from, count, threads);
      from += count;
      control.advance(static_cast<int32_t>(count));
    }
    unchecked_.insert(unchecked_.end(), waiting_.begin(), waiting_.end());
    waiting_.clear();
    spliceLeaving(links_.nodes() / kLeavingShare, threads);
  } catch (...) {
    broken_ = true;
    throw;
  }
}

/** The node that is equal to the row, or kNone: then the row is remembered as a node to come. */
uint32_t GraphIndex::twinOf(uint32_t row) {
  const uint64_t hash = metric_.hash(points_[row]);
  const std::lock_guard<std::mutex> lock(tables_);
  const uint32_t node = byPoint_.find(hash, [&](uint32_t r) { return metric_.same(points_[r], points_[row]); });
  if (node == kNone) byPoint_.insert(hash, row, [this](uint32_t other) { return metric_.hash(points_[other]); });
  return node;
}

void GraphIndex::insertBatch(const uint32_t* rows, size_t count, int threads) {
  std::vector<Plan> plans;
  std::vector<std::pair<uint32_t, uint32_t>> twins;
  for (size_t i = 0; i < count; i++) {
    const uint32_t node = twinOf(rows[i]);
    if (node == kNone) plans.push_back({rows[i], levelOf(rows[i]), {}});
    else twins.emplace_back(node, rows[i]);
  }
  if (links_.nodes() > 0) {
    const size_t workers = static_cast<size_t>(std::max(1, threads));
    const size_t share = std::min<size_t>(16, (plans.size() + workers - 1) / workers);
    const size_t groups = plans.empty() ? 0 : (plans.size() + share - 1) / share;
    parallelFor(threads, groups, [&](size_t group) {
      const WalkersHandle walkers = takeWalkers();
      const Graph graph = this->graph();
      Selector selector;
      Plan* const own = plans.data() + group * share;
      walkers->walk(
          graph, std::min(share, plans.size() - group * share),
          [&](size_t i, Walker& walker) {
            metric_.prepareStored(points_[own[i].row], walker.query);
            walker.begin(graph, std::min(own[i].level, links_.top()), options_.efConstruction, kNone);
          },
          [&](size_t i, Walker& walker) { planLevels(walker, selector, own[i]); });
    });
  }
  std::vector<Request> requests;
  {
    const std::lock_guard<FairLock> lock(guard_);
    for (const auto& [node, row] : twins) twins_[node].push_back(row);
    std::vector<uint32_t> list;
    for (const Plan& plan : plans) {
      links_.addNode(plan.row, plan.level);
      for (size_t from = 0; from < plan.links.size();) {
        const int level = plan.links[from].level;
        list.clear();
        for (; from < plan.links.size() && plan.links[from].level == level; from++) {
          list.push_back(plan.links[from].target);
        }
        links_.set(plan.row, level, list.data(), list.size());
      }
      requests.insert(requests.end(), plan.links.begin(), plan.links.end());
    }
    for (size_t i = 0; i < count; i++) show(rows[i]);
  }
  // What the second round drops is not handed on: chains of that would not end where points are many and near.
  applyRequests(applyRequests(std::move(requests), threads), threads);
}

/** Chooses the links on each level, from a walk that has come to the highest of them. */
void GraphIndex::planLevels(Walker& walker, Selector& selector, Plan& plan) const {
  const Graph graph = this->graph();
  const int start = std::min(plan.level, links_.top());
  std::vector<Candidate> candidates;
  for (int level = start; level >= 0; level--) {
    if (level < start) walker.walk(graph, level, options_.efConstruction);
    candidates.clear();
    for (size_t i = 0; i < walker.beam.size(); i++) {
      if (!leaving_.has(walker.beam.row(i))) candidates.push_back(walker.beam.at(i));
    }
    selector.select(graph, candidates, options_.m, level, nullptr);
    for (const Candidate& kept : selector.kept()) plan.links.push_back({level, kept.row, kept.key, plan.row});
  }
}

/** Gives every target of the requests its new list. @returns the requests that pruning gave rise to */
std::vector<Request> GraphIndex::applyRequests(std::vector<Request> requests, int threads) {
  std::sort(requests.begin(), requests.end(), before);
  std::vector<size_t> starts;
  for (size_t i = 0; i < requests.size(); i++) {
    if (i == 0 || !sameTarget(requests[i - 1], requests[i])) starts.push_back(i);
  }
  starts.push_back(requests.size());
  const size_t targets = starts.size() - 1;
  const size_t groups = (targets + kTargets - 1) / kTargets;
  std::vector<Lists> lists(groups);
  std::vector<std::vector<Request>> dropped(groups);
  const Graph graph = this->graph();
  parallelFor(threads, groups, [&](size_t group) {
    Linker linker;
    const size_t end = std::min(targets, (group + 1) * kTargets);
    for (size_t t = group * kTargets; t < end; t++) {
      linker.relink(graph, requests.data() + starts[t], starts[t + 1] - starts[t], lists[group],
                    &dropped[group]);
    }
  });
  writeLists(lists);
  std::vector<Request> all;
  for (const std::vector<Request>& some : dropped) all.insert(all.end(), some.begin(), some.end());
  for (const Request& request : all) {
    if (request.level > 0 || growing_) cutOff_.push_back(request.from);
  }
  return all;
}

void GraphIndex::writeLists(const std::vector<Lists>& lists) {
  const std::lock_guard<FairLock> lock(guard_);
  for (const Lists& some : lists) {
    for (size_t at = 0; at < some.size();) {
      const int level = static_cast<int>(some[at]);
      const size_t count = some[at + 2];
      links_.set(some[at + 1], level, some.data() + at + 3, count);
      at += 3 + count;
    }
  }
}

}  // namespace gyro
