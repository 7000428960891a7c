#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "graphAnswers.h"
#include "graphCopy.h"
#include "randomRows.h"

namespace gyro {

/** What an index should hold. */
using Held = std::map<int64_t, std::vector<float>>;

/** Rows for `count` ids, a part of them copies of one another or of rows that are there. */
inline std::vector<float> rowsLike(const Space& space, const Held& held, size_t count, Random& random) {
  const size_t columns = static_cast<size_t>(space.columns);
  std::vector<float> rows = randomRows(space, count, random);
  for (size_t i = 1; i < count; i++) {
    const size_t kind = random() % 6;
    float* row = rows.data() + i * columns;
    if (kind == 0) std::copy_n(rows.data(), columns, row);
    if (kind == 1 && !held.empty()) std::copy_n(held.begin()->second.data(), columns, row);
  }
  return rows;
}

inline void put(Held& held, const std::vector<int64_t>& ids, const std::vector<float>& rows) {
  const size_t columns = rows.size() / std::max<size_t>(1, ids.size());
  for (size_t i = 0; i < ids.size(); i++) {
    const float* row = rows.data() + i * columns;
    held[ids[i]] = {row, row + columns};
  }
}

inline std::vector<int64_t> someOf(const Held& held, size_t share, Random& random) {
  std::vector<int64_t> ids;
  for (const auto& [id, row] : held) {
    if (random() % share == 0) ids.push_back(id);
  }
  return ids;
}

/** Searches of all kinds beside changes: answers are in order, hold no id twice and what the filter allows. */
inline void searchWhileChanging(const std::atomic<bool>& done, const GraphIndex& index, const Space& space,
                                unsigned seed, int64_t end, const std::string& who) {
  Random random(seed);
  std::vector<uint8_t> bits(static_cast<size_t>(end) / 8 + 1, 0xaa);
  std::vector<int64_t> odd;
  for (int64_t id = 1; id < end; id += 2) odd.push_back(id);
  while (!done) {
    const size_t count = 1 + random() % 20;
    const std::vector<float> queries = randomRows(space, count, random);
    const size_t k = 1 + random() % 12;
    Answers found{std::vector<int64_t>(count * k, -1),
                  std::vector<float>(count * k, std::numeric_limits<float>::infinity())};
    GraphQuery query{queries.data(),   count,
                     k,                1 + random() % 40,
                     random() % 4 == 0, 1 + static_cast<int>(random() % 3),
                     found.ids.data(), found.distances.data()};
    const size_t kind = random() % 3;
    if (kind == 1) query.filter = {IdFilter::Kind::bits, nullptr, bits.data(), bits.size()};
    if (kind == 2) query.filter = {IdFilter::Kind::ids, odd.data(), nullptr, odd.size()};
    index.search(query, {});
    expectOrder(found, count, k, 0, end, who + " while it changes");
    for (int64_t id : found.ids) expect(kind == 0 || id < 0 || id % 2 == 1, who + ": a filter lets others through");
  }
}

inline void lookWhileChanging(const std::atomic<bool>& done, const GraphIndex& index, size_t columns, int64_t end,
                              const std::string& who) {
  std::vector<float> row(columns);
  while (!done) {
    const std::vector<int64_t> ids = index.ids();
    expect(std::set<int64_t>(ids.begin(), ids.end()).size() == ids.size(), who + ": an id twice");
    if (!ids.empty()) index.copyRows(&ids.back(), 1, row.data());
    expect(index.countMissed(20, 2, {}) <= static_cast<size_t>(end), who + ": more missed than there are");
    index.isCompact();
    index.bytes();
    index.twins();
  }
}

inline void expectToHold(const GraphIndex& index, const Space& space, const Held& held, Random& random,
                         const std::string& who) {
  std::vector<int64_t> ids;
  std::vector<float> rows;
  for (const auto& [id, row] : held) {
    ids.push_back(id);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  std::vector<int64_t> stored = index.ids();
  std::sort(stored.begin(), stored.end());
  expect(stored == ids && index.rows() == ids.size(), who + ": other ids than those that are there");
  if (ids.empty()) return;
  std::vector<float> copies(rows.size());
  expect(index.copyRows(ids.data(), ids.size(), copies.data()) == -1 && copies == rows, who + ": other rows");
  constexpr size_t kCount = 30;
  const size_t k = std::min<size_t>(5, ids.size());
  const std::vector<float> queries = randomRows(space, kCount, random);
  Answers exact = scan(space, rows, queries, kCount, k);
  for (int64_t& id : exact.ids) id = ids[static_cast<size_t>(id)];
  expect(search(index, queries, kCount, k, 1, true, 2) == exact, who + ": an exact search differs from a scan");
}

/** Additions, removals, replacements and compactions, with searches beside them. */
inline void testChange(const Space& space, const std::string& who) {
  constexpr int64_t kIds = 600;
  Random random(3);
  GraphIndex index(space, {6, 30, 7});
  Held held;
  std::atomic<bool> done{false};
  std::vector<std::thread> others;
  for (unsigned t = 0; t < 2; t++) {
    others.emplace_back([&, t] { searchWhileChanging(done, index, space, 40 + t, kIds, who); });
  }
  others.emplace_back([&] { lookWhileChanging(done, index, static_cast<size_t>(space.columns), kIds, who); });
  for (size_t step = 0; step < 9; step++) {
    std::vector<int64_t> fresh;
    for (int64_t id = 0; id < kIds && fresh.size() < 180; id++) {
      if (held.count(id) == 0 && random() % 2 == 0) fresh.push_back(id);
    }
    const std::vector<float> rows = rowsLike(space, held, fresh.size(), random);
    add(index, rows, fresh);
    put(held, fresh, rows);
    const std::vector<int64_t> changed = someOf(held, 6, random);
    const std::vector<float> instead = rowsLike(space, held, changed.size(), random);
    expect(index.append(instead.data(), changed.data(), changed.size(), true) == -1, who + ": a known id is unknown");
    index.link(2, {});
    put(held, changed, instead);
    index.repair(step % 3 == 0, 2, {});
    std::vector<int64_t> gone = someOf(held, step == 4 ? 1 : 3, random);
    gone.push_back(kIds);
    expect(index.remove(gone.data(), gone.size(), 2) == static_cast<int64_t>(gone.size()) - 1,
           who + ": an unknown id is removed");
    gone.pop_back();
    expect(index.remove(gone.data(), gone.size(), 2) == -1, who + ": a known id is unknown");
    for (int64_t id : gone) held.erase(id);
    index.repair(false, 2, {});
    if (step % 3 == 2) index.compact(2);
    expectToHold(index, space, held, random, who);
  }
  done = true;
  for (std::thread& other : others) other.join();
  index.compact(2);
  expect(index.repair(true, 2, {}) == 0 && index.countMissed(50, 2, {}) == 0, who + ": points are out of reach");
  const Copy copy(index);
  GraphIndex second(space, {6, 30, 7});
  copy.restoreInto(second);
  expect(Copy(second) == copy, who + ": a changed index is saved as another");
  expectToHold(second, space, held, random, who);
}

}  // namespace gyro
