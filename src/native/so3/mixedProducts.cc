#include "mixedProducts.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "../parallel.h"
#include "mixedTile.h"

namespace gyro {
namespace {

constexpr float kEpsilon = 1e-8f;

/** What all tiles of a call share. */
struct Call {
  const MixedProducts& shape;
  const TermGroups& groups;
  const float* x;
  size_t outRows;
};

/** Floats of a row of kernel gradients: outputs, filled up to whole vectors of every width. */
size_t paddedOutputs(const MixedProducts& shape) { return (shape.outputs + 15) / 16 * 16; }

/** Channels [channel, channel + used) of items [item, item + items): rows of kWidth, zeros behind. */
template <class T>
GYRO_INLINE void pack(const Call& call, size_t channel, size_t used, size_t item, size_t items, float* to) {
  const MixedProducts& shape = call.shape;
  std::memset(to, 0, shape.plan.aRows * T::kWidth * sizeof(float));
  for (size_t r = 0; r < shape.plan.aRows; r++)
    for (size_t c = 0; c < used; c++)
      std::memcpy(to + r * T::kWidth + c * kItems, call.x + (r * shape.channels + channel + c) * shape.batch + item,
                  items * sizeof(float));
}

/** Rows of a degree's products and of its outputs, and where its kernel starts, one degree after the other. */
template <class Visit>
GYRO_INLINE void eachRow(const MixedProducts& shape, Visit visit) {
  size_t product = 0, row = 0, kernel = 0;
  for (size_t l = 0; l < shape.degrees; l++) {
    const size_t paths = shape.paths[l];
    for (size_t m = 0; m < 2 * l + 1; m++, row++, product += paths) visit(l, product, paths, row, kernel);
    kernel += paths * shape.channels;
  }
}

template <class T>
GYRO_INLINE void forwardTile(const Call& call, size_t item, float* out, float* norms) {
  const MixedProducts& shape = call.shape;
  const size_t items = std::min(kItems, shape.batch - item);
  thread_local std::vector<float> memory;
  const size_t most = *std::max_element(shape.paths, shape.paths + shape.degrees);
  memory.resize((shape.plan.aRows + most) * T::kWidth + call.outRows * shape.outputs * kItems);
  float* const x = memory.data();
  float* const h = x + shape.plan.aRows * T::kWidth;
  float* const y = h + most * T::kWidth;
  std::fill(y, y + call.outRows * shape.outputs * kItems, 0.0f);
  float squares[kItems] = {};
  for (size_t channel = 0; channel < shape.channels; channel += T::kChannels) {
    const size_t used = std::min(T::kChannels, shape.channels - channel);
    pack<T>(call, channel, used, item, items, x);
    eachRow(shape, [&](size_t l, size_t product, size_t paths, size_t row, size_t kernel) __attribute__((always_inline)) {
      T::products(shape.plan, call.groups, product, paths, x, h);
      T::addSquares(h, paths, 1.0f / (2 * l + 1), squares);
      T::mix(shape.kernels + (kernel + channel) * shape.outputs, shape.channels, used, shape.outputs, paths, h,
             y + row * shape.outputs * kItems);
    });
  }
  for (size_t i = 0; i < items; i++) squares[i] = norms[item + i] = 1 / std::sqrt(squares[i] + kEpsilon);
  for (size_t o = 0; o < call.outRows * shape.outputs; o++)
    for (size_t i = 0; i < items; i++) out[o * shape.batch + item + i] = y[o * kItems + i] * squares[i];
}

/** Of a tile: gradients of what is mixed, [row][output][item] and [row][item][output]; what pulls on the products. */
struct Pulled {
  const float* dy;
  const float* turned;
  const float* pull;
};

template <class T>
GYRO_INLINE void backwardTile(const Call& call, const Pulled& pulled, size_t channel, size_t item, float* dx, float* dKernels) {
  const MixedProducts& shape = call.shape;
  const size_t items = std::min(kItems, shape.batch - item);
  const size_t used = std::min(T::kChannels, shape.channels - channel);
  const size_t padded = paddedOutputs(shape);
  thread_local std::vector<float> memory;
  const size_t most = *std::max_element(shape.paths, shape.paths + shape.degrees);
  memory.resize(2 * (shape.plan.aRows + most) * T::kWidth);
  float* const x = memory.data();
  float* const sum = x + shape.plan.aRows * T::kWidth;
  float* const h = sum + shape.plan.aRows * T::kWidth;
  float* const dh = h + most * T::kWidth;
  pack<T>(call, channel, used, item, items, x);
  std::fill(sum, sum + shape.plan.aRows * T::kWidth, 0.0f);
  eachRow(shape, [&](size_t l, size_t product, size_t paths, size_t row, size_t kernel) __attribute__((always_inline)) {
    float pull[kItems];
    for (size_t i = 0; i < kItems; i++) pull[i] = pulled.pull[i] / (2 * l + 1);
    T::products(shape.plan, call.groups, product, paths, x, h);
    T::unmix(shape.kernels + (kernel + channel) * shape.outputs, shape.channels, used, shape.outputs, paths, h, pull,
             pulled.dy + row * shape.outputs * kItems, dh);
    T::addOuter(h, pulled.turned + row * padded * kItems, shape.channels, used, padded, paths,
                dKernels + (kernel + channel) * padded);
    T::unproduct(shape.plan, call.groups, product, paths, x, dh, sum);
  });
  for (size_t r = 0; r < shape.plan.aRows; r++)
    for (size_t c = 0; c < used; c++)
      std::memcpy(dx + (r * shape.channels + channel + c) * shape.batch + item, sum + r * T::kWidth + c * kItems,
                  items * sizeof(float));
}

using Forward = void (*)(const Call& call, size_t item, float* out, float* norms);
using Backward = void (*)(const Call& call, const Pulled& pulled, size_t channel, size_t item, float* dx, float* dKernels);

/** For signals of at least `channels` channels. */
struct Kernels {
  size_t channels;
  Forward forward;
  Backward backward;
};

#define GYRO_MIXED(target, name, V, Sum, N)                                                                          \
  target void forward_##name(const Call& call, size_t item, float* out, float* norms) {                              \
    forwardTile<MixedTile<V, Sum, N>>(call, item, out, norms);                                                       \
  }                                                                                                                  \
  target void backward_##name(const Call& call, const Pulled& pulled, size_t channel, size_t item, float* dx,        \
                              float* dKernels) {                                                                     \
    backwardTile<MixedTile<V, Sum, N>>(call, pulled, channel, item, dx, dKernels);                                   \
  }                                                                                                                  \
  constexpr Kernels name{N * floatLanes<V> / kItems, forward_##name, backward_##name};

GYRO_MIXED(, portable, Floats4, PortableFloats, 4)
#if GYRO_X86
GYRO_MIXED(GYRO_AVX2_FMA, avx2, Floats8, FusedFloats, 4)
GYRO_MIXED(GYRO_AVX2_FMA, avx2Single, Floats8, FusedFloats, 2)
GYRO_MIXED(GYRO_AVX512_FMA, avx512, Floats16, FusedFloats, 4)
GYRO_MIXED(GYRO_AVX512_FMA, avx512Single, Floats16, FusedFloats, 1)
#endif

Kernels choose(size_t channels) {
#if GYRO_X86
  if (hasAvx512() && hasFma()) return channels < 2 ? avx512Single : avx512;
  if (hasAvx2() && hasFma()) return channels < 2 ? avx2Single : avx2;
#endif
  return portable;
}

size_t rowsOf(const MixedProducts& shape) { return shape.degrees * shape.degrees; }

/** See Pulled: `dy` times the norm, both ways round, and the pull of the norm on squares of products. */
void pullTile(const MixedProducts& shape, const float* out, const float* norms, const float* dy, size_t item, float* scaled,
              float* turned, float* pull) {
  const size_t items = std::min(kItems, shape.batch - item);
  const size_t padded = paddedOutputs(shape);
  std::fill(pull, pull + kItems, 0.0f);
  for (size_t row = 0; row < rowsOf(shape); row++) {
    float* const rowTurned = turned + row * padded * kItems;
    std::fill(rowTurned, rowTurned + padded * kItems, 0.0f);
    for (size_t o = 0; o < shape.outputs; o++) {
      const size_t at = (row * shape.outputs + o) * shape.batch + item;
      float* const to = scaled + (row * shape.outputs + o) * kItems;
      for (size_t i = 0; i < items; i++) {
        pull[i] -= dy[at + i] * out[at + i];
        rowTurned[i * padded + o] = to[i] = dy[at + i] * norms[item + i];
      }
      for (size_t i = items; i < kItems; i++) to[i] = 0;
    }
  }
  for (size_t i = 0; i < items; i++) pull[i] *= norms[item + i] * norms[item + i];
}

}  // namespace

void mixProducts(const MixedProducts& shape, const float* x, int threads, float* out, float* norms) {
  const TermGroups groups = groupTerms(shape.plan);
  const Call call{shape, groups, x, rowsOf(shape)};
  const Forward forward = choose(shape.channels).forward;
  parallelFor(threads, (shape.batch + kItems - 1) / kItems, [&](size_t tile) { forward(call, tile * kItems, out, norms); });
}

void pullMixedProducts(const MixedProducts& shape, const float* x, const float* out, const float* norms, const float* dy,
                       int threads, float* dx, float* dKernels) {
  const TermGroups groups = groupTerms(shape.plan);
  const size_t rows = rowsOf(shape);
  const Call call{shape, groups, x, rows};
  const Kernels kernels = choose(shape.channels);
  const size_t tiles = (shape.batch + kItems - 1) / kItems;
  const size_t blocks = (shape.channels + kernels.channels - 1) / kernels.channels;
  const size_t padded = paddedOutputs(shape);
  size_t inputs = 0;
  for (size_t l = 0; l < shape.degrees; l++) inputs += shape.paths[l] * shape.channels;
  const size_t scaled = rows * shape.outputs * kItems, turned = rows * padded * kItems, weights = inputs * padded;
  thread_local std::vector<float> memory;
  const size_t each = scaled + turned + kItems + weights;
  memory.resize(tiles * each);
  float* const shared = memory.data();
  parallelFor(threads, tiles, [&](size_t tile) {
    float* const own = shared + tile * each;
    pullTile(shape, out, norms, dy, tile * kItems, own, own + scaled, own + scaled + turned);
    std::fill(own + each - weights, own + each, 0.0f);
  });
  parallelFor(threads, tiles * blocks, [&](size_t work) {
    const size_t tile = work / blocks;
    float* const own = shared + tile * each;
    kernels.backward(call, {own, own + scaled, own + scaled + turned}, work % blocks * kernels.channels, tile * kItems, dx,
                     own + each - weights);
  });
  parallelFor(threads, (inputs + 63) / 64, [&](size_t part) {
    for (size_t k = part * 64; k < std::min(inputs, part * 64 + 64); k++) {
      for (size_t o = 0; o < shape.outputs; o++) {
        float sum = 0;
        for (size_t tile = 0; tile < tiles; tile++) sum += shared[tile * each + each - weights + k * padded + o];
        dKernels[k * shape.outputs + o] = sum;
      }
    }
  });
}

}  // namespace gyro
