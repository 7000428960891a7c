#pragma once

#include <hnswlib.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "metric.h"

namespace gyro {

using Hnsw = hnswlib::HierarchicalNSW<float>;

/** Our metric as hnswlib asks for it. The Metric must outlive the graph. */
class MetricSpace : public hnswlib::SpaceInterface<float> {
 public:
  explicit MetricSpace(const Metric& metric) : metric_(metric) {}
  size_t get_data_size() override { return metric_.bytes(); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return metric_.function(); }
  void* get_dist_func_param() override { return const_cast<Metric*>(&metric_); }

 private:
  const Metric& metric_;
};

/** Levels above this do not occur: at m = 2, one node in 2^32 reaches level 32. */
constexpr uint32_t kMaxLevel = 32;

/**
 * The links as numbers: nodes, entry node, its level; then for each node its level and, for each level from 0, the
 * number of links and the linked nodes. An empty graph is the single number 0.
 */
std::vector<uint32_t> dumpLinks(const Hnsw& hnsw);

/**
 * Fills an empty graph from dumpLinks; `point` writes a node's point to the memory it is given.
 * @throws std::invalid_argument unless every count, node and level is possible; nothing is read out of bounds
 */
void loadLinks(Hnsw& hnsw, const uint32_t* links, size_t length,
               const std::function<void(uint32_t node, char* memory)>& point);

}  // namespace gyro
