#include "fileLock.h"

#include "../task.h"

#if defined(__unix__) || defined(__APPLE__)
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#endif

namespace gyro {

Napi::Value tryLockFile([[maybe_unused]] const Napi::CallbackInfo& info) {
#if defined(__unix__) || defined(__APPLE__)
  const int file = static_cast<int>(whole(info, 0, 0, 2147483647.0, "file"));
  int result;
  do {
    result = flock(file, LOCK_EX | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  if (result != 0 && errno != EWOULDBLOCK) throw Napi::Error::New(info.Env(), std::strerror(errno));
  return Napi::Boolean::New(info.Env(), result == 0);
#else
  throw Napi::Error::New(info.Env(), "this system has no flock");
#endif
}

}  // namespace gyro
