#include "mapped.h"

#include <stdexcept>
#include <string>

#include "../files/crc32c.h"
#include "graphIndex.h"

namespace gyro {
namespace {

/** Pieces, and rows, that a thread looks at before it asks for more. */
constexpr size_t kPieces = 16;
constexpr size_t kRows = 4096;

const char* const kNames[] = {"ids", "vectors", "scalars", "levels", "lowest", "upper", "twins", "stragglers"};

/** @throws std::invalid_argument naming the block whose bytes are not those that were written */
void requireSums(const MappedGraph& mapped, int threads) {
  const uint32_t* sums = reinterpret_cast<const uint32_t*>(mapped.file->at(mapped.sums.at));
  for (size_t b = 0; b < MappedGraph::blocks; b++) {
    const MappedGraph::Block block = mapped.block[b];
    const size_t pieces = (block.bytes + kSumPiece - 1) / kSumPiece;
    parallelFor(threads, (pieces + kPieces - 1) / kPieces, [&](size_t group) {
      const size_t first = group * kPieces;
      const size_t from = first * kSumPiece;
      uint32_t found[kPieces];
      const size_t length = std::min(kPieces * kSumPiece, block.bytes - from);
      crc32cOfPieces(mapped.file->at(block.at + from), length, kSumPiece, found);
      if (!std::equal(sums + first, sums + std::min(pieces, first + kPieces), found)) {
        throw std::invalid_argument(std::string("the block \"") + kNames[b] + "\" is damaged");
      }
    });
    sums += pieces;
  }
}

}  // namespace

void GraphIndex::adopt(const MappedGraph& mapped, Storage storage, int threads) {
  const std::lock_guard<std::mutex> change(change_);
  if (file_ != nullptr && !broken_) return;
  if (points_.size() > 0) throw std::invalid_argument("only an empty index can be mapped");
  requireSums(mapped, threads);
  broken_ = true;
  const std::lock_guard<FairLock> lock(guard_);
  file_ = mapped.file;
  const size_t rows = mapped.rows;
  points_.adopt(mapped.array<float>(MappedGraph::vectors), mapped.array<double>(MappedGraph::scalars),
                mapped.array<int64_t>(MappedGraph::ids), rows);
  links_.adopt({mapped.array<int8_t>(MappedGraph::levels), mapped.array<uint32_t>(MappedGraph::lowest),
                mapped.array<uint32_t>(MappedGraph::upper),
                mapped.block[MappedGraph::upper].bytes / links_.upperBytes(), mapped.entry},
               rows);
  parallelFor(threads, (rows + kRows - 1) / kRows, [&](size_t group) {
    for (size_t row = group * kRows; row < std::min(rows, (group + 1) * kRows); row++) {
      links_.check(static_cast<uint32_t>(row));
    }
  });
  for (size_t row = 0; row < rows; row++) metric_.include(points_[row]);
  if (storage != Storage::float32) {
    codes_ = std::make_unique<Codes>(space_, storage, points_);
    codes_->reserve(rows);
    parallelFor(threads, (rows + kRows - 1) / kRows, [&](size_t group) {
      const size_t end = std::min(rows, (group + 1) * kRows);
      for (size_t row = group * kRows; row < end; row++) codes_->put(row, points_[row]);
    });
  }
  restoreTwins(mapped.array<int32_t>(MappedGraph::twins), mapped.block[MappedGraph::twins].bytes / 8);
  restoreStragglers(mapped.array<int32_t>(MappedGraph::stragglers),
                    mapped.block[MappedGraph::stragglers].bytes / 4);
  showRestored();
  everUsed_ = rows;
  tabled_ = false;
  broken_ = false;
}

/** Fills the tables that find rows, which no walk needs: as late as possible. */
void GraphIndex::requireTables() const {
  if (tabled_) return;
  const std::lock_guard<std::mutex> once(tabling_);
  if (tabled_) return;
  const std::lock_guard<std::mutex> tables(tables_);
  const auto hashOf = [this](uint32_t row) { return hashOfId(points_.id(row)); };
  for (uint32_t row = 0; row < points_.size(); row++) {
    if (find(points_.id(row)) != kNone) throw std::runtime_error("an id occurs twice");
    byId_.insert(hashOf(row), row, hashOf);
  }
  fillPointTable();
  tabled_ = true;
}

}  // namespace gyro
