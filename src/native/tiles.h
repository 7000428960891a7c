#pragma once

#include <algorithm>
#include <vector>

#include "chord.h"
#include "kernels.h"
#include "space.h"

namespace gyro {

/** Points of all leaves in tiles of `width`: a leaf's coordinate k of point i is at k * width + i of its panel. */
class Panels {
 public:
  Panels(const Space& space, int width) : width_(width) { place(space); }

  /** Fills `tiles` tiles; points beyond `count` repeat the last, and their keys are not used. */
  template <class PointAt>
  void pack(const Space& space, size_t columns, size_t count, PointAt&& pointAt) {
    const size_t tiles = (count + width_ - 1) / width_;
    values_.resize(tiles * perTile_);
    scratch_.resize(columns);
    for (size_t i = 0; i < tiles * width_; i++) {
      const auto* point = pointAt(std::min(i, count - 1));
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

  template <class T>
  void packPoint(const Space& space, const T* point, double* tile, size_t lane) {
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

inline void leafChords(const Space& leaf, const Tiles& tiles, double* out) {
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
inline void tileDistances(const Space& space, const Tiles& tiles, double* out) {
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
inline void tileKeys(const Space& space, const Tiles& tiles, double* out) {
  if (space.kind == Kind::product) tileDistances(space, tiles, out);
  else leafChords(space, tiles, out);
}

}  // namespace gyro
