#pragma once

#include <napi.h>

#include <memory>

#include "graph/graphIndex.h"
#include "task.h"

namespace gyro {

/** The Graph class of JavaScript; its methods' arguments are those of NativeGraphHandle in binding.ts. */
class GraphObject : public Napi::ObjectWrap<GraphObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit GraphObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value append(const Napi::CallbackInfo& info);
  Napi::Value link(const Napi::CallbackInfo& info);
  Napi::Value remove(const Napi::CallbackInfo& info);
  Napi::Value compact(const Napi::CallbackInfo& info);
  Napi::Value repair(const Napi::CallbackInfo& info);
  Napi::Value search(const Napi::CallbackInfo& info);
  Napi::Value countMissed(const Napi::CallbackInfo& info);
  Napi::Value ids(const Napi::CallbackInfo& info);
  Napi::Value has(const Napi::CallbackInfo& info);
  Napi::Value copyRows(const Napi::CallbackInfo& info);
  Napi::Value state(const Napi::CallbackInfo& info);
  Napi::Value read(const Napi::CallbackInfo& info);
  Napi::Value twins(const Napi::CallbackInfo& info);
  Napi::Value stragglers(const Napi::CallbackInfo& info);
  Napi::Value restore(const Napi::CallbackInfo& info);
  Napi::Value map(const Napi::CallbackInfo& info);
  Napi::Value touch(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  std::shared_ptr<GraphIndex> open(const Napi::CallbackInfo& info) const;
  size_t rowsIn(const Napi::CallbackInfo& info, const Span<float>& values) const;

  MappedGraph mapped_{};
  size_t columns_ = 0;
  size_t slots_ = 0;
  size_t m_ = 0;
  // Shared with running tasks, so that close() frees the index when the last of them is done.
  std::shared_ptr<GraphIndex> index_;
};

/** The control words of binding.ts. */
Control controlOf(const Napi::CallbackInfo& info, size_t i);

constexpr double kMaxRows = 2147483646;
constexpr double kMaxThreads = 256;

}  // namespace gyro
