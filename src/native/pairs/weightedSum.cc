#include "weightedSum.h"

#include <algorithm>

#include "../parallel.h"
#include "../targets.h"

namespace gyro {
namespace {

/** Values that a thread takes at a time: they and those of a part fit its own cache. */
constexpr size_t kShare = size_t{1} << 14;

GYRO_INLINE void multiplyBody(const float* __restrict x, float factor, float* __restrict to, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] = factor * x[i];
}
GYRO_INLINE void addBody(const float* __restrict x, float factor, float* __restrict to, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] += factor * x[i];
}

using Pass = void (*)(const float* x, float factor, float* to, size_t count);

#define GYRO_VARIANT(name, target)                                                     \
  target void multiply_##name(const float* x, float factor, float* to, size_t count) { \
    multiplyBody(x, factor, to, count);                                                \
  }                                                                                    \
  target void add_##name(const float* x, float factor, float* to, size_t count) {      \
    addBody(x, factor, to, count);                                                     \
  }

GYRO_VARIANT(portable, )
#if GYRO_X86
GYRO_VARIANT(avx2, GYRO_AVX2)
GYRO_VARIANT(avx512, GYRO_AVX512)
#endif

struct Passes {
  Pass multiply;
  Pass add;
};

Passes choose() {
#if GYRO_X86
  if (hasAvx512()) return {multiply_avx512, add_avx512};
  if (hasAvx2()) return {multiply_avx2, add_avx2};
#endif
  return {multiply_portable, add_portable};
}

}  // namespace

void weightedSum(const std::vector<Weighted>& parts, size_t length, int threads, float* out) {
  static const Passes passes = choose();
  parallelFor(threads, (length + kShare - 1) / kShare, [&](size_t item) {
    const size_t from = item * kShare;
    const size_t count = std::min(kShare, length - from);
    for (size_t p = 0; p < parts.size(); p++) {
      const Pass pass = p == 0 ? passes.multiply : passes.add;
      pass(parts[p].values + from, parts[p].factor, out + from, count);
    }
  });
}

}  // namespace gyro
