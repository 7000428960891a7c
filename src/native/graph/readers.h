#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <set>

namespace gyro {

/**
 * Searches that read rows without a lock for as long as they last. The place of a row that has gone is filled
 * again only when all of them have ended that may have seen the old one.
 */
class Readers {
 public:
  class Stay {
   public:
    explicit Stay(Readers& readers) : readers_(readers) {
      const std::lock_guard<std::mutex> lock(readers_.guard_);
      at_ = readers_.here_.insert(readers_.now_);
    }
    ~Stay() {
      const std::lock_guard<std::mutex> lock(readers_.guard_);
      readers_.here_.erase(at_);
      readers_.left_.notify_all();
    }
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;

   private:
    Readers& readers_;
    std::multiset<uint64_t>::iterator at_;
  };

  /** Until all who are here now have left; who comes meanwhile is not waited for. */
  void waitForThoseHere() {
    std::unique_lock<std::mutex> lock(guard_);
    const uint64_t from = ++now_;
    left_.wait(lock, [&] { return here_.empty() || *here_.begin() >= from; });
  }

 private:
  std::mutex guard_;
  std::condition_variable left_;
  std::multiset<uint64_t> here_;
  uint64_t now_ = 0;
};

}  // namespace gyro
