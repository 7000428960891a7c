// hnswlib's headers as they are, asked one JSON line at a time: see protocol.ts. Its L2 space, or a space of ours.
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "hnswlib.h"

namespace {

using Graph = hnswlib::HierarchicalNSW<float>;

/** See codeOf in metric.ts. */
struct Part {
  int kind, from, columns, gap;
  float weight, c;
};

using Parts = std::vector<Part>;

float partDistance(const Part& part, const float* x, const float* y) {
  const float *a = x + part.from, *b = y + part.from;
  float sum = 0;
  if (part.kind == 0) {
    for (int k = 0; k < part.columns; k++) sum += a[k] * b[k];
    return part.weight * (1 - sum);
  }
  for (int k = 0; k < part.columns; k++) sum += (a[k] - b[k]) * (a[k] - b[k]);
  if (part.kind == 1) return part.weight * std::sqrt(sum);
  const float t = 2 * part.c * sum * x[part.gap] * y[part.gap];
  return part.weight / std::sqrt(part.c) * std::log1p(t + std::sqrt(t * (t + 2)));
}

float sumOfParts(const void* x, const void* y, const void* parts) {
  float sum = 0;
  for (const Part& part : *static_cast<const Parts*>(parts)) {
    sum += partDistance(part, static_cast<const float*>(x), static_cast<const float*>(y));
  }
  return sum;
}

/** Of a hyperbolic part alone the order is enough, and that needs no logarithm. */
float orderOfOne(const void* x, const void* y, const void* parts) {
  const Part& part = static_cast<const Parts*>(parts)->front();
  const float *a = static_cast<const float*>(x), *b = static_cast<const float*>(y);
  float sum = 0;
  for (int k = 0; k < part.columns; k++) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return sum * a[part.gap] * b[part.gap];
}

class PartsSpace : public hnswlib::SpaceInterface<float> {
 public:
  PartsSpace(size_t columns, Parts parts) : columns_(columns), parts_(std::move(parts)) {}
  size_t get_data_size() override { return columns_ * sizeof(float); }
  hnswlib::DISTFUNC<float> get_dist_func() override {
    return parts_.size() == 1 && parts_[0].kind == 2 ? orderOfOne : sumOfParts;
  }
  void* get_dist_func_param() override { return &parts_; }

 private:
  size_t columns_;
  Parts parts_;
};

std::atomic<long> distances{0};
hnswlib::DISTFUNC<float> uncounted;

float counted(const void* x, const void* y, const void* param) {
  distances++;
  return uncounted(x, y, param);
}

/** What follows "key": in a line of JSON; a list without nesting, a number, or a string without escapes. */
std::string after(const std::string& line, const std::string& key) {
  const size_t at = line.find("\"" + key + "\":");
  return at == std::string::npos ? "" : line.substr(at + key.size() + 3);
}

double number(const std::string& line, const std::string& key) { return std::atof(after(line, key).c_str()); }

std::string text(const std::string& line, const std::string& key) {
  const std::string rest = after(line, key).substr(1);
  return rest.substr(0, rest.find('"'));
}

Parts partsOf(const std::string& line) {
  std::string list = after(line, "parts");
  list = list.substr(1, list.find(']') - 1);
  for (char& letter : list) letter = letter == ',' ? ' ' : letter;
  std::istringstream numbers(list);
  Parts parts;
  for (Part p; numbers >> p.kind >> p.from >> p.columns >> p.gap >> p.weight >> p.c;) parts.push_back(p);
  return parts;
}

std::vector<float> floats(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::vector<float> values(file.tellg() / sizeof(float));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()), values.size() * sizeof(float));
  return values;
}

template <typename Work>
void parallel(size_t n, int threads, Work work) {
  std::atomic<size_t> next{0};
  const auto loop = [&] {
    for (size_t i; (i = next++) < n;) work(i);
  };
  std::vector<std::thread> others;
  for (int t = 1; t < threads; t++) others.emplace_back(loop);
  loop();
  for (auto& thread : others) thread.join();
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/** Bytes of memory in use; 0 where the system does not say. */
double resident() {
  std::ifstream file("/proc/self/statm");
  double total = 0, pages = 0;
  file >> total >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

struct Server {
  std::vector<float> vectors, queries;
  size_t columns = 0, m = 0, efConstruction = 0, seed = 0, k = 0;
  std::unique_ptr<hnswlib::SpaceInterface<float>> space;
  std::unique_ptr<Graph> graph;

  size_t size() const { return vectors.size() / columns; }

  std::string open(const std::string& line) {
    columns = number(line, "columns");
    m = number(line, "m");
    efConstruction = number(line, "efConstruction");
    seed = number(line, "seed");
    k = number(line, "k");
    vectors = floats(text(line, "vectors"));
    queries = floats(text(line, "queries"));
    Parts parts = partsOf(line);
    graph.reset();
    if (parts.empty()) space = std::make_unique<hnswlib::L2Space>(columns);
    else space = std::make_unique<PartsSpace>(columns, std::move(parts));
    return "{\"version\":\"C++ hnswlib 0.8.0, -O3 -march=native\"}";
  }

  std::string build(const std::string& line) {
    graph.reset();
    const double before = resident(), start = now();
    graph = std::make_unique<Graph>(space.get(), size(), m, efConstruction, seed);
    graph->addPoint(vectors.data(), 0);
    parallel(size() - 1, number(line, "threads"),
             [&](size_t i) { graph->addPoint(&vectors[(i + 1) * columns], i + 1); });
    const double seconds = now() - start;
    std::ostringstream answer;
    answer << "{\"seconds\":" << seconds << ",\"resident\":" << std::fixed << resident() - before << "}";
    return answer.str();
  }

  void searchAll(int threads, std::vector<long>& labels) {
    labels.assign(queries.size() / columns * k, -1);
    parallel(queries.size() / columns, threads, [&](size_t i) {
      auto found = graph->searchKnn(&queries[i * columns], k);
      for (size_t j = found.size(); j-- > 0; found.pop()) labels[i * k + j] = found.top().second;
    });
  }

  std::string search(const std::string& line) {
    graph->setEf(number(line, "ef"));
    const int threads = number(line, "threads");
    std::vector<long> labels;
    searchAll(threads, labels);
    const auto repeat = [&](double seconds) {
      const double start = now();
      long times = 0;
      double elapsed = 0;
      for (; elapsed < seconds; times++, elapsed = now() - start) searchAll(threads, labels);
      return times > 0 ? times * (queries.size() / columns) / elapsed : 0;
    };
    repeat(number(line, "warmUp"));
    const double perSecond = repeat(number(line, "seconds"));
    std::ostringstream answer;
    answer << "{\"perSecond\":" << perSecond << ",\"neighbors\":[";
    for (size_t i = 0; i < labels.size(); i++) answer << (i ? "," : "") << labels[i];
    answer << "]}";
    return answer.str();
  }

  std::string count(const std::string& line) {
    graph->setEf(number(line, "ef"));
    uncounted = graph->fstdistfunc_;
    graph->fstdistfunc_ = counted;
    distances = 0;
    std::vector<long> labels;
    searchAll(1, labels);
    graph->fstdistfunc_ = uncounted;
    return "{\"distances\":" + std::to_string(double(distances) / (queries.size() / columns)) + "}";
  }

  std::string missed(const std::string& line) {
    graph->setEf(number(line, "ef"));
    std::atomic<long> lost{0};
    parallel(size(), std::thread::hardware_concurrency(), [&](size_t i) {
      if (graph->searchKnn(&vectors[i * columns], 1).top().second != i) lost++;
    });
    return "{\"missed\":" + std::to_string(lost) + "}";
  }

  std::string answer(const std::string& line) {
    const std::string task = text(line, "task");
    if (task == "open") return open(line);
    if (task == "build") return build(line);
    if (task == "search") return search(line);
    if (task == "count") return count(line);
    return missed(line);
  }
};

}  // namespace

int main() {
  Server server;
  for (std::string line; std::getline(std::cin, line);) std::cout << server.answer(line) << std::endl;
}
