#include "crc32c.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "../targets.h"

#if GYRO_X86
#include <nmmintrin.h>
#define GYRO_SSE42 __attribute__((target("sse4.2")))
#endif

namespace gyro {
namespace {

/** Pieces whose sums do not wait for one another. */
constexpr size_t kTogether = 4;

using Table = std::array<uint32_t, 256>;

const std::array<Table, 8>& tables() {
  static const std::array<Table, 8> made = [] {
    std::array<Table, 8> all;
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t sum = i;
      for (int bit = 0; bit < 8; bit++) sum = (sum >> 1) ^ (sum & 1 ? 0x82f63b78u : 0);
      all[0][i] = sum;
    }
    for (size_t t = 1; t < all.size(); t++) {
      for (size_t i = 0; i < 256; i++) all[t][i] = (all[t - 1][i] >> 8) ^ all[0][all[t - 1][i] & 255];
    }
    return all;
  }();
  return made;
}

uint32_t portableSum(const uint8_t* bytes, size_t length, uint32_t sum) {
  const std::array<Table, 8>& t = tables();
  for (; length >= 8; bytes += 8, length -= 8) {
    uint32_t next = 0;
    for (size_t i = 0; i < 4; i++) next ^= t[7 - i][((sum >> (8 * i)) ^ bytes[i]) & 255] ^ t[3 - i][bytes[4 + i]];
    sum = next;
  }
  for (; length > 0; bytes++, length--) sum = (sum >> 8) ^ t[0][(sum ^ *bytes) & 255];
  return sum;
}

#if GYRO_X86
bool hasSse42() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("sse4.2");
}

GYRO_SSE42 uint64_t addWord(uint64_t sum, const uint8_t* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return _mm_crc32_u64(sum, word);
}

GYRO_SSE42 uint32_t sse42Sum(const uint8_t* bytes, size_t length, uint32_t sum) {
  uint64_t wide = sum;
  for (; length >= 8; bytes += 8, length -= 8) wide = addWord(wide, bytes);
  sum = static_cast<uint32_t>(wide);
  for (; length > 0; bytes++, length--) sum = _mm_crc32_u8(sum, *bytes);
  return sum;
}

GYRO_SSE42 void sse42Pieces(const uint8_t* bytes, size_t piece, uint32_t* sums) {
  uint64_t wide[kTogether] = {0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu};
  for (size_t at = 0; at < piece; at += 8) {
#pragma GCC unroll 4
    for (size_t i = 0; i < kTogether; i++) wide[i] = addWord(wide[i], bytes + i * piece + at);
  }
  for (size_t i = 0; i < kTogether; i++) sums[i] = ~static_cast<uint32_t>(wide[i]);
}
#endif

uint32_t anySum(const uint8_t* bytes, size_t length, uint32_t sum) {
#if GYRO_X86
  static const bool fast = hasSse42();
  if (fast) return sse42Sum(bytes, length, sum);
#endif
  return portableSum(bytes, length, sum);
}

}  // namespace

uint32_t crc32c(const uint8_t* bytes, size_t length, uint32_t before) { return ~anySum(bytes, length, ~before); }

void crc32cOfPieces(const uint8_t* bytes, size_t length, size_t piece, uint32_t* sums) {
#if GYRO_X86
  static const bool fast = hasSse42();
  for (; fast && piece % 8 == 0 && length >= kTogether * piece; sums += kTogether) {
    sse42Pieces(bytes, piece, sums);
    bytes += kTogether * piece;
    length -= kTogether * piece;
  }
#endif
  for (; length > 0; sums++) {
    const size_t part = std::min(piece, length);
    *sums = crc32c(bytes, part, 0);
    bytes += part;
    length -= part;
  }
}

}  // namespace gyro
