#include "couplings.h"

#include <algorithm>
#include <vector>

#include "../losses/floatLanes.h"
#include "../parallel.h"

namespace gyro {
namespace {

/** Columns that a thread takes at a time: their rows of degrees up to 10 stay in its first cache. */
constexpr size_t kTile = 64;

/** Columns of the tile side by side, zeros behind `count`: rows may be a power of two apart, where the cache holds few. */
GYRO_INLINE void packBody(const float* rows, size_t count, size_t columns, size_t used, float* to) {
  for (size_t r = 0; r < count; r++) {
    std::memcpy(to + r * kTile, rows + r * columns, used * sizeof(float));
    std::memset(to + r * kTile + used, 0, (kTile - used) * sizeof(float));
  }
}

template <class V, class Sum>
GYRO_INLINE void tileBody(const Couplings& plan, const float* a, const float* b, size_t columns, size_t used, float* out) {
  constexpr size_t kLanes = floatLanes<V>;
  constexpr size_t kVectors = 4;
  const V none{};
  float row[kTile];
  for (size_t r = 0; r < plan.outRows; r++) {
    for (size_t at = 0; at < kTile; at += kVectors * kLanes) {
      V sums[kVectors] = {none, none, none, none};
      for (int32_t t = plan.starts[r]; t < plan.starts[r + 1]; t++) {
        const float* x = a + size_t(plan.factors[t]) * kTile + at;
        const float* y = b + size_t(plan.others[t]) * kTile + at;
        const V c = plan.coefficients[t] + none;
        _Pragma("GCC unroll 4") for (size_t v = 0; v < kVectors; v++)
          sums[v] = Sum::add(sums[v], c * loadFloats<V>(x + v * kLanes), loadFloats<V>(y + v * kLanes));
      }
      _Pragma("GCC unroll 4") for (size_t v = 0; v < kVectors; v++) storeFloats(row + at + v * kLanes, sums[v]);
    }
    std::memcpy(out + r * columns, row, used * sizeof(float));
  }
}

using Tile = void (*)(const Couplings& plan, const float* a, const float* b, size_t columns, size_t used, float* out);

void tile_portable(const Couplings& plan, const float* a, const float* b, size_t columns, size_t used, float* out) {
  tileBody<Floats4, PortableFloats>(plan, a, b, columns, used, out);
}
#if GYRO_X86
GYRO_AVX2_FMA void tile_avx2(const Couplings& plan, const float* a, const float* b, size_t columns,
                                                   size_t used, float* out) {
  tileBody<Floats8, FusedFloats>(plan, a, b, columns, used, out);
}
GYRO_AVX512_FMA void tile_avx512(const Couplings& plan, const float* a, const float* b, size_t columns, size_t used,
                             float* out) {
  tileBody<Floats16, FusedFloats>(plan, a, b, columns, used, out);
}
#endif

Tile choose() {
#if GYRO_X86
  if (hasAvx512() && hasFma()) return tile_avx512;
  if (hasAvx2() && hasFma()) return tile_avx2;
#endif
  return tile_portable;
}

}  // namespace

void couple(const Couplings& plan, const float* a, const float* b, size_t columns, int threads, float* out) {
  static const Tile tile = choose();
  parallelFor(threads, (columns + kTile - 1) / kTile, [&](size_t item) {
    thread_local std::vector<float> packed;
    const size_t from = item * kTile;
    const size_t used = std::min(kTile, columns - from);
    packed.resize((plan.aRows + plan.bRows) * kTile);
    float* const packedB = packed.data();
    packBody(b + from, plan.bRows, columns, used, packedB);
    const bool self = a == b;
    float* const packedA = self ? packedB : packedB + plan.bRows * kTile;
    if (!self) packBody(a + from, plan.aRows, columns, used, packedA);
    tile(plan, packedA, packedB, columns, used, out + from);
  });
}

}  // namespace gyro
