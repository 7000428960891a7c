#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "../hash.h"
#include "fairLock.h"
#include "linker.h"
#include "mapped.h"
#include "readers.h"
#include "rowSet.h"
#include "slotTable.h"

namespace gyro {

/** One in so many nodes may be leaving: each costs walks a little, and to splice a few costs a look at all lists. */
constexpr size_t kLeavingShare = 1024;

struct GraphOptions {
  size_t m;
  size_t efConstruction;
  uint64_t seed;
};

inline uint64_t hashOfId(int64_t id) { return mixBits(static_cast<uint64_t>(id)); }

/** The points that a search may return. */
struct IdFilter {
  enum class Kind { none, ids, bits };
  Kind kind = Kind::none;
  const int64_t* ids = nullptr;   // in any order; unknown ones count for nothing
  const uint8_t* bits = nullptr;  // id i is bit i % 8 of byte i / 8; greater ids are left out
  size_t length = 0;              // of either, in ids or bytes
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
  IdFilter filter = {};
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
 *
 * A row that is removed is hidden at once. A node of which no row is left goes on routing until there are enough
 * of them (kLeavingShare); then whoever links to it links anew, among its own and the leaving nodes' links, and its
 * row is free for others. Rows that go are not overwritten while a search lasts that may read them (Readers).
 */
class GraphIndex {
 public:
  GraphIndex(const Space& space, const GraphOptions& options);

  /** Those that searches see. */
  size_t rows() const { return shown_.load(); }
  size_t nodes() const;
  uint32_t entry() const;
  size_t bytes() const;
  uint64_t distances() const { return distances_.load(); }

  /**
   * Stores rows, which link() makes visible.
   * @param replace the ids are those of rows that are there, which go when the new ones come
   * @returns the place in `ids` of one that occurs twice or is there already (with `replace`: is not there), or -1
   */
  int64_t append(const float* values, const int64_t* ids, size_t count, bool replace = false);
  /** Inserts the rows appended since the last call. After an exception the index refuses to work. */
  void link(int threads, const Control& control);
  /** Removes rows, all or none. @returns the place of an id that occurs twice or is not there, or -1 */
  int64_t remove(const int64_t* ids, size_t count, int threads);
  /** Rows without gaps between them, in a new order, and no nodes that only route: what a file holds. */
  void compact(int threads);
  /** Whether compact() would change anything. */
  bool isCompact() const;
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
  /** The ids of the rows that searches see, in the order of rows. */
  std::vector<int64_t> ids() const;
  /** Copies the rows of ids. @returns the place of an id that is not there, or -1 */
  int64_t copyRows(const int64_t* ids, size_t count, float* out) const;
  /** The row of an id, or kNone. */
  uint32_t rowOf(int64_t id) const;

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
  /**
   * Points and links of a file, used where they lie and copied where they are changed; once. Everything is checked
   * but that points are points of the space, ids distinct and equal points one node.
   * @param storage of the vectors that searches walk on
   * @throws std::invalid_argument for a block that is damaged, naming it, and for links that no graph can have
   */
  void adopt(const MappedGraph& mapped, Storage storage, int threads);

 private:
  struct Plan;
  struct Missed;

  Graph graph() const { return {points_, links_, metric_}; }
  /** The same for searches, which rank what they find by the rows themselves. */
  Graph searched() const { return {points_, links_, metric_, codes_.get()}; }
  void requireWhole() const;
  void requireLinked() const;
  int levelOf(uint32_t row) const;
  std::vector<uint32_t> takePlaces(size_t count);
  std::vector<uint32_t> shuffled(std::vector<uint32_t> rows) const;
  uint32_t find(int64_t id) const;
  uint32_t twinOf(uint32_t row);
  void insertBatch(const uint32_t* rows, size_t count, int threads);
  void planLevels(Walker& walker, Selector& selector, Plan& plan) const;
  std::vector<Request> applyRequests(std::vector<Request> requests, int threads);
  void writeLists(const std::vector<Lists>& lists);

  void restoreTwins(const int32_t* twins, size_t pairs);
  void restoreStragglers(const int32_t* stragglers, size_t count);
  void showRestored();
  void fillPointTable() const;
  void requireTables() const;

  void show(uint32_t row);
  void hide(uint32_t row);
  void leave(uint32_t node);
  void spliceLeaving(size_t most, int threads);
  void splice(const uint32_t* nodes, size_t count, int threads);
  std::vector<uint32_t> promoteTwins();
  void renumber();

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
  struct Allowed;
  Allowed allow(const IdFilter& filter, bool asSet) const;
  void walkAll(const GraphQuery& query, const Allowed& allowed, size_t width, const Control& control) const;
  bool meets(const Beam& beam, const Allowed& allowed, size_t count) const;
  void answer(const GraphQuery& query, size_t i, const Beam& beam, const Allowed& allowed,
              SearchMemory& memory) const;
  /** Where the rows lie. */
  struct Tables {
    std::vector<float*> values;
    std::vector<double*> scalars;
    std::vector<int64_t*> ids;
  };
  Tables tables() const;
  void scan(const Tables& tables, const Allowed& allowed, const GraphQuery& query, const Control& control) const;

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
  std::shared_ptr<MappedFile> file_;  // outlives what lies in it
  Points points_;
  std::unique_ptr<Codes> codes_;
  Links links_;
  mutable SlotTable byId_;
  mutable SlotTable byPoint_;  // under tables_
  std::unordered_map<uint32_t, std::vector<uint32_t>> twins_;  // of a node: the other rows that it stands for
  std::vector<uint32_t> stragglers_;
  RowSet seen_;                    // rows that searches see
  RowSet leaving_;                 // nodes of which no row is left
  std::vector<uint32_t> waiting_;  // rows that link() is to insert
  std::unordered_map<uint32_t, uint32_t> replaced_;  // by a waiting row: the one with the same id
  std::vector<uint32_t> free_;       // rows to be filled again
  size_t everUsed_ = 0;              // rows beyond the last that hold what others may still read
  uint64_t numbering_ = 0;           // how often rows were given new numbers
  std::vector<uint32_t> unchecked_;  // rows that were not looked at since their insertion
  size_t removed_ = 0;               // rows removed since the last repair
  size_t checked_ = 0;               // rows that there were at the last repair
  size_t nextCheck_ = 0;             // the row with which the next look at old rows begins
  // Rows to whom lists gave up links since the last repair; of level 0 only once there is an index, whose rows
  // are not all
  // looked at after each change.
  std::vector<uint32_t> cutOff_;
  bool growing_ = false;
  std::atomic<size_t> shown_{0};
  std::atomic<bool> broken_{false};
  mutable std::atomic<bool> tabled_{true};  // both tables hold what they should
  mutable std::mutex tabling_;
  mutable std::atomic<uint64_t> distances_{0};
  mutable FairLock guard_;    // what searches read
  mutable Readers readers_;   // searches that read rows without it
  std::mutex change_;         // one change at a time; it alone writes, so it reads without guard_
  mutable std::mutex tables_;
  mutable std::mutex pool_;
  mutable std::vector<std::unique_ptr<Walkers>> walkers_;
};

}  // namespace gyro
