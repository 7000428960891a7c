#include "mappedFile.h"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>
#endif

namespace gyro {

#if defined(__unix__) || defined(__APPLE__)
MappedFile::MappedFile(int file, size_t size) : size_(size) {
  void* const start = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  if (start == MAP_FAILED) throw std::runtime_error(std::strerror(errno));
  start_ = static_cast<uint8_t*>(start);
#if defined(MADV_POPULATE_READ)
  // One call for all pages that are in the cache; walks would otherwise ask for each of them. It is advice:
  // an old system refuses it.
  madvise(start, size, MADV_POPULATE_READ);
#endif
}

MappedFile::~MappedFile() { munmap(start_, size_); }
#else
MappedFile::MappedFile(int, size_t size) : size_(size) { throw std::runtime_error("this system has no mmap"); }
MappedFile::~MappedFile() = default;
#endif

}  // namespace gyro
