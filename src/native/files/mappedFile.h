#pragma once

#include <cstddef>
#include <cstdint>

namespace gyro {

/**
 * A whole file as memory. What is written to it stays with this process (copy on write); the file may be
 * closed, removed or replaced by another of its name, but must not be cut.
 */
class MappedFile {
 public:
  /**
   * @param file its number, which may be closed afterwards
   * @throws std::runtime_error with what the system says
   */
  MappedFile(int file, size_t size);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  uint8_t* at(size_t offset) const { return start_ + offset; }
  size_t size() const { return size_; }

 private:
  uint8_t* start_ = nullptr;
  size_t size_;
};

}  // namespace gyro
