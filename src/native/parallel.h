#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <stdexcept>

#include "crew.h"

namespace gyro {

/** Thrown where the caller asked to stop. */
struct Cancelled : std::runtime_error {
  Cancelled() : std::runtime_error("cancelled") {}
};

/** Two int32 shared with JavaScript: [0] is set there to ask for a stop, [1] counts finished items here. */
struct Control {
  int32_t* words = nullptr;
  bool counts = true;
  /** The same stop, and nothing counted. */
  Control uncounted() const { return {words, false}; }
  void check() const {
    if (words && __atomic_load_n(words, __ATOMIC_RELAXED) != 0) throw Cancelled();
  }
  void advance(int32_t items) const {
    if (words && counts) __atomic_fetch_add(words + 1, items, __ATOMIC_RELAXED);
  }
};

/** Calls work(i) for i in [0, items) on up to `threads` threads; rethrows the first exception of any of them. */
template <class Work>
void parallelFor(int threads, size_t items, Work&& work) {
  std::atomic<size_t> next{0};
  std::exception_ptr failure;
  std::mutex guard;
  const auto run = [&] {
    try {
      for (size_t i = next++; i < items; i = next++) work(i);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(guard);
      if (!failure) failure = std::current_exception();
      next = items;
    }
  };
  const size_t used = std::min(static_cast<size_t>(threads), items);
  Crew::shared().run(used > 1 ? used - 1 : 0, run);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace gyro
