#include "walker.h"

namespace gyro {
namespace {

constexpr float kSelf = -std::numeric_limits<float>::infinity();
constexpr size_t kLine = 64;

void prefetch(const Points& points, uint32_t row, size_t bytes) {
  const Point point = points[row];
  const char* values = reinterpret_cast<const char*>(point.values);
  for (size_t at = 0; at < bytes; at += kLine) __builtin_prefetch(values + at);
  if (point.scalars) __builtin_prefetch(point.scalars);
}

}  // namespace

void Walker::descend(const Graph& graph, int level, uint32_t target) {
  const size_t words = (graph.points.size() + 63) / 64;
  if (visited_.size() < words) visited_.resize(words + words / 2);
  const uint32_t entry = graph.links.entry();
  const Point point = graph.points[entry];
  float key;
  graph.metric.keys(query, &point, 1, &key);
  distances_++;
  beam.clear(kDescentWidth);
  beam.offer(entry == target ? kSelf : key, entry);
  for (int l = graph.links.top(); l > level; l--) walk(graph, l, kDescentWidth, target);
}

void Walker::walk(const Graph& graph, int level, size_t width, uint32_t target) {
  forget();
  beam.widen(width);
  for (size_t i = 0; i < beam.size(); i++) visit(beam.row(i));
  for (uint32_t row = beam.expand(); row != kNone; row = beam.expand()) expand(graph, row, level, target);
}

void Walker::expand(const Graph& graph, uint32_t row, int level, uint32_t target) {
  const uint32_t* list = graph.links.list(row, level);
  // The first of a list's rows are wanted at once; the rest are on their way while those are computed.
  const size_t bytes = std::min<size_t>(graph.points.values().width() * sizeof(float), 8 * kLine);
  fresh_.clear();
  for (uint32_t i = 1; i <= list[0]; i++) {
    if (!visit(list[i])) continue;
    fresh_.push_back(list[i]);
    prefetch(graph.points, list[i], bytes);
  }
  distances_ += fresh_.size();
  Point points[kWalkLanes];
  float keys[kWalkLanes];
  for (size_t from = 0; from < fresh_.size(); from += kWalkLanes) {
    const size_t count = std::min<size_t>(kWalkLanes, fresh_.size() - from);
    for (size_t i = 0; i < count; i++) points[i] = graph.points[fresh_[from + i]];
    graph.metric.keys(query, points, static_cast<int>(count), keys);
    for (size_t i = 0; i < count; i++) {
      const uint32_t near = fresh_[from + i];
      if (beam.offer(near == target ? kSelf : keys[i], near)) __builtin_prefetch(graph.links.list(near, level));
    }
  }
}

}  // namespace gyro
