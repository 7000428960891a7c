#pragma once

#include <napi.h>

namespace gyro {

/** Arguments: those of the methods of the same names of NativeBinding in binding.ts. */
Napi::Value cosineLogits(const Napi::CallbackInfo& info);
Napi::Value cosineGradients(const Napi::CallbackInfo& info);
Napi::Value ownAngles(const Napi::CallbackInfo& info);
Napi::Value crossEntropy(const Napi::CallbackInfo& info);
Napi::Value squaredErrors(const Napi::CallbackInfo& info);
Napi::Value anchorSums(const Napi::CallbackInfo& info);
Napi::Value scaleEntries(const Napi::CallbackInfo& info);

}  // namespace gyro
