#include "space.h"

#include <cmath>
#include <stdexcept>

namespace gyro {
namespace {

constexpr int kMaxDepth = 32;
constexpr int kMaxColumns = 1 << 24;

bool hasSlot(const Space& leaf) {
  switch (leaf.kind) {
    case Kind::cosine:
    case Kind::innerProduct:
    case Kind::sphere:
    case Kind::poincare:
    case Kind::lorentz:
      return true;
    case Kind::stereographic:
      return leaf.curvature != 0;
    default:
      return false;
  }
}

struct Reader {
  const double* codes;
  size_t length;
  size_t at = 0;
  int column = 0;
  int leaves = 0;
  int slots = 0;

  double next() {
    if (at >= length) throw std::invalid_argument("the space description is cut short");
    return codes[at++];
  }

  int whole(int high) {
    const double value = next();
    if (!(value >= 0 && value <= high && value == std::floor(value))) {
      throw std::invalid_argument("the space description has a bad number");
    }
    return static_cast<int>(value);
  }

  Space read(int depth) {
    if (depth > kMaxDepth) throw std::invalid_argument("the space is nested too deeply");
    Space space;
    space.kind = static_cast<Kind>(whole(static_cast<int>(Kind::product)));
    space.column = column;
    if (space.kind == Kind::product) {
      space.l2 = whole(1) == 1;
      const int count = whole(kMaxColumns);
      for (int i = 0; i < count; i++) {
        space.weights.push_back(next());
        space.factors.push_back(read(depth + 1));
      }
    } else {
      space.leaf = leaves++;
      column += whole(kMaxColumns);
      space.curvature = next();
      if (hasSlot(space)) space.slot = slots++;
      if (column > kMaxColumns) throw std::invalid_argument("the space has too many columns");
    }
    space.columns = column - space.column;
    const int least = space.kind == Kind::lorentz ? 2 : 1;
    if (space.columns < least) throw std::invalid_argument("the space has too few columns");
    return space;
  }
};

}  // namespace

Space decodeSpace(const double* codes, size_t length) {
  Reader reader{codes, length};
  Space space = reader.read(0);
  if (reader.at != length) throw std::invalid_argument("the space description is too long");
  return space;
}

int leafCount(const Space& space) {
  if (space.kind != Kind::product) return 1;
  int count = 0;
  for (const Space& factor : space.factors) count += leafCount(factor);
  return count;
}

int slotCount(const Space& space) {
  if (space.kind != Kind::product) return space.slot >= 0 ? 1 : 0;
  int count = 0;
  for (const Space& factor : space.factors) count += slotCount(factor);
  return count;
}

}  // namespace gyro
