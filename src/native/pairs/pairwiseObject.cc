#include "pairwiseObject.h"

#include "pairwise.h"
#include "weightedSum.h"
#include "../task.h"

namespace gyro {
namespace {

enum class Layout { all, rows, self };

struct Call {
  PairInput input;
  Layout layout;
  size_t pairs;
  /** Values of the points, and of derivatives to them. */
  size_t values;
};

/** Arguments 0 to 4: space, x, y (null: x itself), rows, threads. */
Call callOf(const Napi::CallbackInfo& info) {
  const Span<double> codes = span<double>(info, 0, napi_float64_array, "space");
  const Span<float> x = floats(info, 1, "x");
  const bool self = info[2].IsNull();
  const Span<float> y = self ? x : floats(info, 2, "y");
  const bool rows = info[3].ToBoolean();
  const int threads = static_cast<int>(whole(info, 4, 1, 256, "threads"));
  const Space space = decodeSpace(codes.data, codes.length);
  const size_t columns = static_cast<size_t>(space.columns);
  require(info, x.length % columns == 0 && y.length % columns == 0, "not a whole number of rows");
  const size_t n = x.length / columns;
  const size_t m = y.length / columns;
  require(info, !rows || (n == m && !self), "x and y: as many rows are needed");
  const Layout layout = self ? Layout::self : rows ? Layout::rows : Layout::all;
  return {{Chart(space.kind, space.columns, space.curvature), x.data, n, y.data, m, threads},
          layout,
          rows ? n : n * m,
          (self ? n : n + m) * columns};
}

/** Where the values of y begin behind those of x. */
size_t split(const Call& call) { return call.input.n * call.input.chart.columns(); }

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
    switch (call.layout) {
      case Layout::all: return allDistances(call.input, d);
      case Layout::rows: return rowDistances(call.input, d);
      case Layout::self: return selfDistances(call.input, d);
    }
  });
}

Napi::Value pairGradients(const Napi::CallbackInfo& info) {
  return guarded(info, [&] {
    const Call call = callOf(info);
    const float* dy = sized(info, 5, call.pairs, "dy");
    float* points = sized(info, 6, call.values, "gradients");
    const Span<double> learned = span<double>(info, 7, napi_float64_array, "curvature");
    double* curvature = learned.length ? learned.data : nullptr;
    const PairGradients out{points, points + split(call), curvature};
    switch (call.layout) {
      case Layout::all: return allGradients(call.input, dy, out);
      case Layout::rows: return rowGradients(call.input, dy, out);
      case Layout::self: return selfGradients(call.input, dy, points, curvature);
    }
  });
}

Napi::Value pairSecond(const Napi::CallbackInfo& info) {
  return guarded(info, [&] {
    const Call call = callOf(info);
    const float* dy = sized(info, 5, call.pairs, "dy");
    const float* v = sized(info, 6, call.values, "direction");
    float* points = sized(info, 7, call.values, "gradients");
    float* toDy = sized(info, 8, call.pairs, "gradient to dy");
    const PairSecond out{v, v + split(call), points, points + split(call), toDy};
    switch (call.layout) {
      case Layout::all: return allSecond(call.input, dy, out);
      case Layout::rows: return rowSecond(call.input, dy, out);
      case Layout::self: return selfSecond(call.input, dy, v, points, toDy);
    }
  });
}

Napi::Value pairSum(const Napi::CallbackInfo& info) {
  return guarded(info, [&] {
    require(info, info[0].IsArray(), "parts: an array is needed");
    const Napi::Array parts = info[0].As<Napi::Array>();
    const Span<double> factors = span<double>(info, 1, napi_float64_array, "factors");
    const int threads = static_cast<int>(whole(info, 2, 1, 256, "threads"));
    const Span<float> out = floats(info, 3, "sum");
    require(info, factors.length > 0 && parts.Length() == factors.length, "parts: one a factor is needed");
    std::vector<Weighted> weighted;
    for (uint32_t p = 0; p < parts.Length(); p++) {
      const Napi::Value part = parts.Get(p);
      require(info, part.IsTypedArray() && part.As<Napi::TypedArray>().TypedArrayType() == napi_float32_array,
              "parts: Float32Arrays are needed");
      const Napi::Float32Array values = part.As<Napi::Float32Array>();
      require(info, values.ElementLength() == out.length, "parts: as many values as the sum has are needed");
      weighted.push_back({values.Data(), static_cast<float>(factors.data[p])});
    }
    weightedSum(weighted, out.length, threads, out.data);
  });
}

}  // namespace gyro
