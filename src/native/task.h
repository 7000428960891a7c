#pragma once

#include <napi.h>

#include <functional>
#include <string>
#include <utility>

namespace gyro {

/**
 * Runs `work` on a thread of libuv's pool and settles a promise with finish(env). The arguments of the JavaScript
 * call are kept alive meanwhile, because `work` reads and writes their memory in place.
 */
class Task : public Napi::AsyncWorker {
 public:
  using Finish = std::function<Napi::Value(Napi::Env)>;

  static Napi::Value start(const Napi::CallbackInfo& info, std::function<void()> work, Finish finish) {
    auto* task = new Task(info, std::move(work), std::move(finish));
    const Napi::Promise promise = task->deferred_.Promise();
    task->Queue();
    return promise;
  }

  void Execute() override {
    try {
      work_();
    } catch (const std::exception& error) {
      SetError(error.what());
    } catch (...) {
      SetError("an unknown C++ exception");
    }
  }

  void OnOK() override {
    try {
      deferred_.Resolve(finish_(Env()));
    } catch (const Napi::Error& error) {
      deferred_.Reject(error.Value());
    }
  }

  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Task(const Napi::CallbackInfo& info, std::function<void()> work, Finish finish)
      : Napi::AsyncWorker(info.Env(), "gyrometric"),
        work_(std::move(work)),
        finish_(std::move(finish)),
        deferred_(Napi::Promise::Deferred::New(info.Env())) {
    Napi::Object kept = Napi::Object::New(info.Env());
    for (size_t i = 0; i < info.Length(); i++) kept.Set(static_cast<uint32_t>(i), info[i]);
    kept_ = Napi::Persistent(kept);
  }

  std::function<void()> work_;
  Finish finish_;
  Napi::Promise::Deferred deferred_;
  Napi::ObjectReference kept_;
};

inline Napi::Value undefined(Napi::Env env) { return env.Undefined(); }

/** A typed array's memory, of exactly this element type. */
template <class T>
struct Span {
  T* data;
  size_t length;
};

template <class T>
Span<T> span(const Napi::CallbackInfo& info, size_t i, napi_typedarray_type type, const char* name) {
  if (!info[i].IsTypedArray() || info[i].As<Napi::TypedArray>().TypedArrayType() != type) {
    throw Napi::TypeError::New(info.Env(), std::string(name) + ": wrong kind of typed array");
  }
  auto array = info[i].As<Napi::TypedArrayOf<T>>();
  return {array.Data(), array.ElementLength()};
}

inline Span<float> floats(const Napi::CallbackInfo& info, size_t i, const char* name) {
  return span<float>(info, i, napi_float32_array, name);
}
inline Span<int32_t> ints(const Napi::CallbackInfo& info, size_t i, const char* name) {
  return span<int32_t>(info, i, napi_int32_array, name);
}

/** A whole number low..high, as JavaScript numbers are doubles. */
inline size_t whole(const Napi::CallbackInfo& info, size_t i, double low, double high, const char* name) {
  const double value = info[i].IsNumber() ? info[i].As<Napi::Number>().DoubleValue() : -1;
  if (value >= low && value <= high && value == static_cast<double>(static_cast<uint64_t>(value))) {
    return static_cast<size_t>(value);
  }
  throw Napi::RangeError::New(info.Env(), std::string(name) + ": out of range");
}

inline void require(const Napi::CallbackInfo& info, bool holds, const char* message) {
  if (!holds) throw Napi::RangeError::New(info.Env(), message);
}

}  // namespace gyro
