#pragma once

#include <napi.h>

namespace gyro {

/** Arguments: those of NativeBinding.tryLockFile in binding.ts. */
Napi::Value tryLockFile(const Napi::CallbackInfo& info);

}  // namespace gyro
