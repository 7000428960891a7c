#pragma once

#include <napi.h>

namespace gyro {

/** Argument: a function; what it returns or throws. What it, or a library that it loads, writes to stderr is lost. */
Napi::Value callQuietly(const Napi::CallbackInfo& info);

}  // namespace gyro
