#include "linker.h"

namespace gyro {
namespace {

/** Kept rows looked at together before asking whether one of them covers. */
constexpr size_t kCoverLanes = 4;
/** Bounds of what a row whose neighbours leave looks at: whole clusters may go at once. */
constexpr size_t kMostPassed = 64;
constexpr size_t kMostReached = 256;

}  // namespace

Selector::Cover Selector::coverOf(const Graph& graph, const Candidate& candidate, bool nearest) {
  Cover cover{kept_.size(), std::numeric_limits<float>::infinity()};
  if (kept_.empty()) return cover;
  graph.metric.prepareStored(graph.points[candidate.row], query_);
  float keys[kWalkLanes] = {};
  for (size_t from = 0; from < kept_.size(); from += kCoverLanes) {
    const size_t count = std::min(kCoverLanes, kept_.size() - from);
    graph.metric.keys(query_, points_.data() + from, static_cast<int>(count), keys);
    for (size_t i = 0; i < count; i++) {
      if (keys[i] < cover.key) cover = {from + i, keys[i]};
    }
    if (!nearest && cover.key <= candidate.key) break;
  }
  return cover;
}

void Selector::select(const Graph& graph, const std::vector<Candidate>& candidates, size_t room, int level,
                      std::vector<Request>* dropped) {
  kept_.clear();
  points_.clear();
  for (const Candidate& candidate : candidates) {
    const bool full = kept_.size() == room;
    if (full && !dropped) return;
    const Cover cover = coverOf(graph, candidate, full);
    if (!full && !(cover.key <= candidate.key)) {
      kept_.push_back(candidate);
      points_.push_back(graph.points[candidate.row]);
    } else if (dropped && cover.at < kept_.size()) {
      dropped->push_back({level, kept_[cover.at].row, cover.key, candidate.row});
    }
  }
}

void Selector::extend(const Graph& graph, const std::vector<Candidate>& own,
                      const std::vector<Candidate>& candidates, size_t room) {
  kept_ = own;
  points_.clear();
  for (const Candidate& kept : own) points_.push_back(graph.points[kept.row]);
  for (const Candidate& candidate : candidates) {
    if (kept_.size() >= room) return;
    if (coverOf(graph, candidate, false).key <= candidate.key) continue;
    kept_.push_back(candidate);
    points_.push_back(graph.points[candidate.row]);
  }
}

void Linker::keysOf(const Graph& graph, uint32_t target, const uint32_t* rows, size_t count) {
  graph.metric.prepareStored(graph.points[target], query_);
  Point points[kWalkLanes];
  float keys[kWalkLanes] = {};
  for (size_t from = 0; from < count; from += kWalkLanes) {
    const size_t part = std::min<size_t>(kWalkLanes, count - from);
    for (size_t i = 0; i < part; i++) points[i] = graph.points[rows[from + i]];
    graph.metric.keys(query_, points, static_cast<int>(part), keys);
    for (size_t i = 0; i < part; i++) candidates_.push_back({keys[i], rows[from + i]});
  }
}

void Linker::relink(const Graph& graph, const Request* requests, size_t count, Lists& lists,
                    std::vector<Request>* dropped) {
  const int level = requests[0].level;
  const uint32_t target = requests[0].target;
  const uint32_t* list = graph.links.list(target, level);
  const uint32_t* end = list + 1 + list[0];
  const size_t head = lists.size();
  lists.insert(lists.end(), {static_cast<uint32_t>(level), target, 0});
  lists.insert(lists.end(), list + 1, end);
  candidates_.clear();
  for (size_t i = 0; i < count; i++) {
    const Request& request = requests[i];
    if (request.from == target || std::find(list + 1, end, request.from) != end) continue;
    if (!candidates_.empty() && candidates_.back().row == request.from) continue;
    candidates_.push_back({request.key, request.from});
    lists.push_back(request.from);
  }
  const size_t room = graph.links.room(level);
  if (list[0] + candidates_.size() > room) {
    keysOf(graph, target, list + 1, list[0]);
    std::sort(candidates_.begin(), candidates_.end());
    selector_.select(graph, candidates_, room, level, dropped);
    lists.resize(head + 3);
    for (const Candidate& kept : selector_.kept()) lists.push_back(kept.row);
  }
  lists[head + 2] = static_cast<uint32_t>(lists.size() - head - 3);
}

void Linker::splice(const Graph& graph, uint32_t row, int level, const RowSet& gone, Lists& lists,
                    std::vector<Request>& requests) {
  const uint32_t* list = graph.links.list(row, level);
  std::vector<uint32_t> left, passed, reached;
  for (uint32_t i = 1; i <= list[0]; i++) (gone.has(list[i]) ? passed : left).push_back(list[i]);
  const auto known = [](const std::vector<uint32_t>& rows, uint32_t r) {
    return std::find(rows.begin(), rows.end(), r) != rows.end();
  };
  for (size_t at = 0; at < passed.size() && at < kMostPassed && reached.size() < kMostReached; at++) {
    const uint32_t* next = graph.links.list(passed[at], level);
    for (uint32_t i = 1; i <= next[0]; i++) {
      if (gone.has(next[i])) {
        if (!known(passed, next[i])) passed.push_back(next[i]);
      } else if (next[i] != row && !known(left, next[i]) && !known(reached, next[i])) {
        reached.push_back(next[i]);
      }
    }
  }
  candidates_.clear();
  keysOf(graph, row, left.data(), left.size());
  own_ = candidates_;
  std::sort(own_.begin(), own_.end());
  candidates_.clear();
  keysOf(graph, row, reached.data(), reached.size());
  std::sort(candidates_.begin(), candidates_.end());
  // Long lists get as many links as they lose: more would cost searches more than it helps them.
  selector_.extend(graph, own_, candidates_, std::max<size_t>(list[0], graph.links.m()));
  const std::vector<Candidate>& kept = selector_.kept();
  lists.insert(lists.end(), {static_cast<uint32_t>(level), row, static_cast<uint32_t>(kept.size())});
  for (const Candidate& candidate : kept) lists.push_back(candidate.row);
  for (size_t i = own_.size(); i < kept.size(); i++) requests.push_back({level, kept[i].row, kept[i].key, row});
}

}  // namespace gyro
