#pragma once

#include <cstdint>

namespace gyro {

/** splitmix64's finaliser: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators". */
inline uint64_t mixBits(uint64_t z) {
  z += 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

}  // namespace gyro
