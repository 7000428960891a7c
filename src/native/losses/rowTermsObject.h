#pragma once

#include <napi.h>

namespace gyro {

/** Arguments: those of the same names in NativeBinding of binding.ts. */
Napi::Value rowTermsOf(const Napi::CallbackInfo& info);
Napi::Value rowSlopesOf(const Napi::CallbackInfo& info);
Napi::Value labelMasksOf(const Napi::CallbackInfo& info);

}  // namespace gyro
