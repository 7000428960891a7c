#pragma once

#include <napi.h>

namespace gyro {

Napi::Value coupleRows(const Napi::CallbackInfo& info);

}  // namespace gyro
