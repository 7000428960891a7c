#pragma once

#include <vector>

#include "beam.h"
#include "links.h"
#include "points.h"
#include "walkMetric.h"

namespace gyro {

/** What walks read, and nothing that changes while they do. */
struct Graph {
  const Points& points;
  const Links& links;
  const WalkMetric& metric;
};

/** Candidates kept on the levels above those of interest: one alone ends in the wrong branch of a tree too often. */
constexpr size_t kDescentWidth = 4;

/** One thread's memory for walks through a graph. */
class Walker {
 public:
  WalkQuery query;
  Beam beam;

  /** The distances computed since the last call. */
  uint64_t takeDistances() {
    const uint64_t count = distances_;
    distances_ = 0;
    return count;
  }

  /**
   * Puts the entry into the beam.
   * @param target a row that counts as nearest of all, or kNone
   */
  void begin(const Graph& graph, uint32_t target);

  /** begin, and walks through all levels above `level`. */
  void descend(const Graph& graph, int level, uint32_t target) {
    begin(graph, target);
    for (int l = graph.links.top(); l > level; l--) walk(graph, l, kDescentWidth, target);
  }

  /** The `width` nearest on a level, starting from the rows in the beam. */
  void walk(const Graph& graph, int level, size_t width, uint32_t target);

  /** descend and walk on level 0. */
  void search(const Graph& graph, size_t width) {
    descend(graph, 0, kNone);
    walk(graph, 0, width, kNone);
  }

 private:
  bool visit(uint32_t row) {
    uint64_t& word = visited_[row >> 6];
    const uint64_t bit = uint64_t{1} << (row & 63);
    if (word & bit) return false;
    word |= bit;
    if (touchedCount_ == touched_.size()) touched_.resize(2 * touched_.size() + 1024);
    touched_[touchedCount_++] = row;
    return true;
  }
  void forget() {
    for (size_t i = 0; i < touchedCount_; i++) visited_[touched_[i] >> 6] = 0;
    touchedCount_ = 0;
  }
  void expand(const Graph& graph, uint32_t row, int level, uint32_t target);

  std::vector<uint64_t> visited_;
  std::vector<uint32_t> touched_;  // the first touchedCount_ of it
  size_t touchedCount_ = 0;
  std::vector<uint32_t> fresh_;
  std::vector<Point> freshPoints_;
  uint64_t distances_ = 0;
};

}  // namespace gyro
