#include "crew.h"

#include <exception>

namespace gyro {

/** Ends the threads at exit. The crew itself is never freed: a call on another thread may outlive this. */
struct Crew::Dismissal {
  Crew* const crew;
  ~Dismissal() { crew->dismiss(); }
};

Crew& Crew::shared() {
  static Crew* const crew = new Crew;
  static const Dismissal dismissal{crew};
  return *crew;
}

void Crew::run(size_t helpers, const std::function<void()>& job) {
  if (helpers == 0) return job();
  Call call{job, helpers, 0, {}};
  std::unique_lock<std::mutex> lock(guard_);
  calls_.push_back(&call);
  wanted_ += helpers;
  hire();
  lock.unlock();
  for (size_t i = 0; i < helpers; i++) called_.notify_one();
  job();
  lock.lock();
  if (call.wanted > 0) {
    calls_.remove(&call);
    wanted_ -= call.wanted;
  }
  call.ended.wait(lock, [&call] { return call.running == 0; });
}

void Crew::hire() {
  try {
    while (idle_ < wanted_ && !dismissed_) {
      threads_.emplace_back([this] { serve(); });
      idle_++;
    }
  } catch (const std::exception&) {
    // The system gives no more threads or memory: the threads there are, and the caller's, do the work.
  }
}

void Crew::serve() {
  std::unique_lock<std::mutex> lock(guard_);
  for (;;) {
    called_.wait(lock, [this] { return dismissed_ || !calls_.empty(); });
    if (dismissed_) return;
    Call& call = *calls_.front();
    if (--call.wanted == 0) calls_.pop_front();
    call.running++;
    wanted_--;
    idle_--;
    lock.unlock();
    call.job();
    lock.lock();
    idle_++;
    if (--call.running == 0) call.ended.notify_one();
  }
}

void Crew::dismiss() {
  {
    const std::lock_guard<std::mutex> lock(guard_);
    dismissed_ = true;
  }
  called_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace gyro
