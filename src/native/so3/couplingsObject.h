#pragma once

#include <napi.h>

namespace gyro {

Napi::Value coupleRows(const Napi::CallbackInfo& info);
Napi::Value mixRows(const Napi::CallbackInfo& info);
Napi::Value pullMixedRows(const Napi::CallbackInfo& info);

}  // namespace gyro
