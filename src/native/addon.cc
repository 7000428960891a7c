#include <napi.h>

#include "exact.h"
#include "graphObject.h"
#include "quiet.h"
#include "task.h"

namespace gyro {
namespace {

/** Arguments: those of NativeBinding.exactSearch in binding.ts. */
Napi::Value search(const Napi::CallbackInfo& info) {
  const Span<double> codes = span<double>(info, 0, napi_float64_array, "space");
  const Span<float> database = floats(info, 1, "database");
  const Span<float> queries = floats(info, 2, "queries");
  const Span<int32_t> nearest = ints(info, 7, "result rows");
  const Span<float> distances = floats(info, 8, "result distances");
  const Space space = decodeSpace(codes.data, codes.length);
  const size_t columns = static_cast<size_t>(space.columns);
  const ExactQuery query{database.data,
                         database.length / columns,
                         queries.data,
                         queries.length / columns,
                         whole(info, 3, 1, kMaxRows, "k"),
                         info[4].ToBoolean(),
                         static_cast<int>(whole(info, 5, 1, kMaxThreads, "threads")),
                         nearest.data,
                         distances.data};
  const Control control = controlOf(info, 6);
  require(info, database.length % columns == 0 && queries.length % columns == 0, "not a whole number of rows");
  require(info, static_cast<double>(query.rows) <= kMaxRows, "database: too many rows");
  require(info, nearest.length == query.count * query.k && distances.length == nearest.length,
          "results: queries x k values are needed");
  return Task::start(info, [=] { exactSearch(space, query, control); }, undefined);
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("exactSearch", Napi::Function::New<search>(env, "exactSearch"));
  exports.Set("callQuietly", Napi::Function::New<callQuietly>(env, "callQuietly"));
  exports.Set("Graph", GraphObject::define(env));
  return exports;
}

}  // namespace
}  // namespace gyro

static Napi::Object initAddon(Napi::Env env, Napi::Object exports) { return gyro::init(env, exports); }
NODE_API_MODULE(gyrometric, initAddon)
