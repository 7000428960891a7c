#include "walker.h"

namespace gyro {
namespace {

constexpr float kSelf = -std::numeric_limits<float>::infinity();
constexpr size_t kLine = 64;
/** Lines of a row that are fetched before they are needed; the processor goes on by itself. */
constexpr size_t kAhead = 4;

/** Half of the longest list: few are longer. */
void prefetchList(const Links& links, uint32_t row, int level) {
  const char* list = reinterpret_cast<const char*>(links.list(row, level));
  __builtin_prefetch(list);
  __builtin_prefetch(list + kLine);
}

}  // namespace

void Walker::begin(const Graph& graph, int level, size_t width, uint32_t target) {
  const size_t words = (graph.points.size() + 63) / 64;
  if (marks_.size() < words) marks_.resize(words + words / 2);
  lastLevel_ = level;
  width_ = width;
  target_ = target;
  const uint32_t entry = graph.links.entry();
  const Point point = graph.points[entry];
  float keys[kWalkLanes] = {};
  if (graph.codes != nullptr) {
    const uint8_t* const codes = (*graph.codes)[entry];
    graph.codes->keys(query, &codes, 1, keys);
  } else {
    graph.metric.keys(query, &point, 1, keys);
  }
  distances_++;
  beam.clear(1);
  beam.offer(entry == target ? kSelf : keys[0], entry);
  enter(graph.links.top());
}

/** Marks rows as visited. @returns how many were not yet; they are the last of visited_ */
size_t Walker::visit(const uint32_t* rows, size_t count) {
  if (visited_.size() < visitedCount_ + count) visited_.resize(2 * visited_.size() + count);
  uint64_t* const marks = marks_.data();
  uint32_t* const fresh = visited_.data() + visitedCount_;
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    // Without a branch, as no processor can guess which neighbours are new.
    const uint32_t row = rows[i];
    const uint64_t word = marks[row >> 6];
    fresh[found] = row;
    found += ~word >> (row & 63) & 1;
    marks[row >> 6] = word | uint64_t{1} << (row & 63);
  }
  visitedCount_ += found;
  return found;
}

void Walker::enter(int level) {
  for (size_t i = 0; i < visitedCount_; i++) marks_[visited_[i] >> 6] = 0;
  visitedCount_ = 0;
  level_ = level;
  beam.widen(level == lastLevel_ ? width_ : kDescentWidth);
  for (size_t i = 0; i < beam.size(); i++) {
    const uint32_t row = beam.row(i);
    visit(&row, 1);
  }
}

bool Walker::gather(const Graph& graph) {
  uint32_t row = beam.expand();
  for (; row == kNone; row = beam.expand()) {
    if (level_ == lastLevel_) return false;
    enter(level_ - 1);
  }
  const uint32_t* list = graph.links.list(row, level_);
  const uint32_t following = beam.peek();
  if (following != kNone) prefetchList(graph.links, following, level_);
  const size_t fresh = visit(list + 1, list[0]);
  if (fresh_.size() < fresh) fresh_.resize(graph.links.room(0));
  freshCount_ = fresh;
  if (graph.codes != nullptr) {
    gatherCodes(*graph.codes);
    return true;
  }
  const RowTable<float> values = graph.points.values().rows();
  const RowTable<double> scalars = graph.points.scalars().rows();
  const bool scaled = graph.points.reference().scalars() > 0;
  const size_t lines = std::min((values.width * sizeof(float) + kLine - 1) / kLine, kAhead);
  const uint32_t* const rows = visited_.data() + visitedCount_ - fresh;
  Point* const points = fresh_.data();
  for (size_t i = 0; i < fresh; i++) {
    const Point point{values[rows[i]], scaled ? scalars[rows[i]] : nullptr};
    points[i] = point;
    const char* start = reinterpret_cast<const char*>(point.values);
    __builtin_prefetch(point.scalars);
    __builtin_prefetch(start);
    for (size_t line = 1; line < lines; line++) __builtin_prefetch(start + line * kLine);
  }
  return true;
}

void Walker::gatherCodes(const Codes& codes) {
  if (freshCodes_.size() < freshCount_) freshCodes_.resize(fresh_.size());
  const uint32_t* const rows = visited_.data() + visitedCount_ - freshCount_;
  const size_t lines = std::min((codes.width() + kLine - 1) / kLine + 1, kAhead);
  for (size_t i = 0; i < freshCount_; i++) {
    const uint8_t* const start = codes[rows[i]];
    freshCodes_[i] = start;
    for (size_t line = 0; line < lines; line++) __builtin_prefetch(start + line * kLine);
  }
}

void Walker::settle(const Graph& graph) {
  distances_ += freshCount_;
  const uint32_t* const rows = visited_.data() + visitedCount_ - freshCount_;
  float keys[kWalkLanes] = {};
  for (size_t from = 0; from < freshCount_; from += kWalkLanes) {
    const size_t count = std::min<size_t>(kWalkLanes, freshCount_ - from);
    if (graph.codes != nullptr) {
      graph.codes->keys(query, freshCodes_.data() + from, static_cast<int>(count), keys);
    } else {
      graph.metric.keys(query, fresh_.data() + from, static_cast<int>(count), keys);
    }
    for (size_t i = 0; i < count; i++) {
      const uint32_t row = rows[from + i];
      beam.offer(row == target_ ? kSelf : keys[i], row);
    }
  }
  const uint32_t following = beam.peek();
  if (following != kNone) prefetchList(graph.links, following, level_);
}

void Walker::walk(const Graph& graph, int level, size_t width) {
  lastLevel_ = level;
  width_ = width;
  enter(level);
  while (gather(graph)) settle(graph);
}

}  // namespace gyro
