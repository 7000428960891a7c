#include "pairwiseObject.h"

#include "pairwise.h"
#include "task.h"

namespace gyro {
namespace {

struct Call {
  PairInput input;
  bool rows;
  size_t pairs;
};

/** Arguments 0 to 4: space, x, y, rows, threads. */
Call callOf(const Napi::CallbackInfo& info) {
  const Span<double> codes = span<double>(info, 0, napi_float64_array, "space");
  const Span<float> x = floats(info, 1, "x");
  const Span<float> y = floats(info, 2, "y");
  const bool rows = info[3].ToBoolean();
  const int threads = static_cast<int>(whole(info, 4, 1, 256, "threads"));
  const Space space = decodeSpace(codes.data, codes.length);
  const size_t columns = static_cast<size_t>(space.columns);
  require(info, x.length % columns == 0 && y.length % columns == 0, "not a whole number of rows");
  const size_t n = x.length / columns;
  const size_t m = y.length / columns;
  require(info, !rows || n == m, "x and y: as many rows are needed");
  return {{Chart(space.kind, space.columns, space.curvature), x.data, n, y.data, m, threads}, rows, rows ? n : n * m};
}

float* sized(const Napi::CallbackInfo& info, size_t i, size_t length, const char* name) {
  const Span<float> values = floats(info, i, name);
  require(info, values.length == length, name);
  return values.data;
}

/** A failed allocation is a JavaScript error, as a wrong argument is. */
template <class Work>
Napi::Value guarded(const Napi::CallbackInfo& info, Work&& work) {
  try {
    work();
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Napi::Error::New(info.Env(), error.what());
  }
  return info.Env().Undefined();
}

}  // namespace

Napi::Value pairDistances(const Napi::CallbackInfo& info) {
  return guarded(info, [&] {
    const Call call = callOf(info);
    float* d = sized(info, 5, call.pairs, "distances");
    if (call.rows) rowDistances(call.input, d);
    else allDistances(call.input, d);
  });
}

Napi::Value pairGradients(const Napi::CallbackInfo& info) {
  return guarded(info, [&] {
    const Call call = callOf(info);
    const size_t columns = call.input.chart.columns();
    const float* dy = sized(info, 5, call.pairs, "dy");
    float* points = sized(info, 6, (call.input.n + call.input.m) * columns, "gradients");
    const Span<double> curvature = span<double>(info, 7, napi_float64_array, "curvature");
    const PairGradients out{points, points + call.input.n * columns, curvature.length ? curvature.data : nullptr};
    if (call.rows) rowGradients(call.input, dy, out);
    else allGradients(call.input, dy, out);
  });
}

Napi::Value pairSecond(const Napi::CallbackInfo& info) {
  return guarded(info, [&] {
    const Call call = callOf(info);
    const size_t columns = call.input.chart.columns();
    const size_t values = (call.input.n + call.input.m) * columns;
    const float* dy = sized(info, 5, call.pairs, "dy");
    const float* v = sized(info, 6, values, "direction");
    float* points = sized(info, 7, values, "gradients");
    float* toDy = sized(info, 8, call.pairs, "gradient to dy");
    const size_t split = call.input.n * columns;
    const PairSecond out{v, v + split, points, points + split, toDy};
    if (call.rows) rowSecond(call.input, dy, out);
    else allSecond(call.input, dy, out);
  });
}

}  // namespace gyro
