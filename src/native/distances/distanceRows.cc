#include "distanceRows.h"

#include <algorithm>

#include "../tiles.h"

namespace gyro {

template <class T>
void distanceRows(const Space& space, const DistanceRowsQuery<T>& q, const Control& control) {
  if (q.rows == 0 || q.count == 0) return;
  const size_t columns = static_cast<size_t>(space.columns);
  Panels anchors(space, kTileQueries);
  anchors.pack(space, columns, q.count, [&](size_t i) { return q.points + static_cast<size_t>(q.anchors[i]) * columns; });
  // A block of rows stays in the second-level cache while all anchors pass over it.
  const size_t block = std::max<size_t>(64, 32768 / columns / kTileRows * kTileRows);
  parallelFor(q.threads, (q.rows + block - 1) / block, [&](size_t b) {
    control.check();
    const size_t first = b * block;
    const size_t rows = std::min(block, q.rows - first);
    Panels panel(space, kTileRows);
    panel.pack(space, columns, rows, [&](size_t i) { return q.points + (first + i) * columns; });
    double tile[kTile];
    for (size_t a = 0; a < q.count; a += kTileQueries) {
      const size_t lanes = std::min<size_t>(kTileQueries, q.count - a);
      for (size_t r = 0; r < rows; r += kTileRows) {
        tileDistances(space, {anchors, a / kTileQueries, panel, r / kTileRows}, tile);
        const size_t height = std::min<size_t>(kTileRows, rows - r);
        for (size_t i = 0; i < lanes; i++) {
          std::copy_n(tile + i * kTileRows, height, q.distances + (a + i) * q.rows + first + r);
        }
      }
    }
  });
}

template void distanceRows(const Space&, const DistanceRowsQuery<float>&, const Control&);
template void distanceRows(const Space&, const DistanceRowsQuery<double>&, const Control&);

}  // namespace gyro
