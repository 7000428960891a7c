#include "codes.h"

#include <cmath>
#include <cstring>
#include <stdexcept>

namespace gyro {
namespace {

/**
 * A coordinate that is wrong by e moves a point of factor w by 2 w e, and 8 bits, of int8 as of a bfloat16,
 * are wrong by up to 1/254 of the greatest coordinate: beyond this factor, of one point in a hundred, that is
 * more than a walk can bear.
 */
constexpr double kFine = 4;
constexpr double kShare = 0.01;
constexpr size_t kSample = 10000;

void collectLeaves(const Space& space, std::vector<Space>& leaves) {
  if (space.kind != Kind::product) return leaves.push_back(space);
  for (const Space& factor : space.factors) collectLeaves(factor, leaves);
}

bool isDirection(const Space& leaf) { return leaf.kind == Kind::cosine || leaf.kind == Kind::sphere; }

bool isBall(const Space& leaf) {
  return leaf.kind == Kind::poincare || (leaf.kind == Kind::stereographic && leaf.curvature < 0);
}

/** The factor that one point in kShare exceeds. */
double highFactor(const Points& points, const Space& leaf) {
  if (points.size() == 0) return 0;
  std::vector<double> factors;
  const size_t step = std::max<size_t>(1, points.size() / kSample);
  for (size_t row = 0; row < points.size(); row += step) factors.push_back(points[row].scalars[leaf.slot]);
  const double place = (1 - kShare) * static_cast<double>(factors.size() - 1);
  const auto high = factors.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(factors.begin(), high, factors.end());
  return *high;
}

/** The nearest bfloat16, ties to even; the greatest where that would be infinite. */
uint16_t toBfloat16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const uint32_t rounded = bits + 0x7fff + ((bits >> 16) & 1);
  const bool overflows = (rounded & 0x7f800000u) == 0x7f800000u;
  return static_cast<uint16_t>((overflows ? bits : rounded) >> 16);
}

template <class T>
void store(uint8_t* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

float loadFloat(const uint8_t* from) {
  float value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

}  // namespace

Codes::Codes(const Space& space, Storage storage, const Points& points) : space_(space), storage_(storage) {
  std::vector<Space> leaves;
  collectLeaves(space, leaves);
  for (const Space& leaf : leaves) {
    const bool flat = leaf.kind == Kind::euclidean || (leaf.kind == Kind::stereographic && leaf.curvature == 0);
    if (!flat && !isDirection(leaf) && !isBall(leaf)) {
      throw std::invalid_argument("this space has no small storage");
    }
    const Code usual = storage == Storage::bfloat16 ? Code::bfloat16 : Code::int8;
    const Code code = isBall(leaf) && highFactor(points, leaf) > kFine ? Code::int16 : usual;
    leaves_.push_back({leaf, code, width_, isBall(leaf), isDirection(leaf)});
    const size_t numbers = (code == Code::bfloat16 ? 0 : 1) + (isBall(leaf) ? 1 : 0);
    width_ += numbers * sizeof(float) + static_cast<size_t>(leaf.columns * bytesOf(code));
  }
  rows_ = std::make_unique<Blocks<uint8_t>>(width_);
}

void Codes::put(size_t row, const Point& point) {
  uint8_t* const out = (*rows_)[row];
  for (const Leaf& leaf : leaves_) {
    uint8_t* to = out + leaf.at;
    const float* values = point.values + leaf.space.column;
    const int n = leaf.space.columns;
    const double unit = leaf.direction ? 1 / point.scalars[leaf.space.slot] : 1;
    double scale = 0;
    if (leaf.code != Code::bfloat16) {
      double greatest = 0;
      for (int k = 0; k < n; k++) greatest = std::max(greatest, std::abs(unit * values[k]));
      // A row of zeros keeps zeros.
      scale = greatest > 0 ? greatest / (leaf.code == Code::int8 ? 127 : 32767) : 1;
      store(to, static_cast<float>(scale));
      to += sizeof(float);
    }
    if (leaf.curved) {
      store(to, static_cast<float>(point.scalars[leaf.space.slot]));
      to += sizeof(float);
    }
    for (int k = 0; k < n; k++, to += bytesOf(leaf.code)) {
      const double value = unit * values[k];
      if (leaf.code == Code::bfloat16) store(to, toBfloat16(static_cast<float>(value)));
      else if (leaf.code == Code::int16) store(to, static_cast<int16_t>(std::lrint(value / scale)));
      else store(to, static_cast<int8_t>(std::lrint(value / scale)));
    }
  }
}

void Codes::copy(size_t from, size_t to) {
  std::copy((*rows_)[from], (*rows_)[from] + width_, (*rows_)[to]);
}

void Codes::chords(const Leaf& leaf, const WalkQuery& query, const uint8_t* const* rows, int count,
                   float* out) const {
  const uint8_t* codes[kWalkLanes];
  float scales[kWalkLanes] = {};
  float factors[kWalkLanes];
  for (int i = 0; i < count; i++) {
    const uint8_t* at = rows[i] + leaf.at;
    if (leaf.code != Code::bfloat16) {
      scales[i] = loadFloat(at);
      at += sizeof(float);
    }
    if (leaf.curved) {
      factors[i] = loadFloat(at);
      at += sizeof(float);
    }
    codes[i] = at;
  }
  codeSquares(leaf.code)(query.values + leaf.space.column, codes, scales, count, leaf.space.columns, out);
  if (!leaf.curved) return;
  const float factor = query.factors[static_cast<size_t>(leaf.space.leaf)];
  for (int i = 0; i < count; i++) {
    const float u = out[i] * (factor * factors[i]);
    out[i] = u == u ? u : std::numeric_limits<float>::infinity();
  }
}

void Codes::distances(const Space& space, const WalkQuery& query, const uint8_t* const* rows, int count,
                      float* out) const {
  if (space.kind != Kind::product) {
    chords(leaves_[static_cast<size_t>(space.leaf)], query, rows, count, out);
    return walkKernels().distances(space, count, out);
  }
  float sums[kWalkLanes] = {};
  for (size_t f = 0; f < space.factors.size(); f++) {
    distances(space.factors[f], query, rows, count, out);
    const float w = static_cast<float>(space.weights[f]);
    for (int i = 0; i < kWalkLanes; i++) sums[i] += space.l2 ? w * out[i] * out[i] : w * out[i];
  }
  for (int i = 0; i < kWalkLanes; i++) out[i] = space.l2 ? std::sqrt(sums[i]) : sums[i];
}

void Codes::keys(const WalkQuery& query, const uint8_t* const* rows, int count, float* out) const {
  if (space_.kind != Kind::product) return chords(leaves_[0], query, rows, count, out);
  distances(space_, query, rows, count, out);
  for (int i = 0; i < count; i++) out[i] = out[i] == out[i] ? out[i] : std::numeric_limits<float>::infinity();
}

}  // namespace gyro
