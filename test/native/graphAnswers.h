#pragma once

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>

#include "../../src/native/candidates.h"
#include "../../src/native/graph/graphIndex.h"
#include "../../src/native/hash.h"

namespace gyro {

inline void expect(bool holds, const std::string& what) {
  if (holds) return;
  std::printf("stress: %s\n", what.c_str());
  std::exit(1);
}

struct Answers {
  std::vector<int64_t> ids;
  std::vector<float> distances;
  bool operator==(const Answers& other) const { return ids == other.ids && distances == other.distances; }
};

/** The queries lie in memory of their own size, so that a read beyond them is seen. */
inline Answers search(const GraphIndex& index, const std::vector<float>& queries, size_t count, size_t k, size_t ef,
                      bool exact, int threads = 1) {
  Answers found{std::vector<int64_t>(count * k, -1),
                std::vector<float>(count * k, std::numeric_limits<float>::infinity())};
  index.search({queries.data(), count, k, ef, exact, threads, found.ids.data(), found.distances.data()}, {});
  return found;
}

/** @param least points that there were before the search @param ids all are below */
inline void expectOrder(const Answers& found, size_t count, size_t k, size_t least, int64_t ids,
                        const std::string& who) {
  for (size_t i = 0; i < count; i++) {
    std::set<int64_t> seen;
    for (size_t j = 0; j < k; j++) {
      const int64_t id = found.ids[i * k + j];
      expect(id >= -1 && id < ids, who + ": an id that was never added");
      if (id < 0) continue;
      expect(seen.insert(id).second, who + ": an id twice");
      expect(seen.size() == j + 1, who + ": a gap between neighbours");
      if (j > 0) expect(found.distances[i * k + j - 1] <= found.distances[i * k + j], who + ": distances out of order");
    }
    expect(seen.size() >= std::min(k, least), who + ": fewer neighbours than there are points");
  }
}

/** Every row, by float64 distance, without any of the index's own code but the distance. */
inline Answers scan(const Space& space, const std::vector<float>& rows, const std::vector<float>& queries,
                    size_t count, size_t k) {
  const size_t columns = static_cast<size_t>(space.columns);
  const Reference reference(space);
  std::vector<double> scalars(reference.scalars() + 1);
  Answers found;
  for (size_t i = 0; i < count; i++) {
    Reference::Query query;
    reference.prepareQuery(queries.data() + i * columns, query);
    std::vector<Neighbour> all;
    for (size_t r = 0; r < rows.size() / columns; r++) {
      const float* row = rows.data() + r * columns;
      reference.prepareRow(row, scalars.data());
      const float d = static_cast<float>(reference.distance(query, row, scalars.data()));
      all.push_back({d, static_cast<int64_t>(r), 0});
    }
    std::sort(all.begin(), all.end());
    for (size_t j = 0; j < k; j++) {
      found.ids.push_back(all[j].id);
      found.distances.push_back(all[j].distance);
    }
  }
  return found;
}

inline std::vector<int64_t> idsFrom(size_t first, size_t count) {
  std::vector<int64_t> ids(count);
  for (size_t i = 0; i < count; i++) ids[i] = static_cast<int64_t>(first + i);
  return ids;
}

inline void add(GraphIndex& index, const std::vector<float>& rows, const std::vector<int64_t>& ids) {
  expect(index.append(rows.data(), ids.data(), ids.size()) == -1, "new ids are taken for old ones");
  index.link(2, {});
}

inline uint64_t hashOf(const Answers& answers) {
  uint64_t hash = 0;
  for (size_t i = 0; i < answers.ids.size(); i++) {
    uint32_t bits;
    std::memcpy(&bits, &answers.distances[i], sizeof bits);
    hash = mixBits(hash ^ mixBits(static_cast<uint64_t>(answers.ids[i])) ^ bits);
  }
  return hash;
}

}  // namespace gyro
