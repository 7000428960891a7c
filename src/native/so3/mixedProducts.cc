#include "mixedProducts.h"

#include <algorithm>
#include <cmath>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "../parallel.h"
#include "../losses/floatLanes.h"
#include "termGroups.h"

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

/** Of a tile: gradients of what is mixed, [row][output][item] and [row][item][output]; what pulls on the products. */
struct Pulled {
  const float* dy;
  const float* turned;
  const float* pull;
};

namespace portable {
#define GYRO_TILE_TARGET
#define GYRO_TILE_VECTOR Floats4
#define GYRO_TILE_ADD(sum, x, y) PortableFloats::add(sum, x, y)
#include "mixedTileBody.h"
}  // namespace portable
#if GYRO_X86
namespace avx2 {
#define GYRO_TILE_TARGET GYRO_AVX2_FMA
#define GYRO_TILE_VECTOR Floats8
#define GYRO_TILE_ADD(sum, x, y) (Floats8) _mm256_fmadd_ps((__m256)x, (__m256)y, (__m256)sum)
#include "mixedTileBody.h"
}  // namespace avx2
namespace avx512 {
#define GYRO_TILE_TARGET GYRO_AVX512_FMA
#define GYRO_TILE_VECTOR Floats16
#define GYRO_TILE_ADD(sum, x, y) (Floats16) _mm512_fmadd_ps((__m512)x, (__m512)y, (__m512)sum)
#include "mixedTileBody.h"
}  // namespace avx512
#endif

using Forward = void (*)(const Call& call, size_t item, float* out, float* norms);
using Backward = void (*)(const Call& call, const Pulled& pulled, size_t channel, size_t item, float* dx, float* dKernels);

/** The backward pass takes `channels` channels at a time: fewer, as it keeps twice the rows in the first cache. */
struct Kernels {
  size_t channels;
  Forward forward;
  Backward backward;
};

#define GYRO_MIXED(target, isa, name, N, M)                                                                       \
  target void forward_##name(const Call& call, size_t item, float* out, float* norms) {                        \
    isa::forwardTile<isa::MixedTile<N>>(call, item, out, norms);                                               \
  }                                                                                                            \
  target void backward_##name(const Call& call, const Pulled& pulled, size_t channel, size_t item, float* dx,  \
                              float* dKernels) {                                                               \
    isa::backwardTile<isa::MixedTile<M>>(call, pulled, channel, item, dx, dKernels);                           \
  }                                                                                                            \
  constexpr Kernels name##Kernels{isa::MixedTile<M>::kChannels, forward_##name, backward_##name};

GYRO_MIXED(, portable, portable, 4, 4)
#if GYRO_X86
GYRO_MIXED(GYRO_AVX2_FMA, avx2, avx2, 4, 4)
GYRO_MIXED(GYRO_AVX2_FMA, avx2, avx2Single, 2, 2)
GYRO_MIXED(GYRO_AVX512_FMA, avx512, avx512, 4, 2)
GYRO_MIXED(GYRO_AVX512_FMA, avx512, avx512Single, 1, 1)
#endif

Kernels choose(size_t channels) {
#if GYRO_X86
  if (hasAvx512() && hasFma()) return channels < 2 ? avx512SingleKernels : avx512Kernels;
  if (hasAvx2() && hasFma()) return channels < 2 ? avx2SingleKernels : avx2Kernels;
#endif
  return portableKernels;
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
