#pragma once

#include <napi.h>

namespace gyro {

/** Arguments: those of NativeBinding.pairDistances, pairGradients, pairSecond and pairSum in binding.ts. */
Napi::Value pairDistances(const Napi::CallbackInfo& info);
Napi::Value pairGradients(const Napi::CallbackInfo& info);
Napi::Value pairSecond(const Napi::CallbackInfo& info);
Napi::Value pairSum(const Napi::CallbackInfo& info);

}  // namespace gyro
