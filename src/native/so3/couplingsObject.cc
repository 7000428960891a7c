#include "couplingsObject.h"

#include "couplings.h"
#include "../graphObject.h"
#include "../task.h"

namespace gyro {
namespace {

/** Every entry is a row of `rows`. */
void requireRows(const Napi::CallbackInfo& info, const Span<int32_t>& entries, size_t rows, const char* message) {
  for (size_t t = 0; t < entries.length; t++)
    require(info, entries.data[t] >= 0 && static_cast<size_t>(entries.data[t]) < rows, message);
}

}  // namespace

Napi::Value coupleRows(const Napi::CallbackInfo& info) {
  const Span<int32_t> starts = ints(info, 0, "starts");
  const Span<int32_t> factors = ints(info, 1, "factors");
  const Span<int32_t> others = ints(info, 2, "others");
  const Span<float> coefficients = floats(info, 3, "coefficients");
  const Span<float> a = floats(info, 4, "a");
  const Span<float> b = floats(info, 5, "b");
  const size_t columns = whole(info, 6, 1, kMaxRows, "columns");
  const int threads = static_cast<int>(whole(info, 7, 1, kMaxThreads, "threads"));
  const Span<float> out = floats(info, 8, "out");
  require(info, a.length % columns == 0 && b.length % columns == 0, "a, b: not a whole number of rows");
  require(info, starts.length > 0 && out.length == (starts.length - 1) * columns, "out: rows of the plan are needed");
  const size_t terms = factors.length;
  require(info, others.length == terms && coefficients.length == terms, "plan: as many of each a term are needed");
  require(info, starts.data[0] == 0 && static_cast<size_t>(starts.data[starts.length - 1]) == terms,
          "starts: they must cover all terms");
  for (size_t r = 1; r < starts.length; r++)
    require(info, starts.data[r] >= starts.data[r - 1], "starts: they must ascend");
  const Couplings plan{starts.data,       factors.data,     others.data,       coefficients.data,
                       starts.length - 1, a.length / columns, b.length / columns};
  requireRows(info, factors, plan.aRows, "factors: a row that is not there");
  requireRows(info, others, plan.bRows, "others: a row that is not there");
  couple(plan, a.data, b.data, columns, threads, out.data);
  return info.Env().Undefined();
}

}  // namespace gyro
