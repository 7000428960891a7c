#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

namespace gyro {

/**
 * Threads that wait for work, made when first needed and kept. A thread made for a call of a few milliseconds often
 * begins when the call is nearly over, because the system queues it on the processor of the thread that made it.
 */
class Crew {
 public:
  /** The one of this process; its threads end with the process, or when the library is unloaded. */
  static Crew& shared();

  /**
   * Calls `job`, which must not throw, on this thread and on up to `helpers` others at once; returns when all that
   * began have ended. Any number of threads may call it together, a job too.
   */
  void run(size_t helpers, const std::function<void()>& job);

 private:
  struct Call {
    const std::function<void()>& job;
    size_t wanted;
    size_t running;
    std::condition_variable ended;
  };
  struct Dismissal;

  void hire();
  void serve();
  void dismiss();

  std::mutex guard_;
  std::condition_variable called_;
  std::list<Call*> calls_;
  std::vector<std::thread> threads_;
  /** Threads that serve no call, and the helpers that waiting calls still want. */
  size_t idle_ = 0;
  size_t wanted_ = 0;
  bool dismissed_ = false;
};

}  // namespace gyro
