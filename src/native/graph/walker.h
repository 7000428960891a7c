#pragma once

#include <vector>

#include "beam.h"
#include "codes.h"
#include "links.h"
#include "points.h"
#include "walkMetric.h"

namespace gyro {

/** What walks read, and nothing that changes while they do. */
struct Graph {
  const Points& points;
  const Links& links;
  const WalkMetric& metric;
  const Codes* codes = nullptr;  // what walks compare with instead of the rows
};

/** Candidates kept on the levels above those of interest: one alone ends in the wrong branch of a tree too often. */
constexpr size_t kDescentWidth = 2;

/**
 * A walk through a graph, in steps of two halves: what one half asks of memory is on its way until the other
 * begins, time for steps of other walks.
 */
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
   * Starts at the entry, to go down to `level` and end with the `width` nearest there.
   * @param target a row that counts as nearest of all, or kNone
   */
  void begin(const Graph& graph, int level, size_t width, uint32_t target);

  /** First half: looks up the neighbours of the nearest row not yet expanded. @returns false at the end of the walk */
  bool gather(const Graph& graph);
  /** Second half: offers them to the beam. */
  void settle(const Graph& graph);

  /** A whole walk on one level, starting from the rows in the beam. */
  void walk(const Graph& graph, int level, size_t width);

 private:
  void enter(int level);
  size_t visit(const uint32_t* rows, size_t count);
  void gatherCodes(const Codes& codes);

  int level_ = 0;
  int lastLevel_ = 0;
  size_t width_ = 0;  // on the last level
  uint32_t target_ = kNone;
  std::vector<uint64_t> marks_;    // a bit a row
  std::vector<uint32_t> visited_;  // the first visitedCount_ of it, whose bits are set
  size_t visitedCount_ = 0;
  std::vector<Point> fresh_;  // the first freshCount_ of it: the points of the last visited
  std::vector<const uint8_t*> freshCodes_;  // or their codes
  size_t freshCount_ = 0;
  uint64_t distances_ = 0;
};

/** Walks that one thread takes together. */
class Walkers {
 public:
  /**
   * Takes `count` walks, a few at a time, in no certain order; calls begin(i, walker), which must call walker.begin,
   * and end(i, walker).
   */
  template <class Begin, class End>
  void walk(const Graph& graph, size_t count, Begin&& begin, End&& end) {
    Walker* walkers[kTogether];
    size_t walks[kTogether];
    size_t active = 0;
    for (; active < std::min(count, kTogether); active++) {
      walkers[active] = &walkers_[active];
      walks[active] = active;
      begin(active, walkers_[active]);
    }
    for (size_t next = active; active > 0;) {
      for (size_t i = 0; i < active;) {
        if (walkers[i]->gather(graph)) {
          i++;
          continue;
        }
        end(walks[i], *walkers[i]);
        if (next < count) {
          walks[i] = next++;
          begin(walks[i], *walkers[i]);
        } else {
          active--;
          std::swap(walkers[i], walkers[active]);
          walks[i] = walks[active];
        }
      }
      for (size_t i = 0; i < active; i++) walkers[i]->settle(graph);
    }
  }

  uint64_t takeDistances() {
    uint64_t count = 0;
    for (Walker& walker : walkers_) count += walker.takeDistances();
    return count;
  }

 private:
  /** Measured: 3 to 6 are equally fast. */
  static constexpr size_t kTogether = 4;
  Walker walkers_[kTogether];
};

}  // namespace gyro
