#include "pairwiseKernels.h"

namespace gyro {
namespace {

struct Pairs {
  Doubles q, b, u, w;
};

GYRO_INLINE Pairs pairsAt(const PairRun& run, size_t j) {
  const Doubles q = loadLanes(run.q + j);
  const Doubles b = loadLanes(run.b + j);
  return {q, b, q * (run.a * b), run.w ? loadLanes(run.w + j) : Doubles{}};
}

GYRO_INLINE bool isLive(const PairRun& run, size_t j) { return !run.live || run.live[j / kLanes]; }

GYRO_INLINE Doubles pullsAt(const Pulls& pulls, size_t j, size_t count) {
  const Doubles there = widenLanes(pulls.there + j, count);
  return pulls.back ? there + widenLanes(pulls.back + j, count) : there;
}

GYRO_INLINE void addTo(double* sums, Doubles values) { storeLanes(sums, loadLanes(sums) + values); }

GYRO_INLINE void complementsBody(const PairRun& run, double* w) {
  for (size_t j = 0; j < run.count; j += kLanes) {
    const Doubles u = loadLanes(run.q + j) * (run.a * loadLanes(run.b + j));
    storeLanes(w + j, 1.0 - run.law.curvature * u);
  }
}

/** What the law gives for each pair, a register V at a time. */
template <Form form, class V>
GYRO_INLINE Doubles distancesAt(const PairRun& run, const Pairs& at) {
  const double K = run.law.curvature;
  return byRegisters<V>(at.u, at.w, [K](V u, V w) __attribute__((always_inline)) {
    return distanceOf<form>(K, u, w);
  });
}
template <Form form, class V>
GYRO_INLINE Doubles slopesAt(const PairRun& run, const Pairs& at) {
  const double K = run.law.curvature;
  return byRegisters<V>(at.u, at.w, [K](V u, V w) __attribute__((always_inline)) {
    return slopeOf<form>(K, u, w);
  });
}
template <Form form, class V>
GYRO_INLINE Doubles curvatureSlopesAt(const PairRun& run, const Pairs& at) {
  const double K = run.law.curvature;
  return byRegisters<V>(at.u, at.w, [K](V u, V w) __attribute__((always_inline)) {
    return curvatureSlopeOf<form>(K, u, w);
  });
}

template <Form form, class V>
GYRO_INLINE void distancesBody(const PairRun& run, float* d) {
  for (size_t j = 0; j < run.count; j += kLanes) {
    const Pairs at = pairsAt(run, j);
    narrowLanes(d + j, distancesAt<form, V>(run, at), run.count - j);
  }
}

template <Form form, class V>
GYRO_INLINE double curvatureSumBody(const PairRun& run, const Pulls& dy) {
  Doubles sum{};
  for (size_t j = 0; j < run.count; j += kLanes) {
    if (!isLive(run, j)) continue;
    const Pairs at = pairsAt(run, j);
    sum += pullsAt(dy, j, run.count - j) * curvatureSlopesAt<form, V>(run, at);
  }
  return sumOfLanes(sum);
}

template <Form form, class V>
GYRO_INLINE RowSums firstWeightsBody(const PairRun& run, const Pulls& dy, const Weights& out) {
  Doubles point{};
  Doubles scalar{};
  double* toPoint = out.toPoint;
  for (size_t j = 0; j < run.count; j += kLanes, toPoint += out.step) {
    if (!isLive(run, j)) continue;
    const Pairs at = pairsAt(run, j);
    const Doubles pull = pullsAt(dy, j, run.count - j) * slopesAt<form, V>(run, at);
    const Doubles P = 2.0 * run.a * pull * at.b;
    const Doubles S = pull * at.q;
    storeLanes(toPoint, P);
    addTo(out.columnPoint + j, P);
    addTo(out.columnScalar + j, S * run.a);
    point += P;
    scalar += S * at.b;
  }
  return {sumOfLanes(point), sumOfLanes(scalar)};
}

template <Form form, class V>
GYRO_INLINE SecondRowSums secondWeightsBody(const PairRun& run, const SecondRun& second, const float* dys,
                                            const Weights& first, const Weights& along, float* toDy) {
  Doubles sums[4] = {};
  double* toPoint = first.toPoint;
  double* toPointAlong = along.toPoint;
  for (size_t j = 0; j < run.count; j += kLanes) {
    const Pairs at = pairsAt(run, j);
    const Doubles qAlong = loadLanes(second.qAlong + j);
    const Doubles bAlong = loadLanes(second.bAlong + j);
    const Doubles ab = run.a * at.b;
    const Doubles abAlong = second.aAlong * at.b + run.a * bAlong;
    const Doubles uAlong = qAlong * ab + at.q * abAlong;
    const Doubles slope = slopesAt<form, V>(run, at);
    const Doubles slopeAlong = bendOf<form>(run.law.curvature, at.u, slope) * uAlong;
    const Doubles dy = widenLanes(dys + j, run.count - j);
    const Doubles P = 2.0 * dy * slope * ab;
    const Doubles S = dy * slope * at.q;
    const Doubles PAlong = 2.0 * dy * (slopeAlong * ab + slope * abAlong);
    const Doubles SAlong = dy * (slopeAlong * at.q + slope * qAlong);
    narrowLanes(toDy + j, slope * uAlong, run.count - j);
    storeLanes(toPoint, P);
    storeLanes(toPointAlong, PAlong);
    toPoint += first.step;
    toPointAlong += along.step;
    addTo(first.columnPoint + j, P);
    addTo(first.columnScalar + j, S * run.a);
    addTo(along.columnPoint + j, PAlong);
    addTo(along.columnScalar + j, SAlong * run.a + S * second.aAlong);
    sums[0] += P;
    sums[1] += S * at.b;
    sums[2] += PAlong;
    sums[3] += SAlong * at.b + S * bAlong;
  }
  return {{sumOfLanes(sums[0]), sumOfLanes(sums[1])}, {sumOfLanes(sums[2]), sumOfLanes(sums[3])}};
}

#if defined(__FP_FAST_FMA) || defined(__aarch64__)
using PortableSum = Fused;
#else
using PortableSum = Rounded;
#endif

using Portable = TileShape<PortableSum, Doubles2, 4, 2>;
#if GYRO_X86
using Avx2 = TileShape<Fused, Doubles4, 4, 2>;
using Avx512 = TileShape<Fused, Doubles, 8, 2>;
#endif

#define GYRO_FORMS(call, V)                                  \
  switch (run.law.form) {                                    \
    case Form::hyperbolic: return call(Form::hyperbolic, V); \
    case Form::flat: return call(Form::flat, V);             \
    case Form::spherical: return call(Form::spherical, V);   \
    default: return call(Form::cosine, V);                   \
  }

#define GYRO_DISTANCES(form, V) distancesBody<form, V>(run, d)
#define GYRO_CURVATURE(form, V) curvatureSumBody<form, V>(run, dy)
#define GYRO_FIRST(form, V) firstWeightsBody<form, V>(run, dy, out)
#define GYRO_SECOND(form, V) secondWeightsBody<form, V>(run, second, dy, first, along, toDy)

#define GYRO_VARIANT(name, target)                                                                        \
  target void complements_##name(const PairRun& run, double* w) { complementsBody(run, w); }              \
  target void distances_##name(const PairRun& run, float* d) { GYRO_FORMS(GYRO_DISTANCES, name::Vector) } \
  target double curvatureSum_##name(const PairRun& run, const Pulls& dy) {                                \
    GYRO_FORMS(GYRO_CURVATURE, name::Vector)                                                              \
  }                                                                                                       \
  target RowSums firstWeights_##name(const PairRun& run, const Pulls& dy, const Weights& out) {           \
    GYRO_FORMS(GYRO_FIRST, name::Vector)                                                                  \
  }                                                                                                       \
  target SecondRowSums secondWeights_##name(const PairRun& run, const SecondRun& second, const float* dy, \
                                            const Weights& first, const Weights& along, float* toDy) {    \
    GYRO_FORMS(GYRO_SECOND, name::Vector)                                                                 \
  }                                                                                                       \
  target void squares_##name(const SquareTile& tile) { squaresBody<name>(tile); }                         \
  target void along_##name(const AlongTile& tile) { alongBody<name>(tile); }                              \
  target void acrossColumns_##name(const Product& product, size_t rows, size_t width) {                   \
    productBody<name, kLanes, 1>(product, rows, width);                                                   \
  }                                                                                                       \
  target void downRows_##name(const Product& product, size_t columns, size_t width) {                     \
    productBody<name, 1, kLanes>(product, columns, width);                                                \
  }                                                                                                       \
  const PairKernels kernels_##name = {complements_##name,  distances_##name,     curvatureSum_##name,     \
                                      firstWeights_##name, secondWeights_##name, squares_##name,          \
                                      along_##name,        acrossColumns_##name, downRows_##name};

GYRO_VARIANT(Portable, )
#if GYRO_X86
GYRO_VARIANT(Avx2, GYRO_AVX2_FMA)
GYRO_VARIANT(Avx512, GYRO_AVX512_FMA)
#endif

const PairKernels& choose() {
#if GYRO_X86
  if (hasAvx512() && hasFma()) return kernels_Avx512;
  if (hasAvx2() && hasFma()) return kernels_Avx2;
#endif
  return kernels_Portable;
}

}  // namespace

const PairKernels& pairKernels() {
  static const PairKernels& chosen = choose();
  return chosen;
}

}  // namespace gyro
