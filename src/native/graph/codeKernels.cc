#include "codeKernels.h"

#include <limits>

#include "../pairs/pairwiseLanes.h"
#include "walkKernels.h"
#include "walkLanes.h"

#if GYRO_X86
#include <immintrin.h>
#endif

// Here the compiler may round a product and its sum once: keys rank candidates, float64 decides.
#if defined(__clang__)
#pragma clang fp contract(fast)
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=fast")
#endif

namespace gyro {
namespace {

template <class N>
GYRO_INLINE N loadNarrow(const uint8_t* from) {
  N value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// Numbers of a code as float32. Not by one cast of a vector: compilers make it number by number.

struct Portable {
  using V = Floats4;
  template <Code code>
  static inline V load(const uint8_t* from) {
    Words4 words;
    for (int i = 0; i < widthOf<V>; i++) {
      if constexpr (code == Code::int8) words[i] = static_cast<int8_t>(from[i]);
      else if constexpr (code == Code::int16) words[i] = loadNarrow<int16_t>(from + 2 * i);
      else words[i] = static_cast<int>(static_cast<uint32_t>(loadNarrow<uint16_t>(from + 2 * i)) << 16);
    }
    if constexpr (code == Code::bfloat16) return reinterpret_cast<V>(words);
    return __builtin_convertvector(words, V);
  }
};

#if GYRO_X86
struct Avx2 {
  using V = Floats8;
  template <Code code>
  GYRO_AVX2_FMA static inline V load(const uint8_t* from) {
    if constexpr (code == Code::int8) {
      const __m128i narrow = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
      return (V)_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(narrow));
    }
    const __m128i narrow = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    if constexpr (code == Code::int16) return (V)_mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(narrow));
    return (V)_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(narrow), 16));
  }
};

struct Avx512 {
  using V = Floats16;
  /** Of the masked forms, since the others start from a vector that gcc 12 warns of. */
  static constexpr __mmask16 kAll = 0xffff;
  template <Code code>
  GYRO_AVX512_FMA static inline V load(const uint8_t* from) {
    if constexpr (code == Code::int8) {
      const __m128i narrow = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
      return __builtin_convertvector((Words16)_mm512_maskz_cvtepi8_epi32(kAll, narrow), V);
    }
    const __m256i narrow = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    if constexpr (code == Code::int16) {
      return __builtin_convertvector((Words16)_mm512_maskz_cvtepi16_epi32(kAll, narrow), V);
    }
    return reinterpret_cast<V>((Words16)_mm512_maskz_cvtepu16_epi32(kAll, narrow) << 16);
  }
};
#endif

template <Code code, class V>
GYRO_INLINE V addTerm(V sum, V q, V y, float scale) {
  const V difference = code == Code::bfloat16 ? q - y : q - scale * y;
  return sum + difference * difference;
}

/** Four rows at a time, as fourRows of walkKernels.cc. */
template <Code code, class Loader>
GYRO_INLINE void squaresBody(const float* q, const uint8_t* const* codes, const float* scales, int count,
                             int columns, float* out) {
  using V = typename Loader::V;
  constexpr int kBytes = bytesOf(code);
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
      for (int r = 0; r < 4; r++) {
        const V y = Loader::template load<code>(rows[r] + k * kBytes);
        sums[r] = addTerm<code>(sums[r], x, y, factors[r]);
      }
    }
    if (k < columns) {
      const V x = firstLanes(loadFloats<V>(q + k), columns - k);
#pragma GCC unroll 4
      for (int r = 0; r < 4; r++) {
        const V y = firstLanes(Loader::template load<code>(rows[r] + k * kBytes), columns - k);
        sums[r] = addTerm<code>(sums[r], x, y, factors[r]);
      }
    }
    Floats4 found = sumsOf(sums);
    found = found == found ? found : Floats4{} + std::numeric_limits<float>::infinity();
    std::memcpy(out + i, &found, sizeof found);
  }
}

#define GYRO_VARIANT(name, target, Loader)                                                           \
  template <Code code>                                                                               \
  target void squares_##name(const float* q, const uint8_t* const* codes, const float* scales,       \
                             int count, int n, float* out) {                                         \
    squaresBody<code, Loader>(q, codes, scales, count, n, out);                                      \
  }

GYRO_VARIANT(portable, , Portable)
#if GYRO_X86
GYRO_VARIANT(avx2, GYRO_AVX2_FMA, Avx2)
GYRO_VARIANT(avx512, GYRO_AVX512_FMA, Avx512)
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
