#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "fairLock.h"
#include "linker.h"
#include "slotTable.h"

namespace gyro {

struct GraphOptions {
  size_t m;
  size_t efConstruction;
  uint64_t seed;
};

struct GraphQuery {
  const float* queries;
  size_t count;
  size_t k;
  size_t ef;
  bool exact;  // compare with every row
  int threads;
  int64_t* ids;      // [count, k], filled with -1 by the caller
  float* distances;  // [count, k], filled with +infinity by the caller
};

/**
 * Points and the graph over them: hierarchical navigable small worlds (Malkov and Yashunin 2018,
 * arXiv:1603.09320), with
 * changes that keep every point in reach whatever the metric and the order of insertion:
 * - links that pruning drops are handed to the row that covers them (Selector);
 * - walks come down with several candidates (kDescentWidth), all of which enter the level below;
 * - equal points share one node, because a clique of them fills its own lists and hides itself or its surroundings;
 * - points that a search for themselves misses are linked to where it ends (repair), and what is missed even so is a
 *   straggler, which every search looks at.
 * New rows are inserted in shuffled batches that are linked at once: the graph depends on rows, order of calls
 * and options
 * alone, not on threads. Searches run while rows are added and see the batches that are done. One change at a time.
 */
class GraphIndex {
 public:
  GraphIndex(const Space& space, const GraphOptions& options);

  size_t rows() const { return linked_.load(); }
  size_t nodes() const;
  uint32_t entry() const;
  size_t bytes() const;
  uint64_t distances() const { return distances_.load(); }

  /** Stores rows, which link() makes visible. @returns the place in `ids` of one that is there already, or -1 */
  int64_t append(const float* values, const int64_t* ids, size_t count);
  /** Inserts the rows appended since the last call. After an exception the index refuses to work. */
  void link(int threads, const Control& control);
  /**
   * Links nodes that a search for themselves misses, among all of them or among the new ones and twice as many
   * others in
   * turn. @returns the number of rows that a search for themselves misses even so; for new ones alone -1
   */
  int64_t repair(bool all, int threads, const Control& control);

  /** The nearest of max(k, ef) candidates a query, ranked by float64 distance, ties by smaller id. */
  void search(const GraphQuery& query, const Control& control) const;
  /** Rows that a search for themselves with `ef` does not return, stragglers apart. */
  size_t countMissed(size_t ef, int threads, const Control& control) const;
  /** The row of an id, or kNone. */
  uint32_t rowOf(int64_t id) const;
  void copyRow(uint32_t row, float* out) const;

  /** Copies `count` entries of a part from entry `from` on. @throws std::invalid_argument beyond its end */
  void read(Part part, size_t from, size_t count, char* out) const;
  size_t length(Part part) const;
  size_t entryBytes(Part part) const;
  /** [row, the row whose node it shares] for each row that is no node, and the stragglers. */
  std::vector<int32_t> twins() const;
  std::vector<int32_t> stragglers() const;

  /**
   * Links for the rows that were appended to an empty index. @throws std::invalid_argument for what no graph
   * can be
   */
  void restore(const SavedGraph& saved);

 private:
  struct Plan;
  struct Missed;

  Graph graph() const { return {points_, links_, metric_}; }
  void requireWhole() const;
  int levelOf(uint32_t row) const;
  uint32_t twinOf(uint32_t row);
  void insertBatch(const uint32_t* rows, size_t count, int threads);
  void planLevels(Walker& walker, Selector& selector, Plan& plan) const;
  std::vector<Request> applyRequests(std::vector<Request> requests, int threads);
  void writeLists(const std::vector<Lists>& lists);

  std::vector<uint32_t> rowsToCheck(bool all);
  std::vector<Missed> findMissed(const std::vector<uint32_t>& rows, size_t ef, bool allLevels, int threads,
                                const Control& control) const;
  size_t linkMissed(const std::vector<Missed>& missed);
  void findLevels(uint32_t row, size_t ef, bool allLevels, Walker& walker, std::vector<Missed>& missed) const;
  bool addLink(uint32_t from, uint32_t to, int level);
  bool linkUntilFound(std::vector<Missed> missed, int threads, const Control& control);
  static std::vector<uint32_t> rowsOf(const std::vector<Missed>& missed);
  size_t rowsOfNode(uint32_t row) const;

  struct SearchMemory;
  void answer(const GraphQuery& query, size_t i, const Beam& beam, SearchMemory& memory) const;
  /** Where the rows lie and how many of them are visible. */
  struct Tables {
    std::vector<float*> values;
    std::vector<double*> scalars;
    std::vector<int64_t*> ids;
    size_t rows;
  };
  Tables tables() const;
  void scan(const Tables& tables, const GraphQuery& query, const Control& control) const;

  /** Walkers nobody else uses, given back when the handle goes. */
  struct GiveBack {
    const GraphIndex* index;
    void operator()(Walkers* walkers) const;
  };
  using WalkersHandle = std::unique_ptr<Walkers, GiveBack>;
  WalkersHandle takeWalkers() const;

  Space space_;
  GraphOptions options_;
  WalkMetric metric_;
  Points points_;
  Links links_;
  SlotTable byId_;
  SlotTable byPoint_;  // under tables_
  std::unordered_map<uint32_t, std::vector<uint32_t>> twins_;  // of a node: the other rows that it stands for
  std::vector<uint32_t> stragglers_;
  size_t checked_ = 0;    // rows that were looked at after their insertion
  size_t nextCheck_ = 0;  // the row with which the next look at old rows begins
  // Rows to whom lists gave up links since the last repair; of level 0 only once there is an index, whose rows
  // are not all
  // looked at after each change.
  std::vector<uint32_t> cutOff_;
  bool growing_ = false;
  std::atomic<size_t> linked_{0};
  std::atomic<bool> broken_{false};
  mutable std::atomic<uint64_t> distances_{0};
  mutable FairLock guard_;    // what searches read
  std::mutex change_;         // one change at a time; it alone writes, so it reads without guard_
  mutable std::mutex tables_;
  mutable std::mutex pool_;
  mutable std::vector<std::unique_ptr<Walkers>> walkers_;
};

}  // namespace gyro
