#pragma once

// One binary for every processor: each hot function exists for several instruction sets and is chosen when the addon
// is loaded. All of them add in the same order, and the compiler may not fuse multiply and add (-ffp-contract=off), so
// they give the same bits: only the mathematical library's logarithms may differ between machines. The pair kernels fuse
// on purpose, and say in pairwiseLanes.h what that means.

#define GYRO_INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__)
#define GYRO_X86 1
#define GYRO_AVX2 __attribute__((target("avx2")))
#define GYRO_AVX512 __attribute__((target("avx512f")))

namespace gyro {
inline bool hasAvx2() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2");
}
inline bool hasAvx512() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f");
}
}  // namespace gyro
#else
#define GYRO_X86 0
#endif
