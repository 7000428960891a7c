#pragma once

#include <vector>

#include "../parallel.h"
#include "rowSet.h"
#include "walker.h"

namespace gyro {

/** Row `from`, at distance `key` of row `target`, asks for a link there on this level. */
struct Request {
  int level;
  uint32_t target;
  float key;
  uint32_t from;
};

/** New lists, one after the other: level, row, length, rows. */
using Lists = std::vector<uint32_t>;

/**
 * The rows that a node keeps links to: c is kept if no kept s is at least as near to c as the node is (Malkov and
 * Yashunin 2018, algorithm 4). A row that is dropped is reached through the s that covers it.
 */
class Selector {
 public:
  /**
   * @param candidates ascending, each once; at most `room` are kept
   * @param dropped if given: of every row left out, the request for a link from its s (from the nearest kept,
   * for want of
   *   room), so that pruning loses no way: in tree-like spaces such losses leave whole branches behind local minima
   */
  void select(const Graph& graph, const std::vector<Candidate>& candidates, size_t room, int level,
              std::vector<Request>* dropped);

  /** All of `own` and, nearest first, candidates that no kept row covers. Both ascending; at most `room` in all. */
  void extend(const Graph& graph, const std::vector<Candidate>& own, const std::vector<Candidate>& candidates,
              size_t room);

  const std::vector<Candidate>& kept() const { return kept_; }

 private:
  /**
   * The index of a kept row that is at least as near to the candidate as `key`, or the nearest; with its
   * distance.
   */
  struct Cover {
    size_t at;
    float key;
  };
  Cover coverOf(const Graph& graph, const Candidate& candidate, bool nearest);

  WalkQuery query_;
  std::vector<Candidate> kept_;
  std::vector<Point> points_;
};

/** What one thread needs to relink rows. */
class Linker {
 public:
  /**
   * The new list of a row that is linked to nodes of `gone`, appended to `lists`: it may be linked to what these
   * are linked to, over several of them too.
   * @param requests gets the links back from the rows that are new in the list
   */
  void splice(const Graph& graph, uint32_t row, int level, const RowSet& gone, Lists& lists,
              std::vector<Request>& requests);

  /** The new list of the rows' common target, appended to `lists`; see Selector::select for `dropped`. */
  void relink(const Graph& graph, const Request* requests, size_t count, Lists& lists, std::vector<Request>* dropped);

 private:
  void keysOf(const Graph& graph, uint32_t target, const uint32_t* rows, size_t count);

  Selector selector_;
  WalkQuery query_;
  std::vector<Candidate> candidates_;
  std::vector<Candidate> own_;
};

}  // namespace gyro
