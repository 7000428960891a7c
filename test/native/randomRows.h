#pragma once

#include <cmath>
#include <random>
#include <vector>

#include "../../src/native/space.h"

namespace gyro {

using Random = std::mt19937_64;

/** Makes any numbers a point of the space, in place, as randomPoints.ts does. */
inline void ontoSpace(const Space& space, float* row) {
  for (const Space& factor : space.factors) ontoSpace(factor, row);
  float* x = row + space.column;
  double squared = 0;
  for (int k = space.kind == Kind::lorentz ? 1 : 0; k < space.columns; k++) squared += static_cast<double>(x[k]) * x[k];
  const double norm = std::sqrt(squared);
  const double radius = space.curvature == 0 ? 1 : 1 / std::sqrt(std::abs(space.curvature));
  const auto scale = [&](double by) {
    for (int k = 0; k < space.columns; k++) x[k] = static_cast<float>(x[k] * by);
  };
  switch (space.kind) {
    case Kind::sphere:
      return scale(radius / norm);
    case Kind::lorentz:
      x[0] = static_cast<float>(std::sqrt(radius * radius + squared));
      return;
    case Kind::poincare:
    case Kind::stereographic:
      if (space.curvature < 0) scale(0.9999 * radius * std::tanh(norm) / norm);
      return;
    case Kind::star:
      x[0] = std::abs(x[0]);
      return;
    case Kind::euclidean:
    case Kind::cosine:
    case Kind::innerProduct:
    case Kind::product:
      return;
  }
}

/** Points around ten centres, [count, columns]; one in five repeats an earlier one, turned into another form of it. */
inline std::vector<float> randomRows(const Space& space, size_t count, Random& random) {
  const size_t columns = static_cast<size_t>(space.columns);
  std::normal_distribution<float> normal;
  Random fixed(7);
  std::vector<float> centres(10 * columns);
  for (float& value : centres) value = normal(fixed);
  std::vector<float> rows(count * columns);
  for (size_t i = 0; i < count; i++) {
    float* row = rows.data() + i * columns;
    if (i > 0 && random() % 5 == 0) {
      const float* earlier = rows.data() + random() % i * columns;
      // Doubling keeps a direction to the last bit.
      for (size_t k = 0; k < columns; k++) row[k] = space.kind == Kind::cosine ? 2 * earlier[k] : earlier[k];
      continue;
    }
    const float* centre = centres.data() + random() % 10 * columns;
    for (size_t k = 0; k < columns; k++) row[k] = centre[k] + 0.3f * normal(random);
    ontoSpace(space, row);
  }
  return rows;
}

}  // namespace gyro
