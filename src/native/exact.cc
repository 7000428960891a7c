#include "exact.h"

#include "candidates.h"
#include "reference.h"
#include "tiles.h"

namespace gyro {
namespace {

class Batch {
 public:
  Batch(const Space& space, const ExactQuery& q, const Reference& reference, const IdOfRow& idOf)
      : space_(space), q_(q), reference_(reference), idOf_(idOf) {}

  void run(size_t from, size_t to, const Control& control) {
    const size_t columns = static_cast<size_t>(space_.columns);
    Panels queries(space_, kTileQueries);
    Panels rows(space_, kTileRows);
    queries.pack(space_, columns, to - from, [&](size_t i) { return q_.queries + (from + i) * columns; });
    std::vector<Candidates> found(to - from, Candidates(q_.k));
    // A block of rows stays in the second-level cache while all queries of the batch pass over it.
    const size_t block = std::max<size_t>(64, 32768 / columns / kTileRows * kTileRows);
    for (size_t first = 0; first < q_.rows; first += block) {
      control.check();
      const size_t count = std::min(block, q_.rows - first);
      rows.pack(space_, columns, count, [&](size_t i) { return q_.database[rowAt(first + i)]; });
      scan(queries, from, rows, first, count, found);
    }
    for (size_t i = from; i < to; i++) decide(i, found[i - from].finish());
  }

 private:
  size_t rowAt(size_t i) const { return q_.subset ? q_.subset[i] : i; }

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
            const size_t row = rowAt(first + rt * kTileRows + b);
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
      const size_t row = static_cast<size_t>(c.row);
      const double* scalars = reference_.scalars() ? q_.scalars[row] : nullptr;
      const double d = reference_.distance(query_, q_.database[row], scalars);
      ranked_.push_back({static_cast<float>(d), idOf_ ? idOf_(row) : c.row, c.row});
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
  const IdOfRow& idOf_;
  Reference::Query query_;
  std::vector<Neighbour> ranked_;
};

}  // namespace

std::vector<double> scalarsOf(const Space& space, const float* rows, size_t count, int threads) {
  const Reference reference(space);
  std::vector<double> scalars(count * reference.scalars());
  if (scalars.empty()) return scalars;
  constexpr size_t kRows = 1024;
  parallelFor(threads, (count + kRows - 1) / kRows, [&](size_t part) {
    for (size_t i = part * kRows; i < std::min(count, (part + 1) * kRows); i++) {
      reference.prepareRow(rows + i * static_cast<size_t>(space.columns), scalars.data() + i * reference.scalars());
    }
  });
  return scalars;
}

void exactSearch(const Space& space, const ExactQuery& q, const Control& control, const IdOfRow& idOf) {
  if (q.rows == 0 || q.count == 0 || q.k == 0) return;
  const Reference reference(space);
  // Large batches, because each packs the whole database once; small enough that every thread gets one.
  const size_t threads = static_cast<size_t>(std::max(1, q.threads));
  const size_t size = std::min<size_t>(512, (q.count + threads - 1) / threads);
  parallelFor(q.threads, (q.count + size - 1) / size, [&](size_t b) {
    Batch batch(space, q, reference, idOf);
    batch.run(b * size, std::min(q.count, (b + 1) * size), control);
    control.advance(static_cast<int32_t>(std::min(q.count, (b + 1) * size) - b * size));
  });
}

}  // namespace gyro
