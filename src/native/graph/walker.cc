#include "walker.h"

namespace gyro {
namespace {

constexpr float kSelf = -std::numeric_limits<float>::infinity();
constexpr size_t kLine = 64;
/** Bytes of a row that are fetched before they are needed; the processor goes on by itself. */
constexpr size_t kAhead = 4 * kLine;

void prefetch(const Point& point, size_t bytes) {
  const char* values = reinterpret_cast<const char*>(point.values);
  for (size_t at = 0; at < bytes; at += kLine) __builtin_prefetch(values + at);
  if (point.scalars) __builtin_prefetch(point.scalars);
}

/** Half of the longest list: few are longer. */
void prefetchList(const Links& links, uint32_t row, int level) {
  const char* list = reinterpret_cast<const char*>(links.list(row, level));
  __builtin_prefetch(list);
  __builtin_prefetch(list + kLine);
}

}  // namespace

void Walker::begin(const Graph& graph, uint32_t target) {
  const size_t words = (graph.points.size() + 63) / 64;
  if (visited_.size() < words) visited_.resize(words + words / 2);
  const uint32_t entry = graph.links.entry();
  const Point point = graph.points[entry];
  float key;
  graph.metric.keys(query, &point, 1, &key);
  distances_++;
  beam.clear(kDescentWidth);
  beam.offer(entry == target ? kSelf : key, entry);
}

void Walker::walk(const Graph& graph, int level, size_t width, uint32_t target) {
  forget();
  beam.widen(width);
  for (size_t i = 0; i < beam.size(); i++) visit(beam.row(i));
  for (uint32_t row = beam.expand(); row != kNone; row = beam.expand()) expand(graph, row, level, target);
}

void Walker::expand(const Graph& graph, uint32_t row, int level, uint32_t target) {
  const uint32_t* list = graph.links.list(row, level);
  const uint32_t following = beam.peek();
  if (following != kNone) prefetchList(graph.links, following, level);
  const size_t bytes = std::min<size_t>(graph.points.values().width() * sizeof(float), kAhead);
  if (fresh_.size() < list[0]) {
    fresh_.resize(graph.links.room(0));
    freshPoints_.resize(graph.links.room(0));
  }
  size_t fresh = 0;
  for (uint32_t i = 1; i <= list[0]; i++) {
    if (!visit(list[i])) continue;
    fresh_[fresh] = list[i];
    freshPoints_[fresh] = graph.points[list[i]];
    prefetch(freshPoints_[fresh++], bytes);
  }
  distances_ += fresh;
  float keys[kWalkLanes];
  for (size_t from = 0; from < fresh; from += kWalkLanes) {
    const size_t count = std::min<size_t>(kWalkLanes, fresh - from);
    graph.metric.keys(query, freshPoints_.data() + from, static_cast<int>(count), keys);
    for (size_t i = 0; i < count; i++) {
      const uint32_t near = fresh_[from + i];
      if (beam.offer(near == target ? kSelf : keys[i], near)) prefetchList(graph.links, near, level);
    }
  }
}

}  // namespace gyro
