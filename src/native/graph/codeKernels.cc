#include "codeKernels.h"

#include <limits>

#include "../pairs/pairwiseLanes.h"
#include "walkKernels.h"
#include "walkLanes.h"

// Here the compiler may round a product and its sum once: keys rank candidates, float64 decides.
#if defined(__clang__)
#pragma clang fp contract(fast)
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=fast")
#endif

namespace gyro {
namespace {

/** Vectors of narrow numbers, as many as V has lanes. */
template <class V>
struct Narrow {
  typedef int8_t Bytes __attribute__((vector_size(sizeof(V) / 4)));
  typedef int16_t Shorts __attribute__((vector_size(sizeof(V) / 2)));
  typedef uint16_t Halves __attribute__((vector_size(sizeof(V) / 2)));
  typedef uint32_t Words __attribute__((vector_size(sizeof(V))));
};

template <class N>
GYRO_INLINE N loadNarrow(const uint8_t* from) {
  N value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <Code code, class V>
GYRO_INLINE V loadCodes(const uint8_t* row, int k) {
  const uint8_t* const from = row + k * bytesOf(code);
  if constexpr (code == Code::int8) {
    return __builtin_convertvector(loadNarrow<typename Narrow<V>::Bytes>(from), V);
  } else if constexpr (code == Code::int16) {
    return __builtin_convertvector(loadNarrow<typename Narrow<V>::Shorts>(from), V);
  } else {
    using Words = typename Narrow<V>::Words;
    const Words upper = __builtin_convertvector(loadNarrow<typename Narrow<V>::Halves>(from), Words);
    return reinterpret_cast<V>(upper << 16);
  }
}

template <Code code, class V>
GYRO_INLINE V addTerm(V sum, V q, V y, float scale) {
  const V difference = code == Code::bfloat16 ? q - y : q - scale * y;
  return sum + difference * difference;
}

/** Four rows at a time, as fourRows of walkKernels.cc. */
template <Code code, class V>
GYRO_INLINE void squaresBody(const float* q, const uint8_t* const* codes, const float* scales, int count, int columns,
                             float* out) {
  for (int i = 0; i < count; i += 4) {
    const uint8_t* rows[4];
    float factors[4];
#pragma GCC unroll 4
    for (int r = 0; r < 4; r++) {
      rows[r] = codes[i + r < count ? i + r : count - 1];
      factors[r] = scales[i + r < count ? i + r : count - 1];
    }
    V sums[4] = {};
    int k = 0;
    for (; k + widthOf<V> <= columns; k += widthOf<V>) {
      const V x = loadFloats<V>(q + k);
#pragma GCC unroll 4
      for (int r = 0; r < 4; r++) sums[r] = addTerm<code>(sums[r], x, loadCodes<code, V>(rows[r], k), factors[r]);
    }
    if (k < columns) {
      const V x = firstLanes(loadFloats<V>(q + k), columns - k);
#pragma GCC unroll 4
      for (int r = 0; r < 4; r++) {
        sums[r] = addTerm<code>(sums[r], x, firstLanes(loadCodes<code, V>(rows[r], k), columns - k), factors[r]);
      }
    }
    Floats4 found = sumsOf(sums);
    found = found == found ? found : Floats4{} + std::numeric_limits<float>::infinity();
    std::memcpy(out + i, &found, sizeof found);
  }
}

#define GYRO_VARIANT(name, target, V)                                                                              \
  template <Code code>                                                                                             \
  target void squares_##name(const float* q, const uint8_t* const* codes, const float* scales, int count, int n,   \
                             float* out) {                                                                         \
    squaresBody<code, V>(q, codes, scales, count, n, out);                                                         \
  }

GYRO_VARIANT(portable, , Floats4)
#if GYRO_X86
GYRO_VARIANT(avx2, GYRO_AVX2_FMA, Floats8)
GYRO_VARIANT(avx512, GYRO_AVX512_FMA, Floats16)
#endif

template <Code code>
CodeSquares choose() {
#if GYRO_X86
  if (hasFma() && hasAvx512()) return squares_avx512<code>;
  if (hasFma() && hasAvx2()) return squares_avx2<code>;
#endif
  return squares_portable<code>;
}

}  // namespace

CodeSquares codeSquares(Code code) {
  static const CodeSquares chosen[] = {choose<Code::bfloat16>(), choose<Code::int16>(), choose<Code::int8>()};
  return chosen[static_cast<int>(code)];
}

}  // namespace gyro
