#pragma once

#include <napi.h>

#include <memory>

#include "graph.h"
#include "task.h"

namespace gyro {

/** The Graph class of JavaScript; its methods' arguments are those of NativeGraphHandle in binding.ts. */
class GraphObject : public Napi::ObjectWrap<GraphObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit GraphObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value insert(const Napi::CallbackInfo& info);
  Napi::Value search(const Napi::CallbackInfo& info);
  Napi::Value missed(const Napi::CallbackInfo& info);
  Napi::Value repair(const Napi::CallbackInfo& info);
  Napi::Value setStragglers(const Napi::CallbackInfo& info);
  Napi::Value nodes(const Napi::CallbackInfo& info);
  Napi::Value links(const Napi::CallbackInfo& info);
  Napi::Value nodeOfRow(const Napi::CallbackInfo& info);
  Napi::Value restore(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  std::shared_ptr<Graph> open(const Napi::CallbackInfo& info) const;
  size_t rowsIn(const Napi::CallbackInfo& info, const Span<float>& values) const;

  size_t columns_ = 0;
  // Shared with running tasks, so that close() frees the graph when the last of them is done.
  std::shared_ptr<Graph> graph_;
};

/** The control words of binding.ts, or none for undefined. */
Control controlOf(const Napi::CallbackInfo& info, size_t i);

constexpr double kMaxRows = 2147483646;
constexpr double kMaxThreads = 256;

}  // namespace gyro
