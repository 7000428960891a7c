#include "graph.h"

#include <cmath>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include "repair.h"

namespace gyro {
namespace {

uint64_t mix(uint64_t z) {
  // splitmix64's finaliser, Steele, Lea and Flood 2014
  z += 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

uint64_t hashOf(const char* bytes, size_t length) {
  uint64_t hash = length;
  for (size_t at = 0; at < length; at += 8) {
    uint64_t word;  // Metric::bytes is a multiple of 8
    std::memcpy(&word, bytes + at, sizeof word);
    hash = mix(hash ^ word);
  }
  return hash;
}

/** Queries are handed to threads in groups: one by one, the counter would be fought over. */
constexpr size_t kGroup = 16;

}  // namespace

template <class Lock>
Lock Graph::take() const {
  Lock lock(guard_, std::try_to_lock);
  if (!lock) throw std::runtime_error("the graph is in use by another call");
  if (broken_) throw std::runtime_error("the graph is incomplete: an earlier insertion or restoration failed");
  return lock;
}

Graph::Graph(const Space& space, const GraphOptions& options)
    : space_(space), metric_(space), reference_(space), options_(options), hnswSpace_(metric_) {
  if (options.m < 2 || options.m > 512) throw std::invalid_argument("m must be 2..512");
}

void Graph::reserve(size_t capacity) {
  if (!hnsw_) {
    hnsw_ = std::make_unique<Hnsw>(&hnswSpace_, std::max<size_t>(1, capacity), options_.m, options_.efConstruction);
    // Levels are ours: with a multiplier of 0 hnswlib draws level 0 wherever we do not name one.
    hnsw_->mult_ = 0;
    // searchKnn takes the larger of this and its argument.
    hnsw_->setEf(1);
  } else if (capacity > hnsw_->getMaxElements()) {
    hnsw_->resizeIndex(std::max(capacity, hnsw_->getMaxElements() / 2 * 3));
  }
}

int Graph::levelOf(uint64_t node) const {
  const double uniform = (static_cast<double>(mix(options_.seed ^ mix(node)) >> 11) + 1) * 0x1p-53;
  const double level = -std::log(uniform) / std::log(static_cast<double>(options_.m));
  return static_cast<int>(std::min<double>(level, kMaxLevel));
}

int64_t Graph::findEqual(uint64_t hash, const char* point) const {
  const auto range = byHash_.equal_range(hash);
  for (auto it = range.first; it != range.second; ++it) {
    if (std::memcmp(hnsw_->getDataByInternalId(it->second), point, metric_.bytes()) == 0) return it->second;
  }
  return -1;
}

void Graph::attach(int32_t row, int32_t node) {
  nodeOf_[row] = node;
  nextRow_[row] = firstRow_[node];
  firstRow_[node] = row;
}

void Graph::insertRow(const float* values, int32_t row) {
  const float* x = values + static_cast<size_t>(row) * space_.columns;
  std::vector<char> point(metric_.bytes());
  metric_.prepare(x, point.data());
  reference_.prepareRow(x, scalars_.data() + static_cast<size_t>(row) * reference_.scalars());
  const uint64_t hash = hashOf(point.data(), point.size());
  const int64_t equal = findEqual(hash, point.data());
  if (equal >= 0) return attach(row, static_cast<int32_t>(equal));
  const size_t node = nodes();
  hnsw_->addPoint(point.data(), node, levelOf(node));
  byHash_.emplace(hash, static_cast<uint32_t>(node));
  firstRow_.push_back(-1);
  attach(row, static_cast<int32_t>(node));
}

void Graph::insert(const float* values, size_t count, const int32_t* order, size_t added,
                   const Control& control) {
  const auto lock = take<std::unique_lock<std::shared_mutex>>();
  const size_t before = rows();
  if (count != before + added) throw std::invalid_argument("order must name each new row once");
  std::vector<bool> seen(added);
  for (size_t i = 0; i < added; i++) {
    const size_t place = static_cast<size_t>(order[i]) - before;
    if (order[i] < 0 || place >= added || seen[place]) throw std::invalid_argument("order must name each new row once");
    seen[place] = true;
  }
  reserve(nodes() + added);
  broken_ = true;
  nodeOf_.resize(count, -1);
  nextRow_.resize(count, -1);
  scalars_.resize(count * static_cast<size_t>(reference_.scalars()));
  for (size_t i = 0; i < added; i++) {
    control.check();
    insertRow(values, order[i]);
    control.advance(1);
  }
  broken_ = false;
}

void Graph::answer(const Rows& rows, const GraphQuery& q, size_t i) const {
  const float* query = q.queries + i * static_cast<size_t>(space_.columns);
  std::vector<char> point(metric_.bytes());
  metric_.prepare(query, point.data());
  Reference::Query exact;
  reference_.prepareQuery(query, exact);
  std::vector<Neighbour> ranked;
  const auto consider = [&](int32_t row) {
    const double* scalars = scalars_.data() + static_cast<size_t>(row) * reference_.scalars();
    const double d = reference_.distance(exact, rows.values + static_cast<size_t>(row) * space_.columns, scalars);
    ranked.push_back({static_cast<float>(d), rows.ids[row], row});
  };
  const auto considerNode = [&](size_t node) {
    for (int32_t row = firstRow_[node]; row >= 0; row = nextRow_[row]) consider(row);
  };
  auto found = hnsw_->searchKnn(point.data(), std::max(q.ef, q.k));
  std::vector<size_t> walked;
  for (; !found.empty(); found.pop()) walked.push_back(found.top().second);
  for (size_t node : walked) considerNode(node);
  std::sort(walked.begin(), walked.end());
  for (size_t node : stragglers_) {
    if (!std::binary_search(walked.begin(), walked.end(), node)) considerNode(node);
  }
  const size_t wanted = std::min(q.k, rows.count);
  if (ranked.size() < wanted) {
    // The part of the graph that the walk can reach has fewer than k points: the answer is still due in full.
    ranked.clear();
    for (size_t row = 0; row < rows.count; row++) consider(static_cast<int32_t>(row));
  }
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(wanted), ranked.end());
  for (size_t j = 0; j < wanted; j++) {
    q.ids[i * q.k + j] = ranked[j].id;
    q.distances[i * q.k + j] = ranked[j].distance;
  }
}

void Graph::search(const Rows& rows, const GraphQuery& q, const Control& control) const {
  const auto lock = take<std::shared_lock<std::shared_mutex>>();
  if (rows.count != this->rows()) throw std::invalid_argument("rows must be those of the graph");
  if (nodes() == 0 || q.k == 0) return;
  parallelFor(q.threads, (q.count + kGroup - 1) / kGroup, [&](size_t group) {
    control.check();
    const size_t end = std::min(q.count, (group + 1) * kGroup);
    for (size_t i = group * kGroup; i < end; i++) answer(rows, q, i);
  });
}

std::vector<uint32_t> Graph::findMissed(size_t first, size_t ef, int threads, const Control& control) const {
  std::vector<char> lost(nodes(), 0);
  const size_t count = first < nodes() ? nodes() - first : 0;
  parallelFor(threads, (count + kGroup - 1) / kGroup, [&](size_t group) {
    control.check();
    const size_t end = std::min(nodes(), first + (group + 1) * kGroup);
    for (size_t node = first + group * kGroup; node < end; node++) {
      auto found = hnsw_->searchKnn(hnsw_->getDataByInternalId(static_cast<uint32_t>(node)), std::max<size_t>(1, ef));
      while (!found.empty() && found.top().second != node) found.pop();
      lost[node] = found.empty();
    }
  });
  std::vector<uint32_t> out;
  for (size_t node = 0; node < lost.size(); node++) {
    if (lost[node]) out.push_back(static_cast<uint32_t>(node));
  }
  return out;
}

std::vector<uint32_t> Graph::missed(size_t first, size_t ef, bool withStragglers, int threads,
                                    const Control& control) const {
  const auto lock = take<std::shared_lock<std::shared_mutex>>();
  std::vector<uint32_t> out = findMissed(first, ef, threads, control);
  if (!withStragglers) return out;
  const auto isStraggler = [this](uint32_t node) {
    return std::find(stragglers_.begin(), stragglers_.end(), node) != stragglers_.end();
  };
  out.erase(std::remove_if(out.begin(), out.end(), isStraggler), out.end());
  return out;
}

std::vector<uint32_t> Graph::repair(size_t first, size_t ef, size_t rounds, int threads, const Control& control) {
  const auto lock = take<std::unique_lock<std::shared_mutex>>();
  std::vector<uint32_t> lost = findMissed(first, ef, threads, control);
  for (size_t round = 0; round < rounds && !lost.empty(); round++) {
    if (linkMissed(*hnsw_, lost, ef) == 0) break;
    lost = findMissed(first, ef, threads, control);
  }
  return lost;
}

void Graph::setStragglers(std::vector<uint32_t> list) {
  const auto lock = take<std::unique_lock<std::shared_mutex>>();
  for (uint32_t node : list) {
    if (node >= nodes()) throw std::invalid_argument("a straggler is no node of the graph");
  }
  stragglers_ = std::move(list);
}

std::vector<uint32_t> Graph::links() const {
  const auto lock = take<std::shared_lock<std::shared_mutex>>();
  return hnsw_ ? dumpLinks(*hnsw_) : std::vector<uint32_t>{0};
}

std::vector<int32_t> Graph::nodeOfRow() const {
  const auto lock = take<std::shared_lock<std::shared_mutex>>();
  return nodeOf_;
}

void Graph::restore(const float* values, size_t count, const uint32_t* links, size_t length, const int32_t* nodeOf) {
  const auto lock = take<std::unique_lock<std::shared_mutex>>();
  if (rows() != 0) throw std::invalid_argument("only an empty graph can be restored");
  // Until all has been checked, an exception must leave a graph that refuses to work.
  broken_ = true;
  reserve(count);
  const size_t columns = static_cast<size_t>(space_.columns);
  std::vector<int32_t> first(count, -1);
  for (size_t row = count; row-- > 0;) {
    if (nodeOf[row] < 0 || static_cast<size_t>(nodeOf[row]) >= count) throw std::invalid_argument("a row has no node");
    first[nodeOf[row]] = static_cast<int32_t>(row);
  }
  loadLinks(*hnsw_, links, length, [&](uint32_t node, char* memory) {
    if (first[node] < 0) throw std::invalid_argument("a node has no row");
    metric_.prepare(values + static_cast<size_t>(first[node]) * columns, memory);
    byHash_.emplace(hashOf(memory, metric_.bytes()), node);
  });
  nodeOf_.assign(count, -1);
  nextRow_.assign(count, -1);
  firstRow_.assign(nodes(), -1);
  scalars_.resize(count * static_cast<size_t>(reference_.scalars()));
  std::vector<char> point(metric_.bytes());
  for (size_t row = 0; row < count; row++) {
    const int32_t node = nodeOf[row];
    if (static_cast<size_t>(node) >= nodes()) throw std::invalid_argument("a row has no node");
    const float* x = values + row * columns;
    metric_.prepare(x, point.data());
    if (std::memcmp(point.data(), hnsw_->getDataByInternalId(node), point.size()) != 0) {
      throw std::invalid_argument("a row differs from its node");
    }
    reference_.prepareRow(x, scalars_.data() + row * static_cast<size_t>(reference_.scalars()));
    attach(static_cast<int32_t>(row), node);
  }
  broken_ = false;
}

}  // namespace gyro
