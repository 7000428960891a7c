#pragma once

#include <cstddef>
#include <vector>

namespace gyro {

// The numbers are those of encodeSpace.ts.
enum class Kind {
  euclidean = 0,
  cosine = 1,
  innerProduct = 2,
  sphere = 3,
  poincare = 4,
  lorentz = 5,
  stereographic = 6,
  star = 7,
  product = 8,
};

/** A space as in src/core/space.ts; a leaf is any space but a product. */
struct Space {
  Kind kind = Kind::euclidean;
  int column = 0;   // where its values begin in a row
  int columns = 0;  // how many they are
  int leaf = 0;     // a leaf's number, from the left
  int slot = -1;    // its place among the leaves that keep one number a point (Reference::prepareRow), else -1
  double curvature = 0;
  bool l2 = false;  // a product's combine: sqrt(Σ w d²), else Σ w d
  std::vector<double> weights;
  std::vector<Space> factors;
};

/** Reads the form of encodeSpace.ts. @throws std::invalid_argument for anything else */
Space decodeSpace(const double* codes, size_t length);

int leafCount(const Space& space);
/** Leaves with a slot. */
int slotCount(const Space& space);

}  // namespace gyro
