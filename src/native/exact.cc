#include "exact.h"

#include "candidates.h"
#include "chord.h"
#include "kernels.h"
#include "reference.h"

namespace gyro {
namespace {

/** Points of all leaves in tiles of `width`: a leaf's coordinate k of point i is at k * width + i of its panel. */
class Panels {
 public:
  Panels(const Space& space, int width) : width_(width) { place(space); }

  /** Fills `tiles` tiles; points beyond `count` repeat the last, and their keys are not used. */
  void pack(const Space& space, const float* points, size_t count, size_t columns) {
    const size_t tiles = (count + width_ - 1) / width_;
    values_.resize(tiles * perTile_);
    scratch_.resize(columns);
    for (size_t i = 0; i < tiles * width_; i++) {
      const float* point = points + std::min(i, count - 1) * columns;
      packPoint(space, point, values_.data() + i / width_ * perTile_, i % width_);
    }
  }

  const double* coordinates(size_t tile, const Space& leaf) const {
    return values_.data() + tile * perTile_ + offsets_[leaf.leaf];
  }
  const double* scalars(size_t tile, const Space& leaf) const {
    return coordinates(tile, leaf) + static_cast<size_t>(coordinatesOf(leaf)) * width_;
  }

 private:
  void place(const Space& space) {
    for (const Space& factor : space.factors) place(factor);
    if (space.kind == Kind::product) return;
    offsets_.push_back(perTile_);
    perTile_ += static_cast<size_t>(coordinatesOf(space) + 1) * width_;
  }

  void packPoint(const Space& space, const float* point, double* tile, size_t lane) {
    for (const Space& factor : space.factors) packPoint(factor, point, tile, lane);
    if (space.kind == Kind::product) return;
    double* out = tile + offsets_[space.leaf] + lane;
    const double scalar = prepareLeaf(space, point + space.column, scratch_.data());
    const int n = coordinatesOf(space);
    for (int k = 0; k < n; k++) out[k * width_] = scratch_[k];
    out[n * width_] = scalar;
  }

  size_t width_;
  size_t perTile_ = 0;
  std::vector<size_t> offsets_;
  std::vector<double> values_;
  std::vector<double> scratch_;
};

struct Tiles {
  const Panels& queries;
  size_t query;
  const Panels& rows;
  size_t row;
};

void leafChords(const Space& leaf, const Tiles& tiles, double* out) {
  const double* x = tiles.queries.coordinates(tiles.query, leaf);
  const double* y = tiles.rows.coordinates(tiles.row, leaf);
  if (leaf.kind == Kind::star) {
    for (int i = 0; i < kTile; i++) out[i] = x[i / kTileRows] + y[i % kTileRows];
    return;
  }
  if (leaf.kind == Kind::innerProduct) return kernels().tileProducts(x, y, coordinatesOf(leaf), out);
  kernels().tileSquares(x, y, coordinatesOf(leaf), out);
  const double* sx = tiles.queries.scalars(tiles.query, leaf);
  const double* sy = tiles.rows.scalars(tiles.row, leaf);
  for (int i = 0; i < kTile; i++) out[i] *= sx[i / kTileRows] * sy[i % kTileRows];
}

/** Distances of a tile, to about 1e-12 relative. */
void tileDistances(const Space& space, const Tiles& tiles, double* out) {
  if (space.kind != Kind::product) {
    leafChords(space, tiles, out);
    withDistanceOf(space, [out](auto distanceOf) {
      for (int i = 0; i < kTile; i++) out[i] = distanceOf(out[i]);
    });
    return;
  }
  double part[kTile];
  std::fill(out, out + kTile, 0.0);
  for (size_t f = 0; f < space.factors.size(); f++) {
    tileDistances(space.factors[f], tiles, part);
    const double w = space.weights[f];
    for (int i = 0; i < kTile; i++) out[i] += space.l2 ? w * part[i] * part[i] : w * part[i];
  }
  if (space.l2) {
    for (int i = 0; i < kTile; i++) out[i] = std::sqrt(out[i]);
  }
}

/** Any rising function of the distance will do for one space alone; a product needs the distances themselves. */
void tileKeys(const Space& space, const Tiles& tiles, double* out) {
  if (space.kind == Kind::product) tileDistances(space, tiles, out);
  else leafChords(space, tiles, out);
}

class Batch {
 public:
  Batch(const Space& space, const ExactQuery& q, const Reference& reference, const std::vector<double>& scalars)
      : space_(space), q_(q), reference_(reference), scalars_(scalars) {}

  void run(size_t from, size_t to, const Control& control) {
    const size_t columns = static_cast<size_t>(space_.columns);
    Panels queries(space_, kTileQueries);
    Panels rows(space_, kTileRows);
    queries.pack(space_, q_.queries + from * columns, to - from, columns);
    std::vector<Candidates> found(to - from, Candidates(q_.k));
    // A block of rows stays in the second-level cache while all queries of the batch pass over it.
    const size_t block = std::max<size_t>(64, 32768 / columns / kTileRows * kTileRows);
    for (size_t first = 0; first < q_.rows; first += block) {
      control.check();
      const size_t count = std::min(block, q_.rows - first);
      rows.pack(space_, q_.database + first * columns, count, columns);
      scan(queries, from, rows, first, count, found);
    }
    for (size_t i = from; i < to; i++) decide(i, found[i - from].finish());
  }

 private:
  void scan(const Panels& queries, size_t from, const Panels& rows, size_t first, size_t count,
            std::vector<Candidates>& found) {
    double keys[kTile];
    for (size_t qt = 0; qt * kTileQueries < found.size(); qt++) {
      const size_t lanes = std::min<size_t>(kTileQueries, found.size() - qt * kTileQueries);
      for (size_t rt = 0; rt * kTileRows < count; rt++) {
        tileKeys(space_, {queries, qt, rows, rt}, keys);
        const size_t height = std::min<size_t>(kTileRows, count - rt * kTileRows);
        for (size_t a = 0; a < lanes; a++) {
          const size_t query = qt * kTileQueries + a;
          for (size_t b = 0; b < height; b++) {
            const size_t row = first + rt * kTileRows + b;
            if (q_.excludeSelf && row == from + query) continue;
            const float key = static_cast<float>(keys[a * kTileRows + b]);
            found[query].offer(key == key ? key : std::numeric_limits<float>::infinity(),
                               static_cast<int32_t>(row));
          }
        }
      }
    }
  }

  /** Ranks the candidates by their float64 distance, rounded once. */
  void decide(size_t i, const std::vector<Candidates::Entry>& candidates) {
    const size_t columns = static_cast<size_t>(space_.columns);
    reference_.prepareQuery(q_.queries + i * columns, query_);
    ranked_.clear();
    for (const Candidates::Entry& c : candidates) {
      const double* scalars = scalars_.data() + static_cast<size_t>(c.row) * reference_.scalars();
      const double d = reference_.distance(query_, q_.database + c.row * columns, scalars);
      ranked_.push_back({static_cast<float>(d), c.row, c.row});
    }
    std::sort(ranked_.begin(), ranked_.end());
    const size_t kept = std::min(q_.k, ranked_.size());
    for (size_t j = 0; j < kept; j++) {
      q_.nearest[i * q_.k + j] = ranked_[j].row;
      q_.distances[i * q_.k + j] = ranked_[j].distance;
    }
  }

  const Space& space_;
  const ExactQuery& q_;
  const Reference& reference_;
  const std::vector<double>& scalars_;
  Reference::Query query_;
  std::vector<Neighbour> ranked_;
};

}  // namespace

void exactSearch(const Space& space, const ExactQuery& q, const Control& control) {
  if (q.rows == 0 || q.count == 0 || q.k == 0) return;
  const Reference reference(space);
  const size_t leaves = static_cast<size_t>(reference.scalars());
  std::vector<double> scalars(q.rows * leaves);
  for (size_t i = 0; i < q.rows; i++) {
    reference.prepareRow(q.database + i * static_cast<size_t>(space.columns), scalars.data() + i * leaves);
  }
  // Large batches, because each packs the whole database once; small enough that every thread gets one.
  const size_t threads = static_cast<size_t>(std::max(1, q.threads));
  const size_t size = std::min<size_t>(512, (q.count + threads - 1) / threads);
  parallelFor(q.threads, (q.count + size - 1) / size, [&](size_t b) {
    Batch batch(space, q, reference, scalars);
    batch.run(b * size, std::min(q.count, (b + 1) * size), control);
    control.advance(static_cast<int32_t>(std::min(q.count, (b + 1) * size) - b * size));
  });
}

}  // namespace gyro
