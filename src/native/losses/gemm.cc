#include "gemm.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "floatLanes.h"
#include "../parallel.h"

namespace gyro {
namespace {

/** Floats of the packed b: so many stay in the second cache while all rows of a pass over them. */
constexpr size_t kPacked = size_t{1} << 18;
constexpr size_t kColumns = 1024;
/** Tiles of a that a thread takes at a time. */
constexpr size_t kTiles = 2;
/** Packed floats below which a second thread would begin when the first is done. */
constexpr size_t kShare = size_t{1} << 15;

#define GYRO_UNROLL_16 _Pragma("GCC unroll 16")

/** Rows may be a power of two apart, where the cache holds few lines: each is read to its end. */
constexpr size_t kLine = 16;

/** Where a tile is: `count` outer indices from `first`, inner ones from `from`. */
struct Panel {
  size_t first;
  size_t count;
  size_t from;
  size_t inner;
};

/** to[p * width + r] = entry (first + r, from + p); 0 for r >= count. */
template <size_t width>
GYRO_INLINE void packBody(const Operand& in, const Panel& panel, float* to) {
  const float* values = in.values + panel.first * in.outerStep + panel.from * in.innerStep;
  float scales[width] = {};
  for (size_t r = 0; r < panel.count; r++) scales[r] = in.outerFactors ? in.outerFactors[panel.first + r] : 1;
  const auto scaleAt = [&](size_t p) { return in.innerFactors ? in.innerFactors[panel.from + p] : 1; };
  if (panel.count < width) {
    for (size_t p = 0; p < panel.inner; p++, to += width) {
      const float scale = scaleAt(p);
      for (size_t r = 0; r < width; r++) {
        to[r] = r < panel.count ? values[r * in.outerStep + p * in.innerStep] * (scales[r] * scale) : 0;
      }
    }
  } else if (in.outerStep == 1) {
    for (size_t p = 0; p < panel.inner; p++, to += width, values += in.innerStep) {
      const float scale = scaleAt(p);
      for (size_t r = 0; r < width; r++) to[r] = values[r] * (scales[r] * scale);
    }
  } else {
    for (size_t p = 0; p < panel.inner; p += kLine) {
      const size_t count = std::min(kLine, panel.inner - p);
      for (size_t r = 0; r < width; r++) {
        const float* line = values + r * in.outerStep + p * in.innerStep;
        for (size_t q = 0; q < count; q++) to[(p + q) * width + r] = line[q * in.innerStep] * (scales[r] * scaleAt(p + q));
      }
    }
  }
}

/** out[r, c] += Σ_p a[p, r] b[p, c]: all sums stay in registers. */
template <class Shape>
GYRO_INLINE void tileBody(const float* a, const float* b, size_t inner, float* out, size_t step) {
  using V = typename Shape::Vector;
  constexpr int rows = Shape::rows;
  constexpr int vectors = Shape::vectors;
  constexpr size_t lanes = floatLanes<V>;
  V sums[rows][vectors];
  GYRO_UNROLL_16 for (int r = 0; r < rows; r++) {
    GYRO_UNROLL_16 for (int c = 0; c < vectors; c++) sums[r][c] = loadFloats<V>(out + r * step + c * lanes);
  }
  for (size_t p = 0; p < inner; p++) {
    V at[vectors];
    GYRO_UNROLL_16 for (int c = 0; c < vectors; c++) at[c] = loadFloats<V>(b + c * lanes);
    GYRO_UNROLL_16 for (int r = 0; r < rows; r++) {
      const V weight = a[r] - V{};
      GYRO_UNROLL_16 for (int c = 0; c < vectors; c++) sums[r][c] = Shape::Sum::add(sums[r][c], weight, at[c]);
    }
    a += rows;
    b += vectors * lanes;
  }
  GYRO_UNROLL_16 for (int r = 0; r < rows; r++) {
    GYRO_UNROLL_16 for (int c = 0; c < vectors; c++) storeFloats(out + r * step + c * lanes, sums[r][c]);
  }
}

template <class SumOf, class VectorOf, int rowsOf, int vectorsOf>
struct Shape {
  using Sum = SumOf;
  using Vector = VectorOf;
  static constexpr int rows = rowsOf;
  static constexpr int vectors = vectorsOf;
  static constexpr size_t columns = vectors * floatLanes<Vector>;
};
using Portable = Shape<PortableFloats, Floats4, 4, 2>;
#if GYRO_X86
using Avx2 = Shape<FusedFloats, Floats8, 6, 2>;
using Avx512 = Shape<FusedFloats, Floats16, 12, 2>;
#endif
/** Of any variant. */
constexpr size_t kTileValues = 12 * 32;

struct Kernels {
  size_t rows;
  size_t columns;
  void (*packRows)(const Operand& in, const Panel& panel, float* to);
  void (*packColumns)(const Operand& in, const Panel& panel, float* to);
  void (*tile)(const float* a, const float* b, size_t inner, float* out, size_t step);
};

#define GYRO_VARIANT(name, target)                                                                  \
  target void packRows_##name(const Operand& in, const Panel& panel, float* to) {                   \
    packBody<name::rows>(in, panel, to);                                                            \
  }                                                                                                 \
  target void packColumns_##name(const Operand& in, const Panel& panel, float* to) {                \
    packBody<name::columns>(in, panel, to);                                                         \
  }                                                                                                 \
  target void tile_##name(const float* a, const float* b, size_t inner, float* out, size_t step) {  \
    tileBody<name>(a, b, inner, out, step);                                                         \
  }                                                                                                 \
  static_assert(name::rows * name::columns <= kTileValues, "a tile fits the spare one");             \
  const Kernels kernels_##name = {name::rows, name::columns, packRows_##name, packColumns_##name, tile_##name};

GYRO_VARIANT(Portable, )
#if GYRO_X86
GYRO_VARIANT(Avx2, GYRO_AVX2_FMA)
GYRO_VARIANT(Avx512, GYRO_AVX512_FMA)
#endif

const Kernels& choose() {
#if GYRO_X86
  if (hasAvx512() && hasFma()) return kernels_Avx512;
  if (hasAvx2() && hasFma()) return kernels_Avx2;
#endif
  return kernels_Portable;
}

size_t partsOf(size_t count, size_t part) { return (count + part - 1) / part; }

/** Memory that a thread keeps from call to call, so that the system need not clear it anew; at whole cache lines. */
class Scratch {
 public:
  float* atLeast(size_t count) {
    if (values_.size() < count + 16) values_.resize(count + 16);
    const auto address = reinterpret_cast<uintptr_t>(values_.data());
    return values_.data() + (64 - address % 64) % 64 / sizeof(float);
  }

 private:
  std::vector<float> values_;
};

/** The columns from `column` on, summed over the inner indices from `from` on. */
struct Block {
  size_t column;
  size_t columns;
  size_t from;
  size_t inner;
};

void addBlock(const MatrixProduct& in, const Kernels& kernel, const Block& block, float* packed) {
  const size_t panels = partsOf(block.columns, kernel.columns);
  const size_t panelSize = kernel.columns * block.inner;
  const size_t together = std::max<size_t>(1, kShare / panelSize);
  parallelFor(in.threads, partsOf(panels, together), [&](size_t item) {
    for (size_t k = item * together; k < std::min(panels, (item + 1) * together); k++) {
      const size_t column = k * kernel.columns;
      const size_t count = std::min(kernel.columns, block.columns - column);
      kernel.packColumns(in.b, {block.column + column, count, block.from, block.inner}, packed + k * panelSize);
    }
  });
  const size_t height = kTiles * kernel.rows;
  parallelFor(in.threads, partsOf(in.rows, height), [&](size_t item) {
    static thread_local Scratch scratch;
    const size_t first = item * height;
    const size_t tiles = partsOf(std::min(height, in.rows - first), kernel.rows);
    const size_t tileSize = kernel.rows * block.inner;
    float* a = scratch.atLeast(tiles * tileSize);
    for (size_t t = 0; t < tiles; t++) {
      const size_t row = first + t * kernel.rows;
      const size_t count = std::min(kernel.rows, in.rows - row);
      kernel.packRows(in.a, {row, count, block.from, block.inner}, a + t * tileSize);
    }
    for (size_t k = 0; k < panels; k++) {
      const float* b = packed + k * panelSize;
      const size_t column = k * kernel.columns;
      const size_t width = std::min(kernel.columns, block.columns - column);
      for (size_t t = 0; t < tiles; t++) {
        const size_t row = first + t * kernel.rows;
        const size_t count = std::min(kernel.rows, in.rows - row);
        float* out = in.out + row * in.columns + block.column + column;
        if (count == kernel.rows && width == kernel.columns) {
          kernel.tile(a + t * tileSize, b, block.inner, out, in.columns);
          continue;
        }
        float spare[kTileValues] = {};
        for (size_t r = 0; r < count; r++) std::copy_n(out + r * in.columns, width, spare + r * kernel.columns);
        kernel.tile(a + t * tileSize, b, block.inner, spare, kernel.columns);
        for (size_t r = 0; r < count; r++) std::copy_n(spare + r * kernel.columns, width, out + r * in.columns);
      }
    }
  });
}

}  // namespace

void addProduct(const MatrixProduct& in) {
  static const Kernels& kernel = choose();
  static thread_local Scratch scratch;
  const size_t wide = partsOf(std::min(in.columns, kColumns), kernel.columns) * kernel.columns;
  if (wide == 0 || in.inner == 0) return;
  const size_t deep = std::min(in.inner, kPacked / wide);
  float* packed = scratch.atLeast(wide * deep);
  for (size_t column = 0; column < in.columns; column += kColumns) {
    for (size_t from = 0; from < in.inner; from += deep) {
      const size_t columns = std::min(kColumns, in.columns - column);
      addBlock(in, kernel, {column, columns, from, std::min(deep, in.inner - from)}, packed);
    }
  }
}

}  // namespace gyro
