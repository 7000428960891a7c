#pragma once

#include <cstdio>

#include "../../src/native/files/crc32c.h"
#include "graphAnswers.h"
#include "graphCopy.h"
#include "stressChange.h"

namespace gyro {

/** A file that goes with the program. */
struct TemporaryFile {
  FILE* file = std::tmpfile();
  ~TemporaryFile() { std::fclose(file); }
};

/** The blocks of an index file, without a header, and where they lie. */
inline MappedGraph writeBlocks(const Copy& copy, const std::vector<char>& scalars, FILE* file) {
  const auto bytesOf = [](const std::vector<int32_t>& numbers) {
    const char* from = reinterpret_cast<const char*>(numbers.data());
    return std::vector<char>(from, from + numbers.size() * sizeof(int32_t));
  };
  const std::vector<char> blocks[] = {copy.ids,    copy.values, scalars,           copy.levels,
                                      copy.lowest, copy.upper,  bytesOf(copy.twins), bytesOf(copy.stragglers)};
  MappedGraph mapped{};
  mapped.rows = copy.levels.size();
  mapped.entry = copy.entry;
  std::vector<char> all;
  std::vector<uint32_t> sums;
  for (size_t b = 0; b < MappedGraph::blocks; b++) {
    all.resize((all.size() + 63) / 64 * 64);
    mapped.block[b] = {all.size(), blocks[b].size()};
    all.insert(all.end(), blocks[b].begin(), blocks[b].end());
    const size_t first = sums.size();
    sums.resize(first + (blocks[b].size() + kSumPiece - 1) / kSumPiece);
    crc32cOfPieces(reinterpret_cast<const uint8_t*>(blocks[b].data()), blocks[b].size(), kSumPiece, sums.data() + first);
  }
  all.resize((all.size() + 63) / 64 * 64);
  mapped.sums = {all.size(), sums.size() * sizeof(uint32_t)};
  const char* from = reinterpret_cast<const char*>(sums.data());
  all.insert(all.end(), from, from + mapped.sums.bytes);
  expect(std::fwrite(all.data(), 1, all.size(), file) == all.size() && std::fflush(file) == 0, "no temporary file");
  mapped.file = std::make_shared<MappedFile>(fileno(file), all.size());
  return mapped;
}

inline bool hasSmallStorage(const Space& space) {
  for (const Space& factor : space.factors) {
    if (!hasSmallStorage(factor)) return false;
  }
  const bool bent = space.kind == Kind::stereographic && space.curvature > 0;
  return !bent && space.kind != Kind::innerProduct && space.kind != Kind::lorentz && space.kind != Kind::star;
}

/** A mapped index answers as the one that was written, whatever its storage, and changes beside searches. */
inline void testMapped(const Space& space, const std::string& name, const GraphOptions& options, size_t rows) {
  Random random(12);
  GraphIndex index(space, options);
  Held held;
  const std::vector<int64_t> ids = idsFrom(0, rows);
  const std::vector<float> values = rowsLike(space, held, rows, random);
  add(index, values, ids);
  put(held, ids, values);
  index.repair(true, 2, {});
  const Copy copy(index);
  const std::vector<char> scalars = readAll(index, Part::scalars);
  const std::vector<float> queries = randomRows(space, 20, random);
  for (Storage storage : {Storage::float32, Storage::bfloat16, Storage::int8}) {
    const std::string who = name + ", mapped, storage " + std::to_string(static_cast<int>(storage));
    TemporaryFile temporary;
    GraphIndex second(space, options);
    try {
      second.adopt(writeBlocks(copy, scalars, temporary.file), storage, 2);
      expect(storage == Storage::float32 || hasSmallStorage(space), who + ": it is not to be had");
    } catch (const std::invalid_argument&) {
      expect(!hasSmallStorage(space), who + ": it is refused");
      continue;
    }
    expect(Copy(second) == copy, who + ": another index");
    const Answers found = search(second, queries, 20, 5, 20, false, 2);
    expectOrder(found, 20, 5, rows, static_cast<int64_t>(rows), who);
    if (storage == Storage::float32) {
      expect(found == search(index, queries, 20, 5, 20, false), who + ": other answers");
    }
    std::atomic<bool> done{false};
    const int64_t end = static_cast<int64_t>(rows) + 40;
    std::thread other([&] { searchWhileChanging(done, second, space, 50, end, who); });
    Held now = held;
    for (int step = 0; step < 3; step++) {
      std::vector<int64_t> gone = someOf(now, 4, random);
      expect(second.remove(gone.data(), gone.size(), 2) == -1, who + ": a known id is unknown");
      for (int64_t id : gone) now.erase(id);
      if (step == 1) second.compact(2);
      const std::vector<int64_t> more = idsFrom(rows + static_cast<size_t>(step) * 10, 10);
      const std::vector<float> fresh = rowsLike(space, now, 10, random);
      add(second, fresh, more);
      put(now, more, fresh);
      expectToHold(second, space, now, random, who);
    }
    done = true;
    other.join();
  }
}

/** Links made to do harm, with sums that agree. @returns how many were refused */
inline size_t testHarmMapped(const Space& space, const std::string& name) {
  Random random(13);
  constexpr size_t kRows = 120;
  GraphIndex whole(space, {8, 40, 5});
  add(whole, randomRows(space, kRows, random), idsFrom(0, kRows));
  const Copy copy(whole);
  const std::vector<char> scalars = readAll(whole, Part::scalars);
  const std::vector<float> queries = randomRows(space, 10, random);
  size_t refused = 0;
  for (int i = 0; i < 100; i++) {
    Copy harmful = copy;
    damage(harmful, random);
    TemporaryFile temporary;
    GraphIndex index(space, {8, 40, 5});
    try {
      index.adopt(writeBlocks(harmful, scalars, temporary.file), Storage::float32, 1);
    } catch (const std::invalid_argument&) {
      refused++;
      continue;
    }
    expectOrder(search(index, queries, 10, 5, 10, false), 10, 5, kRows, kRows, name + ", mapped with damaged links");
  }
  return refused;
}

}  // namespace gyro
