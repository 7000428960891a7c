#pragma once

#include <mutex>
#include <shared_mutex>

namespace gyro {

/**
 * Readers together or one writer; who comes while a writer waits, waits behind it: readers would never end
 * otherwise.
 */
class FairLock {
 public:
  void lock() {
    const std::lock_guard<std::mutex> turn(turnstile_);
    shared_.lock();
  }
  void unlock() { shared_.unlock(); }
  void lock_shared() {
    const std::lock_guard<std::mutex> turn(turnstile_);
    shared_.lock_shared();
  }
  void unlock_shared() { shared_.unlock_shared(); }

 private:
  std::mutex turnstile_;
  std::shared_mutex shared_;
};

}  // namespace gyro
