#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "../files/mappedFile.h"

namespace gyro {

/**
 * Where the blocks of an index file lie: byte offsets and lengths, which are within the file and are whole
 * entries.
 */
struct MappedGraph {
  struct Block {
    size_t at;
    size_t bytes;
  };
  /** In the order of the file. */
  enum Name { ids, vectors, scalars, levels, lowest, upper, twins, stragglers, blocks };

  std::shared_ptr<MappedFile> file;
  Block block[blocks];
  Block sums;
  size_t rows;
  uint32_t entry;  // kNone without nodes

  template <class T>
  T* array(Name name) const {
    return reinterpret_cast<T*>(file->at(block[name].at));
  }
};

/** Bytes that share a checksum: SUM_PIECE of indices/format/pieceSums.ts. */
constexpr size_t kSumPiece = size_t{1} << 16;

}  // namespace gyro
