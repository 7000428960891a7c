#pragma once

#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "candidates.h"
#include "hnsw.h"
#include "metric.h"
#include "parallel.h"
#include "reference.h"

namespace gyro {

struct GraphOptions {
  size_t m;
  size_t efConstruction;
  uint64_t seed;
};

/** All rows stored so far; the graph keeps its own float32 form of each, the caller keeps these. */
struct Rows {
  const float* values;
  const int64_t* ids;
  size_t count;
};

struct GraphQuery {
  const float* queries;
  size_t count;
  size_t k;
  size_t ef;
  int threads;
  int64_t* ids;      // [count, k], filled with -1 by the caller
  float* distances;  // [count, k], filled with +infinity by the caller
};

/**
 * hnswlib's graph over the distinct points among the rows: equal points share one node, because a clique of equal
 * points fills its own link lists and hides itself or its surroundings. A level is a hash of seed and node number,
 * so the same rows in the same order give the same graph.
 */
class Graph {
 public:
  Graph(const Space& space, const GraphOptions& options);

  size_t nodes() const { return hnsw_ ? hnsw_->getCurrentElementCount() : 0; }
  size_t rows() const { return nodeOf_.size(); }

  /** Adds all new rows of values, those from rows() to count, in the order given. */
  void insert(const float* values, size_t count, const int32_t* order, size_t added, const Control& control);

  /** The nearest of max(k, ef) candidates a query, ranked by float64 distance, ties by smaller id. */
  void search(const Rows& rows, const GraphQuery& query, const Control& control) const;

  /** Nodes among [first, nodes()) that a search for themselves with `ef` does not return. */
  std::vector<uint32_t> missed(size_t first, size_t ef, bool withStragglers, int threads,
                               const Control& control) const;

  /**
   * Links nodes that a search for themselves misses to where it ends, in up to `rounds` passes, because what a later
   * node adds may lead an earlier search elsewhere. @returns the nodes among [first, nodes()) that are missed even so
   */
  std::vector<uint32_t> repair(size_t first, size_t ef, size_t rounds, int threads, const Control& control);

  /** Nodes that every search looks at, whether the walk leads there or not. @throws std::invalid_argument */
  void setStragglers(std::vector<uint32_t> nodes);

  /** Links and the node of each row, and back. restore @throws std::invalid_argument for an inconsistent graph */
  std::vector<uint32_t> links() const;
  std::vector<int32_t> nodeOfRow() const;
  void restore(const float* values, size_t count, const uint32_t* links, size_t length, const int32_t* nodeOf);

 private:
  /** Locks or throws: JavaScript keeps changes and searches apart, so waiting here would mean a mistake there. */
  template <class Lock>
  Lock take() const;
  std::vector<uint32_t> findMissed(size_t first, size_t ef, int threads, const Control& control) const;
  void reserve(size_t capacity);
  void insertRow(const float* values, int32_t row);
  int64_t findEqual(uint64_t hash, const char* point) const;
  void attach(int32_t row, int32_t node);
  int levelOf(uint64_t node) const;
  void answer(const Rows& rows, const GraphQuery& query, size_t i) const;

  mutable std::shared_mutex guard_;
  Space space_;
  Metric metric_;
  Reference reference_;
  GraphOptions options_;
  MetricSpace hnswSpace_;
  std::unique_ptr<Hnsw> hnsw_;
  bool broken_ = false;  // an insertion ended half-way
  std::vector<int32_t> nodeOf_;     // a row's node
  std::vector<int32_t> nextRow_;    // the next row of the same node, -1 at the end
  std::vector<int32_t> firstRow_;   // a node's first row
  std::vector<double> scalars_;     // reference scalars of each row
  std::unordered_multimap<uint64_t, uint32_t> byHash_;
  std::vector<uint32_t> stragglers_;
};

}  // namespace gyro
