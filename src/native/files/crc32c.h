#pragma once

#include <cstddef>
#include <cstdint>

namespace gyro {

/**
 * CRC-32C (polynomial 0x1edc6f41, reflected, inverted before and after: RFC 3720, B.4) of bytes that follow
 * others.
 */
uint32_t crc32c(const uint8_t* bytes, size_t length, uint32_t before);

/** The sums of pieces of `piece` bytes each, the last of which may be shorter. */
void crc32cOfPieces(const uint8_t* bytes, size_t length, size_t piece, uint32_t* sums);

}  // namespace gyro
