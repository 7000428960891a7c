#include "quiet.h"

#if defined(_WIN32)

namespace gyro {
Napi::Value callQuietly(const Napi::CallbackInfo& info) { return info[0].As<Napi::Function>().Call({}); }
}  // namespace gyro

#else

#include <fcntl.h>
#include <unistd.h>

namespace gyro {
namespace {

/** Sends file descriptor 2 to nowhere while it lives; leaves it as it is where that fails. */
class MutedStderr {
 public:
  MutedStderr() : kept_(dup(STDERR_FILENO)) {
    const int nowhere = kept_ < 0 ? -1 : open("/dev/null", O_WRONLY);
    if (nowhere < 0) return;
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
  }
  ~MutedStderr() {
    if (kept_ < 0) return;
    dup2(kept_, STDERR_FILENO);
    close(kept_);
  }
  MutedStderr(const MutedStderr&) = delete;
  MutedStderr& operator=(const MutedStderr&) = delete;

 private:
  const int kept_;
};

}  // namespace

Napi::Value callQuietly(const Napi::CallbackInfo& info) {
  const MutedStderr muted;
  return info[0].As<Napi::Function>().Call({});
}

}  // namespace gyro

#endif
