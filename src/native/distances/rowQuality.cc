#include "rowQuality.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <vector>

#include "../parallel.h"
#include "rowRanks.h"
#include "rowSums.h"

namespace gyro {
namespace {

constexpr size_t kLanes = 8;
typedef double Lanes __attribute__((vector_size(64)));
typedef int64_t Rows __attribute__((vector_size(64)));
using VectorSums = RowSums<Lanes, Rows>;
using ScalarSums = RowSums<double, int64_t>;

struct Totals {
  double sums[12];
  double most, least, lowest;
  int64_t mostAt, leastAt;
};

GYRO_INLINE double across(const Lanes& lanes) {
  double sum = 0;
  for (size_t i = 0; i < kLanes; i++) sum += lanes[i];
  return sum;
}

/** Of equal ratios the one with the smaller row. */
GYRO_INLINE void take(Totals& t, double most, int64_t mostAt, double least, int64_t leastAt, double lowest) {
  if (most > t.most || (most == t.most && mostAt < t.mostAt)) t.most = most, t.mostAt = mostAt;
  if (least < t.least || (least == t.least && leastAt < t.leastAt)) t.least = least, t.leastAt = leastAt;
  t.lowest = std::min(t.lowest, lowest);
}

GYRO_INLINE void addRange(const double* a, const double* b, size_t from, size_t to, const QualityInput& q,
                          VectorSums& lanes, ScalarSums& rest) {
  size_t j = from;
  Rows rows = Rows{0, 1, 2, 3, 4, 5, 6, 7} + static_cast<int64_t>(from);
  for (; j + kLanes <= to; j += kLanes, rows += static_cast<int64_t>(kLanes)) {
    Lanes x, y;
    std::memcpy(&x, a + j, sizeof x);
    std::memcpy(&y, b + j, sizeof y);
    lanes.add(x, y, rows, q);
  }
  for (; j < to; j++) rest.add(a[j], b[j], static_cast<int64_t>(j), q);
}

GYRO_INLINE void totalsBody(const double* a, const double* b, size_t self, const QualityInput& q, Totals* out) {
  VectorSums v;
  ScalarSums s;
  addRange(a, b, 0, self, q, v, s);
  addRange(a, b, self + 1, q.n, q, v, s);
  const Lanes* const lanes[12] = {&v.input,    &v.code,       &v.inputSquares, &v.codeSquares,
                                  &v.inputVariance, &v.codeVariance, &v.covariance, &v.raw,
                                  &v.residual, &v.residualCode, &v.sammon,     &v.relative};
  const double rest[12] = {s.input,    s.code,       s.inputSquares, s.codeSquares, s.inputVariance, s.codeVariance,
                           s.covariance, s.raw, s.residual, s.residualCode, s.sammon,     s.relative};
  for (size_t c = 0; c < 12; c++) out->sums[c] = across(*lanes[c]) + rest[c];
  out->most = s.most, out->mostAt = s.mostAt, out->least = s.least, out->leastAt = s.leastAt;
  out->lowest = s.lowest;
  for (size_t i = 0; i < kLanes; i++) take(*out, v.most[i], v.mostAt[i], v.least[i], v.leastAt[i], v.lowest[i]);
}

using TotalsOf = void (*)(const double*, const double*, size_t, const QualityInput&, Totals*);
#define GYRO_VARIANT(name, target)                                                                                  \
  target void totals_##name(const double* a, const double* b, size_t self, const QualityInput& q, Totals* out) {    \
    totalsBody(a, b, self, q, out);                                                                                 \
  }
GYRO_VARIANT(portable, )
#if GYRO_X86
GYRO_VARIANT(avx2, GYRO_AVX2)
GYRO_VARIANT(avx512, GYRO_AVX512)
#endif
TotalsOf choose() {
#if GYRO_X86
  if (hasAvx512()) return totals_avx512;
  if (hasAvx2()) return totals_avx2;
#endif
  return totals_portable;
}
const TotalsOf totalsOf = choose();

GYRO_INLINE uint32_t gradeOf(const GradeMap& map, double d) {
  const double at = std::min(std::max((d - map.low) * map.perUnit, 0.0), static_cast<double>(map.cells));
  const size_t cell = std::min(static_cast<size_t>(at), map.cells - 1);
  const double grade = map.table[cell] + (at - static_cast<double>(cell)) * (map.table[cell + 1] - map.table[cell]);
  return static_cast<uint32_t>(std::min(grade, static_cast<double>(kGrades - 1)));
}

/** A count and a sum of grades in one word: an add to one place of memory a pair and side. */
constexpr uint64_t kOne = uint64_t{1} << 40;
/** So few pairs that neither can overflow: 2^24 counts of grades below 2^16. */
constexpr size_t kPairsAtOnce = (size_t{1} << 24) - 1;

class Grades {
 public:
  Grades() : input_(kGrades), code_(kGrades) {}

  void add(const double* a, const double* b, size_t self, const QualityInput& q, double* columns) {
    uint64_t products = 0, inputs = 0, codes = 0, inputSquares = 0, codeSquares = 0, pairs = 0;
    const auto range = [&](size_t from, size_t to) {
      for (size_t j = from; j < to; j++) {
        const uint64_t u = gradeOf(q.inputGrades, a[j]);
        const uint64_t v = gradeOf(q.codeGrades, b[j]);
        input_[u] += kOne + v;
        code_[v] += kOne + u;
        products += u * v;
        inputs += u;
        codes += v;
        inputSquares += u * u;
        codeSquares += v * v;
      }
      pairs += to - from;
    };
    if (!q.upper) range(0, self);
    range(self + 1, q.n);
    pairs_ += pairs;
    const double values[] = {static_cast<double>(pairs),  static_cast<double>(inputs),
                             static_cast<double>(codes),  static_cast<double>(inputSquares),
                             static_cast<double>(codeSquares), static_cast<double>(products)};
    std::copy(std::begin(values), std::end(values), columns);
  }

  bool full(size_t n) const { return pairs_ + n > kPairsAtOnce; }

  void flush(const QualityOutput& out) {
    for (size_t g = 0; g < kGrades; g++) {
      out.inputCounts[g] += static_cast<double>(input_[g] / kOne);
      out.inputSums[g] += static_cast<double>(input_[g] % kOne);
      out.codeCounts[g] += static_cast<double>(code_[g] / kOne);
      out.codeSums[g] += static_cast<double>(code_[g] % kOne);
    }
    std::fill(input_.begin(), input_.end(), 0);
    std::fill(code_.begin(), code_.end(), 0);
    pairs_ = 0;
  }

 private:
  std::vector<uint64_t> input_;
  std::vector<uint64_t> code_;
  size_t pairs_ = 0;
};

void measureRow(const QualityInput& q, size_t at, RowRanks& ranks, Grades& grades, const QualityOutput& out) {
  const size_t self = static_cast<size_t>(q.anchors[at]);
  const double* a = q.inputs + at * q.n;
  const double* b = q.codes + at * q.n;
  double* columns = out.columns + at * kQualityColumns;
  std::fill(columns, columns + kQualityColumns, 0.0);
  Totals t;
  totalsOf(a, b, self, q, &t);
  if (!std::isfinite(t.sums[0]) || !std::isfinite(t.sums[1]) || t.lowest < 0) {
    columns[0] = std::numeric_limits<double>::quiet_NaN();
    return;
  }
  std::copy(std::begin(t.sums), std::end(t.sums), columns);
  columns[12] = t.most;
  columns[13] = t.least;
  out.places[2 * at] = static_cast<int32_t>(t.mostAt);
  out.places[2 * at + 1] = static_cast<int32_t>(t.leastAt);
  const RankErrors errors = ranks.compare(a, b, q.n, self, q.k);
  const double found[] = {errors.intruders, errors.absentees, errors.falseErrors, errors.missingErrors, errors.shared};
  std::copy(std::begin(found), std::end(found), columns + 14);
  grades.add(a, b, self, q, columns + 19);
}

}  // namespace

void rowQuality(const QualityInput& q, const QualityOutput& out) {
  const size_t parts = std::min<size_t>(static_cast<size_t>(q.threads), q.count);
  std::mutex guard;
  parallelFor(q.threads, parts, [&](size_t part) {
    RowRanks ranks;
    Grades grades;
    const auto flush = [&] {
      const std::lock_guard<std::mutex> lock(guard);
      grades.flush(out);
    };
    for (size_t at = part; at < q.count; at += parts) {
      measureRow(q, at, ranks, grades, out);
      if (grades.full(q.n)) flush();
    }
    flush();
  });
}

}  // namespace gyro
