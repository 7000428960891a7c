#include "couplingsObject.h"

#include "couplings.h"
#include "mixedProducts.h"
#include "../graphObject.h"
#include "../task.h"

namespace gyro {
namespace {

/** Every entry is a row of `rows`. */
void requireRows(const Napi::CallbackInfo& info, const Span<int32_t>& entries, size_t rows, const char* message) {
  for (size_t t = 0; t < entries.length; t++)
    require(info, entries.data[t] >= 0 && static_cast<size_t>(entries.data[t]) < rows, message);
}

/** Arguments 0 to 3, a plan for rows that are there. */
Couplings readPlan(const Napi::CallbackInfo& info, size_t aRows, size_t bRows) {
  const Span<int32_t> starts = ints(info, 0, "starts");
  const Span<int32_t> factors = ints(info, 1, "factors");
  const Span<int32_t> others = ints(info, 2, "others");
  const Span<float> coefficients = floats(info, 3, "coefficients");
  const size_t terms = factors.length;
  require(info, others.length == terms && coefficients.length == terms, "plan: as many of each a term are needed");
  require(info, starts.length > 0 && starts.data[0] == 0 && static_cast<size_t>(starts.data[starts.length - 1]) == terms,
          "starts: they must cover all terms");
  for (size_t r = 1; r < starts.length; r++)
    require(info, starts.data[r] >= starts.data[r - 1], "starts: they must ascend");
  requireRows(info, factors, aRows, "factors: a row that is not there");
  requireRows(info, others, bRows, "others: a row that is not there");
  return {starts.data, factors.data, others.data, coefficients.data, starts.length - 1, aRows, bRows};
}

}  // namespace

Napi::Value coupleRows(const Napi::CallbackInfo& info) {
  const Span<float> a = floats(info, 4, "a");
  const Span<float> b = floats(info, 5, "b");
  const size_t columns = whole(info, 6, 1, kMaxRows, "columns");
  const int threads = static_cast<int>(whole(info, 7, 1, kMaxThreads, "threads"));
  const Span<float> out = floats(info, 8, "out");
  require(info, a.length % columns == 0 && b.length % columns == 0, "a, b: not a whole number of rows");
  const Couplings plan = readPlan(info, a.length / columns, b.length / columns);
  require(info, out.length == plan.outRows * columns, "out: rows of the plan are needed");
  couple(plan, a.data, b.data, columns, threads, out.data);
  return info.Env().Undefined();
}

namespace {

/** Arguments 0 to 9; those behind are like x and like what is mixed. */
MixedProducts readMixed(const Napi::CallbackInfo& info) {
  const Span<int32_t> paths = ints(info, 4, "paths");
  const Span<float> x = floats(info, 5, "x");
  const Span<float> kernels = floats(info, 6, "kernels");
  const size_t channels = whole(info, 7, 1, kMaxRows, "channels");
  const size_t outputs = whole(info, 8, 1, kMaxRows, "outputs");
  const size_t batch = whole(info, 9, 1, kMaxRows, "batch");
  require(info, x.length % (channels * batch) == 0, "x: not a whole number of rows");
  const size_t rows = x.length / (channels * batch);
  const Couplings plan = readPlan(info, rows, rows);
  size_t products = 0, inputs = 0;
  for (size_t l = 0; l < paths.length; l++) {
    require(info, paths.data[l] >= 0, "paths: a number below 0");
    products += (2 * l + 1) * paths.data[l];
    inputs += paths.data[l] * channels;
  }
  require(info, paths.length > 0 && products == plan.outRows, "paths: they are not those of the plan");
  require(info, kernels.length == inputs * outputs, "kernels: a row of outputs a path and channel is needed");
  return {plan, paths.data, paths.length, channels, outputs, batch, kernels.data};
}

size_t mixedSize(const MixedProducts& shape) { return shape.degrees * shape.degrees * shape.outputs * shape.batch; }

}  // namespace

Napi::Value mixRows(const Napi::CallbackInfo& info) {
  const MixedProducts shape = readMixed(info);
  const int threads = static_cast<int>(whole(info, 10, 1, kMaxThreads, "threads"));
  const Span<float> out = floats(info, 11, "out");
  const Span<float> norms = floats(info, 12, "norms");
  require(info, out.length == mixedSize(shape) && norms.length == shape.batch, "out, norms: other lengths are needed");
  mixProducts(shape, floats(info, 5, "x").data, threads, out.data, norms.data);
  return info.Env().Undefined();
}

Napi::Value pullMixedRows(const Napi::CallbackInfo& info) {
  const MixedProducts shape = readMixed(info);
  const int threads = static_cast<int>(whole(info, 10, 1, kMaxThreads, "threads"));
  const Span<float> x = floats(info, 5, "x");
  const Span<float> out = floats(info, 11, "out");
  const Span<float> norms = floats(info, 12, "norms");
  const Span<float> dy = floats(info, 13, "dy");
  const Span<float> dx = floats(info, 14, "dx");
  const Span<float> dKernels = floats(info, 15, "dKernels");
  require(info, out.length == mixedSize(shape) && dy.length == out.length && norms.length == shape.batch,
          "out, dy, norms: other lengths are needed");
  require(info, dx.length == x.length && dKernels.length == floats(info, 6, "kernels").length,
          "dx, dKernels: they are not like x and the kernels");
  pullMixedProducts(shape, x.data, out.data, norms.data, dy.data, threads, dx.data, dKernels.data);
  return info.Env().Undefined();
}

}  // namespace gyro
