// GraphIndex without Node, for sanitizers: searches and reads beside changes, answers against a scan, links that come
// back from a file or lie in one, small storage, and links made to do harm; and the kernels of pairs, triplets and negatives. Ends with 0 and one line
// that names the instruction set and a hash of all exact answers, which no instruction set may change, or says what went
// wrong and ends with 1.
#include <thread>

#include "../../src/native/pairs/pairwiseLanes.h"
#include "graphAnswers.h"
#include "graphCopy.h"
#include "randomRows.h"
#include "stressChange.h"
#include "stressKernels.h"
#include "stressMapped.h"
#include "stressNegatives.h"
#include "stressProducts.h"
#include "stressQuality.h"
#include "stressScaling.h"

using namespace gyro;

namespace {

const GraphOptions kOptions{8, 40, 5};
constexpr size_t kFirst = 300;
constexpr size_t kBatch = 150;
constexpr size_t kBatches = 5;

void searchUntil(const std::atomic<bool>& done, const GraphIndex& index, const Space& space, unsigned seed,
                 const std::string& who) {
  Random random(seed);
  const int64_t total = kFirst + kBatch * kBatches;
  while (!done) {
    const size_t count = 1 + random() % 20;
    const std::vector<float> queries = randomRows(space, count, random);
    const size_t least = index.rows();
    const bool exact = random() % 4 == 0;
    const size_t k = exact ? 1 + random() % 2000 : 1 + random() % 12;
    const size_t ef = random() % 3 == 0 ? 1 : 1 + random() % 80;
    const int threads = 1 + static_cast<int>(random() % 3);
    expectOrder(search(index, queries, count, k, ef, exact, threads), count, k, least, total, who + " while it grows");
  }
  int32_t words[2] = {1, 0};
  const std::vector<float> query = randomRows(space, 1, random);
  int64_t id = -1;
  float distance = 0;
  try {
    index.search({query.data(), 1, 1, 1, true, 1, &id, &distance}, {words});
    expect(false, who + ": a search that was told to stop went on");
  } catch (const Cancelled&) {
  }
}

void lookUntil(const std::atomic<bool>& done, const GraphIndex& index, size_t columns, const std::string& who) {
  std::vector<float> row(columns);
  while (!done) {
    for (Part part : {Part::values, Part::ids, Part::levels, Part::lowest, Part::upper}) readAll(index, part);
    const size_t rows = index.rows();
    expect(index.countMissed(20, 2, {}) <= kFirst + kBatch * kBatches, who + ": more points missed than there are");
    expect(index.bytes() > 0 && index.nodes() > 0 && index.entry() != kNone, who + ": it is empty");
    expect(index.twins().size() % 2 == 0 && index.stragglers().size() <= index.nodes(), who + ": impossible lists");
    const int64_t last = static_cast<int64_t>(rows) - 1;
    expect(index.rowOf(last) == rows - 1, who + ": an id's row is another");
    index.copyRows(&last, 1, row.data());
    index.distances();
  }
}

/** @returns how many of the damaged links were refused */
size_t testHarm(const Space& space, const std::string& who) {
  Random random(9);
  constexpr size_t kRows = 150;
  const std::vector<float> rows = randomRows(space, kRows, random);
  const std::vector<float> more = randomRows(space, 10, random);
  GraphIndex whole(space, kOptions);
  add(whole, rows, idsFrom(0, kRows));
  whole.repair(true, 1, {});
  const Copy copy(whole);
  size_t refused = 0;
  for (int i = 0; i < 300; i++) {
    Copy harmful = copy;
    damage(harmful, random);
    GraphIndex index(space, kOptions);
    try {
      harmful.restoreInto(index);
    } catch (const std::invalid_argument&) {
      refused++;
      try {
        search(index, more, 1, 1, 1, false);
        expect(false, who + ": an index that was refused is searched");
      } catch (const std::runtime_error&) {
      }
      continue;
    }
    const auto look = [&](size_t count) {
      const int64_t end = static_cast<int64_t>(count);
      expectOrder(search(index, more, 10, 9, 1, false), 10, 9, count, end, who + " with damaged links");
      expectOrder(search(index, more, 10, count, 1, false), 10, count, count, end, who + " with damaged links");
      expect(index.countMissed(10, 1, {}) <= count, who + ": more points missed than there are");
    };
    look(kRows);
    add(index, more, idsFrom(kRows, 10));
    index.repair(i % 2 == 0, 1, {});
    look(kRows + 10);
  }
  return refused;
}

/** @returns a hash of the exact answers */
uint64_t testGrowth(const Space& space, const std::string& who) {
  Random random(1);
  std::vector<float> rows = randomRows(space, kFirst, random);
  GraphIndex index(space, kOptions);
  add(index, rows, idsFrom(0, kFirst));
  index.repair(true, 2, {});

  std::atomic<bool> done{false};
  std::vector<std::thread> others;
  for (unsigned t = 0; t < 2; t++) others.emplace_back([&, t] { searchUntil(done, index, space, 20 + t, who); });
  others.emplace_back([&] { lookUntil(done, index, static_cast<size_t>(space.columns), who); });
  for (size_t b = 0; b < kBatches; b++) {
    const std::vector<float> batch = randomRows(space, kBatch, random);
    rows.insert(rows.end(), batch.begin(), batch.end());
    std::vector<int64_t> ids = idsFrom(kFirst + b * kBatch, kBatch);
    ids[7] = 3;
    expect(index.append(batch.data(), ids.data(), kBatch) == 7, who + ": an id that is taken is taken again");
    ids[7] = ids[9];
    expect(index.append(batch.data(), ids.data(), kBatch) == 9, who + ": an id is taken twice");
    add(index, batch, idsFrom(kFirst + b * kBatch, kBatch));
    index.repair(b % 2 == 1, 2, {});
  }
  done = true;
  for (std::thread& other : others) other.join();

  const size_t total = kFirst + kBatch * kBatches;
  expect(index.rows() == total, who + ": rows are missing");
  expect(index.repair(true, 2, {}) == 0, who + ": points are out of reach");
  expect(index.countMissed(50, 2, {}) == 0, who + ": points are out of reach");
  const size_t count = 100;
  const std::vector<float> queries = randomRows(space, count, random);
  const Answers exact = scan(space, rows, queries, count, 10);
  expect(search(index, queries, count, 10, 1, true, 2) == exact, who + ": an exact search differs from a scan");
  const Answers walked = search(index, queries, count, 10, 64, false, 2);
  size_t hits = 0;
  for (size_t i = 0; i < exact.ids.size(); i++) hits += walked.distances[i] == exact.distances[i];
  expect(hits >= 0.97 * exact.ids.size(), who + ": recall of " + std::to_string(hits) + " in 1000");

  const Copy copy(index);
  GraphIndex second(space, kOptions);
  copy.restoreInto(second);
  expect(Copy(second) == copy, who + ": a restored index is saved as another");
  for (size_t ef : {1, 10, 60}) {
    expect(search(second, queries, count, 5, ef, false) == search(index, queries, count, 5, ef, false),
           who + ": a restored index answers otherwise");
  }
  return hashOf(exact);
}

const char* instructionSet() {
#if GYRO_X86
  if (hasFma() && hasAvx512()) return "avx512";
  if (hasFma() && hasAvx2()) return "avx2";
#endif
  return "portable";
}

struct Named {
  const char* name;
  std::vector<double> codes;  // as encodeSpace.ts writes them
};

const Named kSpaces[] = {
    {"euclidean 5", {0, 5, 0}},
    {"cosine 9", {1, 9, 0}},
    {"innerProduct 6", {2, 6, 0}},
    {"sphere 4", {3, 4, 0.5}},
    {"poincare 16", {4, 16, -1}},
    {"lorentz 6", {5, 7, -0.7}},
    {"stereographic 3", {6, 3, 1.5}},
    {"l2 of poincare 3 and star", {8, 1, 2, 2, 4, 3, -1, 0.3, 7, 1, 0}},
    {"sum of cosine 17 and poincare 5", {8, 0, 2, 5, 1, 17, 0, 1, 4, 5, -1}},
    {"sum of sphere 3 and l2 of lorentz 4 and stereographic 2",
     {8, 0, 2, 1, 3, 3, 1, 2, 8, 1, 2, 1, 5, 5, -1, 0.5, 6, 2, 0.5}},
};

}  // namespace

int main() {
  size_t refused = 0;
  uint64_t hash = 0;
  for (const Named& named : kSpaces) {
    const Space space = decodeSpace(named.codes.data(), named.codes.size());
    hash = mixBits(hash ^ testGrowth(space, named.name));
    refused += testHarm(space, named.name);
    testChange(space, named.name);
    testMapped(space, named.name, kOptions, 250);
    refused += testHarmMapped(space, named.name);
    if (space.kind != Kind::innerProduct && space.kind != Kind::product) testPairs(space, named.name);
  }
  // Rows of 64 kB, of which a whole block of memory is used where the file lies, and a part of one copied.
  const std::vector<double> wide{0, 16384, 0};
  testMapped(decodeSpace(wide.data(), wide.size()), "euclidean 16384", {4, 8, 5}, 270);
  hash = mixBits(hash ^ testTriplets());
  hash = mixBits(hash ^ testQuality());
  testRows();
  testClasses();
  testSums();
  testCouplings();
  testMixedProducts();
  testNegatives();
  testScaling();
  expect(refused > 1000, "only " + std::to_string(refused) + " damaged graphs were refused");
  std::printf("stress: %s %016llx\n", instructionSet(), static_cast<unsigned long long>(hash));
}
