#include "rowTermsObject.h"

#include "../graphObject.h"
#include "rowTerms.h"
#include "../task.h"

namespace gyro {
namespace {

struct Call {
  RowLaw law;
  PairTable table;
  Span<double> parameters;
  Span<float> terms;
};

/** The arguments that both calls begin with. */
Call callOf(const Napi::CallbackInfo& info) {
  const RowLaw law = static_cast<RowLaw>(whole(info, 0, 0, kRowLaws - 1, "law"));
  const Span<float> distances = floats(info, 1, "distances");
  const Span<float> positives = floats(info, 2, "positives");
  const Span<float> negatives = floats(info, 3, "negatives");
  const size_t m = whole(info, 4, 0, kMaxRows, "references");
  const int threads = static_cast<int>(whole(info, 5, 1, kMaxThreads, "threads"));
  const Span<double> parameters = span<double>(info, 6, napi_float64_array, "parameters");
  const Span<float> terms = floats(info, 7, "terms");
  const RowSizes sizes = rowSizes(law);
  const size_t n = terms.length / sizes.terms;
  require(info, terms.length == n * sizes.terms, "terms: not a whole number a row");
  require(info, parameters.length == sizes.parameters, "parameters: another number is needed");
  for (const Span<float>& cells : {distances, positives, negatives}) {
    require(info, cells.length == n * m, "distances and masks: anchors x references values are needed");
  }
  return {law, {distances.data, positives.data, negatives.data, n, m, threads}, parameters, terms};
}

}  // namespace

Napi::Value rowTermsOf(const Napi::CallbackInfo& info) {
  const Call call = callOf(info);
  rowTerms(call.law, call.table, call.parameters.data, call.terms.data);
  return info.Env().Undefined();
}

Napi::Value rowSlopesOf(const Napi::CallbackInfo& info) {
  const Call call = callOf(info);
  const Span<float> pulls = floats(info, 8, "pulls");
  const Span<float> slopes = floats(info, 9, "slopes");
  const size_t count = rowSizes(call.law).pulls;
  require(info, count > 0, "law: it has no slopes");
  require(info, pulls.length == call.table.n * count, "pulls: another number a row is needed");
  require(info, slopes.length == call.table.n * call.table.m, "slopes: anchors x references values are needed");
  rowSlopes(call.law, call.table, call.parameters.data, call.terms.data, pulls.data, slopes.data);
  return info.Env().Undefined();
}

Napi::Value labelMasksOf(const Napi::CallbackInfo& info) {
  const Span<int32_t> labels = ints(info, 0, "labels");
  const bool others = !info[1].IsUndefined();
  const Span<int32_t> references = others ? ints(info, 1, "references") : labels;
  const int threads = static_cast<int>(whole(info, 2, 1, kMaxThreads, "threads"));
  const Span<float> positives = floats(info, 3, "positives");
  const Span<float> negatives = floats(info, 4, "negatives");
  const size_t cells = labels.length * references.length;
  require(info, positives.length == cells && negatives.length == cells,
          "masks: labels x references values are needed");
  labelMasks({labels.data, labels.length}, {references.data, references.length}, !others, threads, positives.data,
             negatives.data);
  return info.Env().Undefined();
}

}  // namespace gyro
