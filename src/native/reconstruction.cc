#include "reconstruction.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "targets.h"
#include "tiles.h"

namespace gyro {
namespace {

/** Tiles of queries that are ranked together, and rows that they pass over before the next block of rows. */
constexpr size_t kBatchTiles = 16;
constexpr size_t kBlockTiles = 256;

typedef double Lanes __attribute__((vector_size(kTileRows * sizeof(double))));

/** How many of eight keys are at most `limit`; NaN counts as one. */
GYRO_INLINE int notAboveBody(const double* keys, double limit) {
  Lanes lanes;
  std::memcpy(&lanes, keys, sizeof lanes);
  const auto above = lanes > limit - Lanes{};  // -1 or 0 a lane
  int64_t count = kTileRows;
  for (int i = 0; i < kTileRows; i++) count += above[i];
  return static_cast<int>(count);
}

int notAbovePortable(const double* keys, double limit) { return notAboveBody(keys, limit); }
#if GYRO_X86
GYRO_AVX2 int notAboveAvx2(const double* keys, double limit) { return notAboveBody(keys, limit); }
GYRO_AVX512 int notAboveAvx512(const double* keys, double limit) { return notAboveBody(keys, limit); }
#endif

using NotAbove = int (*)(const double*, double);
NotAbove chooseNotAbove() {
#if GYRO_X86
  if (hasAvx512()) return notAboveAvx512;
  if (hasAvx2()) return notAboveAvx2;
#endif
  return notAbovePortable;
}

/** The distances of a row's targets, ascending, and how many rows are at most as far as each. */
class Ladder {
 public:
  void add(size_t row, double key) {
    if (key != key) throw std::invalid_argument("row " + std::to_string(row) + ": a distance is NaN");
    steps_.push_back(key);
  }
  void sort() {
    std::sort(steps_.begin(), steps_.end());
    counts_.assign(steps_.size(), 0);
  }

  bool empty() const { return steps_.empty(); }

  /** Few rows are as near as the farthest target: most often the first look at eight of them is the last. */
  void count(const double* keys, NotAbove notAbove) {
    for (size_t j = steps_.size(); j-- > 0;) {
      const int found = notAbove(keys, steps_[j]);
      if (found == 0) return;
      counts_[j] += found;
    }
  }
  void count(double key, int sign) {
    for (size_t j = 0; j < steps_.size(); j++) {
      if (!(key > steps_[j])) counts_[j] += sign;
    }
  }

  void finish(double* rankSum, double* averagePrecision) const {
    const size_t n = steps_.size();
    for (size_t j = 0; j < n;) {
      const size_t tied = std::upper_bound(steps_.begin() + j, steps_.end(), steps_[j]) - steps_.begin();
      const double width = static_cast<double>(tied - j);
      const double rows = static_cast<double>(counts_[j]);
      *rankSum += width * (1 + rows - static_cast<double>(tied));
      *averagePrecision += width * static_cast<double>(tied) / rows / static_cast<double>(n);
      j = tied;
    }
  }

 private:
  std::vector<double> steps_;
  std::vector<int64_t> counts_;
};

class Ranking {
 public:
  Ranking(const Space& space, const ReconstructionQuery& q)
      : space_(space), q_(q), queries_(space, kTileQueries), rows_(space, kTileRows) {
    const size_t columns = static_cast<size_t>(space.columns);
    const auto pointAt = [&](size_t i) { return q.points + i * columns; };
    queries_.pack(space, columns, q.rows, pointAt);
    rows_.pack(space, columns, q.rows, pointAt);
  }

  void run(size_t batch, const Control& control) const {
    const size_t firstTile = batch * kBatchTiles;
    const size_t from = firstTile * kTileQueries;
    const size_t to = std::min(q_.rows, (firstTile + kBatchTiles) * kTileQueries);
    std::vector<Ladder> ladders(kBatchTiles * kTileQueries);
    for (size_t u = from; u < to; u++) {
      Ladder& ladder = ladders[u - from];
      for (int32_t k = q_.offsets[u]; k < q_.offsets[u + 1]; k++) ladder.add(u, keyOf(u, q_.targets[k]));
      ladder.sort();
    }
    const size_t tiles = (q_.rows + kTileRows - 1) / kTileRows;
    for (size_t first = 0; first < tiles; first += kBlockTiles) {
      control.check();
      for (size_t t = 0; t * kTileQueries < to - from; t++) {
        scan(firstTile + t, first, std::min(tiles, first + kBlockTiles), ladders.data() + t * kTileQueries);
      }
    }
    for (size_t u = from; u < to; u++) {
      q_.rankSums[u] = q_.averagePrecisions[u] = 0;
      Ladder& ladder = ladders[u - from];
      ladder.count(keyOf(u, u), -1);
      ladder.finish(q_.rankSums + u, q_.averagePrecisions + u);
    }
  }

 private:
  /** Computed as `scan` does, to the same bits. */
  double keyOf(size_t u, size_t v) const {
    double keys[kTile];
    tileKeys(space_, {queries_, u / kTileQueries, rows_, v / kTileRows}, keys);
    return keys[u % kTileQueries * kTileRows + v % kTileRows];
  }

  void scan(size_t queryTile, size_t first, size_t last, Ladder* ladders) const {
    double keys[kTile];
    for (size_t tile = first; tile < last; tile++) {
      tileKeys(space_, {queries_, queryTile, rows_, tile}, keys);
      const size_t height = std::min<size_t>(kTileRows, q_.rows - tile * kTileRows);
      for (size_t a = 0; a < kTileQueries; a++) {
        if (ladders[a].empty()) continue;
        const double* lanes = keys + a * kTileRows;
        if (height == kTileRows) {
          ladders[a].count(lanes, notAbove_);
        } else {
          for (size_t b = 0; b < height; b++) ladders[a].count(lanes[b], 1);
        }
      }
    }
  }

  const Space& space_;
  const ReconstructionQuery& q_;
  Panels queries_;
  Panels rows_;
  const NotAbove notAbove_ = chooseNotAbove();
};

void requireRelation(const ReconstructionQuery& q) {
  bool valid = q.offsets[0] == 0 && static_cast<size_t>(q.offsets[q.rows]) == q.pairs;
  for (size_t i = 0; i < q.rows; i++) valid &= q.offsets[i] <= q.offsets[i + 1];
  for (size_t k = 0; k < q.pairs; k++) {
    valid &= q.targets[k] >= 0 && static_cast<size_t>(q.targets[k]) < q.rows;
  }
  if (!valid) throw std::invalid_argument("offsets or targets out of range");
}

}  // namespace

void reconstruction(const Space& space, const ReconstructionQuery& q, const Control& control) {
  requireRelation(q);
  if (q.rows == 0) return;
  const Ranking ranking(space, q);
  const size_t size = kBatchTiles * kTileQueries;
  parallelFor(q.threads, (q.rows + size - 1) / size, [&](size_t b) {
    ranking.run(b, control);
    control.advance(static_cast<int32_t>(std::min(q.rows, (b + 1) * size) - b * size));
  });
}

}  // namespace gyro
