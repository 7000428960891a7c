#pragma once

#include <napi.h>

namespace gyro {

/** Arguments: those of the methods of the same names of NativeBinding in binding.ts. */
Napi::Value distanceRowsOf(const Napi::CallbackInfo& info);
Napi::Value rowQualityOf(const Napi::CallbackInfo& info);

}  // namespace gyro
