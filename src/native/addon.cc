#include <napi.h>

#include "distances/distancesObject.h"
#include "losses/angular.h"
#include "losses/classesObject.h"
#include "exact.h"
#include "files/crc32c.h"
#include "files/fileLock.h"
#include "graphObject.h"
#include "negatives.h"
#include "pairs/pairwiseObject.h"
#include "quiet.h"
#include "reconstruction.h"
#include "losses/rowTermsObject.h"
#include "task.h"
#include "losses/triplets.h"
#include "so3/couplingsObject.h"
#include "stress/stressPull.h"

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
  const size_t rows = database.length / columns;
  const ExactQuery query{{},
                         {},
                         rows,
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
  const float* values = database.data;
  return Task::start(
      info,
      [=] {
        const std::vector<double> scalars = scalarsOf(space, values, query.rows, query.threads);
        const double* first = scalars.data();
        ExactQuery whole = query;
        whole.database = contiguous(values, columns);
        whole.scalars = contiguous(first, Reference(space).scalars());
        exactSearch(space, whole, control);
      },
      undefined);
}

/** Arguments: those of NativeBinding.reconstruction in binding.ts. */
Napi::Value reconstruct(const Napi::CallbackInfo& info) {
  const Span<double> codes = span<double>(info, 0, napi_float64_array, "space");
  const Span<float> points = floats(info, 1, "points");
  const Span<int32_t> offsets = ints(info, 2, "offsets");
  const Span<int32_t> targets = ints(info, 3, "targets");
  const Span<double> rankSums = span<double>(info, 6, napi_float64_array, "rank sums");
  const Span<double> precisions = span<double>(info, 7, napi_float64_array, "average precisions");
  const Space space = decodeSpace(codes.data, codes.length);
  const size_t columns = static_cast<size_t>(space.columns);
  const ReconstructionQuery query{points.data,
                                  points.length / columns,
                                  offsets.data,
                                  targets.data,
                                  targets.length,
                                  static_cast<int>(whole(info, 4, 1, kMaxThreads, "threads")),
                                  rankSums.data,
                                  precisions.data};
  const Control control = controlOf(info, 5);
  require(info, points.length % columns == 0, "not a whole number of rows");
  require(info, static_cast<double>(query.rows) <= kMaxRows, "points: too many rows");
  require(info, offsets.length == query.rows + 1, "offsets: one more than rows are needed");
  require(info, rankSums.length == query.rows && precisions.length == query.rows,
          "results: one value a row is needed");
  return Task::start(info, [=] { reconstruction(space, query, control); }, undefined);
}

/** Arguments: those of NativeBinding.tripletSums in binding.ts. */
Napi::Value tripletSums(const Napi::CallbackInfo& info) {
  const Span<float> distances = floats(info, 0, "distances");
  const Span<float> positives = floats(info, 1, "positives");
  const Span<float> negatives = floats(info, 2, "negatives");
  const Span<float> sums = floats(info, 6, "sums");
  const Span<float> active = floats(info, 7, "active");
  const Span<float> slope = floats(info, 8, "slope");
  require(info, info[4].IsNumber(), "margin: a number is needed");
  const TripletInput input{distances.data,
                           positives.data,
                           negatives.data,
                           sums.length,
                           whole(info, 3, 0, kMaxRows, "references"),
                           info[4].As<Napi::Number>().DoubleValue(),
                           static_cast<int>(whole(info, 5, 1, kMaxThreads, "threads"))};
  const size_t cells = input.n * input.m;
  for (const Span<float>& table : {distances, positives, negatives, slope}) {
    require(info, table.length == cells, "distances, masks and slope: anchors x references values are needed");
  }
  require(info, active.length == input.n, "results: one value an anchor is needed");
  rankTriplets(input, {sums.data, active.data, slope.data});
  return info.Env().Undefined();
}

/** Arguments: those of NativeBinding.negatives in binding.ts. */
Napi::Value negatives(const Napi::CallbackInfo& info) {
  const Span<float> distances = floats(info, 0, "distances");
  const Span<int32_t> classes = ints(info, 1, "classes");
  const Span<int32_t> anchors = ints(info, 2, "anchors");
  const Span<double> temperatures = span<double>(info, 6, napi_float64_array, "temperatures");
  const Span<int32_t> nearest = ints(info, 8, "nearest");
  const Span<double> hardest = span<double>(info, 9, napi_float64_array, "hardest");
  const Span<double> variance = span<double>(info, 10, napi_float64_array, "variance");
  const Span<double> expected = span<double>(info, 11, napi_float64_array, "expected");
  const Span<int32_t> counts = ints(info, 12, "counts");
  const Span<double> sums = span<double>(info, 13, napi_float64_array, "sums");
  require(info, info[5].IsNumber(), "quantile: a number is needed");
  const NegativesInput input{distances.data,
                             classes.data,
                             classes.length,
                             anchors.data,
                             anchors.length,
                             static_cast<int32_t>(whole(info, 3, 0, kMaxRows, "first")),
                             whole(info, 4, 1, kMaxRows, "depth"),
                             info[5].As<Napi::Number>().DoubleValue(),
                             temperatures.data,
                             temperatures.length,
                             static_cast<int>(whole(info, 7, 1, kMaxThreads, "threads"))};
  require(info, input.quantile > 0 && input.quantile < 1, "quantile: a share between 0 and 1 is needed");
  require(info, input.n == 0 || input.m > 0, "classes: one an item is needed");
  const size_t rows = input.m > 0 ? distances.length / input.m : 0;
  require(info, rows * input.m == distances.length, "distances: whole rows are needed");
  for (size_t i = 0; i < input.n; i++) {
    const int64_t row = static_cast<int64_t>(anchors.data[i]) - input.first;
    const bool known = row >= 0 && static_cast<size_t>(row) < rows && static_cast<size_t>(anchors.data[i]) < input.m;
    require(info, known, "anchors: items with a row of distances are needed");
  }
  require(info, nearest.length == input.n * input.depth && hardest.length == nearest.length,
          "results: anchors x depth values are needed");
  require(info, variance.length == input.n && expected.length == input.n && counts.length == 3 * input.n,
          "results: one value an anchor is needed");
  require(info, sums.length == 4 * input.n * input.temperatureCount,
          "sums: four values an anchor and temperature are needed");
  measureNegatives(input, {nearest.data, hardest.data, variance.data, expected.data, counts.data, sums.data});
  return info.Env().Undefined();
}

/** Arguments: those of NativeBinding.stressPull in binding.ts. */
Napi::Value pullOfStress(const Napi::CallbackInfo& info) {
  const Span<double> points = span<double>(info, 0, napi_float64_array, "points");
  const Span<double> delta = span<double>(info, 1, napi_float64_array, "delta");
  const bool weighted = !info[2].IsNull();
  const Span<double> weights = span<double>(info, weighted ? 2 : 1, napi_float64_array, "weights");
  const Span<double> pull = span<double>(info, 4, napi_float64_array, "pull");
  const Span<double> terms = span<double>(info, 5, napi_float64_array, "terms");
  const size_t n = terms.length;
  require(info, delta.length == n * n && weights.length == n * n, "delta, weights: n x n values are needed");
  require(info, n > 0 && points.length % n == 0 && pull.length == points.length, "points, pull: n rows are needed");
  const int threads = static_cast<int>(whole(info, 3, 1, kMaxThreads, "threads"));
  stressPull({points.data, delta.data, weighted ? weights.data : nullptr, n, points.length / n, threads},
             pull.data, terms.data);
  return info.Env().Undefined();
}

/** Arguments 0 to 6 of both angular methods in binding.ts. */
AngularInput angularInput(const Napi::CallbackInfo& info) {
  const Span<float> distances = floats(info, 0, "distances");
  const Span<float> positives = floats(info, 1, "positives");
  const Span<float> negatives = floats(info, 2, "negatives");
  const Span<float> scales = floats(info, 3, "scales");
  require(info, info[4].IsNumber() && info[5].IsNumber(), "zero and pull: numbers are needed");
  const size_t items = scales.length;
  for (const Span<float>& table : {distances, positives, negatives}) {
    require(info, table.length == items * items, "distances and masks: items x items values are needed");
  }
  return {distances.data,
          positives.data,
          negatives.data,
          scales.data,
          items,
          info[4].As<Napi::Number>().FloatValue(),
          info[5].As<Napi::Number>().DoubleValue(),
          static_cast<int>(whole(info, 6, 1, kMaxThreads, "threads"))};
}

/** Arguments: those of NativeBinding.angularSums in binding.ts. */
Napi::Value angularTerms(const Napi::CallbackInfo& info) {
  const AngularInput input = angularInput(info);
  const Span<float> sums = floats(info, 7, "sums");
  const Span<float> active = floats(info, 8, "active");
  const Span<float> counts = floats(info, 9, "counts");
  for (const Span<float>& row : {sums, active, counts}) {
    require(info, row.length == input.n, "results: one value an item is needed");
  }
  const std::vector<float> logarithms = angularSums(input, {sums.data, active.data, counts.data});
  Napi::Float32Array result = Napi::Float32Array::New(info.Env(), logarithms.size());
  std::copy(logarithms.begin(), logarithms.end(), result.Data());
  return result;
}

/** Arguments: those of NativeBinding.angularGradients in binding.ts. */
Napi::Value angularSlopes(const Napi::CallbackInfo& info) {
  const AngularInput input = angularInput(info);
  const Span<float> logarithms = floats(info, 7, "logarithms");
  const Span<float> dy = floats(info, 8, "dy");
  const Span<float> toDistances = floats(info, 9, "to distances");
  const Span<float> toScales = floats(info, 10, "to scales");
  require(info, dy.length == input.n && toScales.length == input.n, "dy, to scales: one value an item is needed");
  require(info, toDistances.length == input.n * input.n, "to distances: items x items values are needed");
  angularGradients(input, logarithms.data, logarithms.length, dy.data, {toDistances.data, toScales.data});
  return info.Env().Undefined();
}

/** Arguments: those of NativeBinding.crc32c in binding.ts. */
Napi::Value checksum(const Napi::CallbackInfo& info) {
  const Span<uint8_t> bytes = span<uint8_t>(info, 0, napi_uint8_array, "bytes");
  const uint32_t before = static_cast<uint32_t>(whole(info, 1, 0, 4294967295.0, "sum before"));
  return Napi::Number::New(info.Env(), crc32c(bytes.data, bytes.length, before));
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("exactSearch", Napi::Function::New<search>(env, "exactSearch"));
  exports.Set("reconstruction", Napi::Function::New<reconstruct>(env, "reconstruction"));
  exports.Set("distanceRows", Napi::Function::New<distanceRowsOf>(env, "distanceRows"));
  exports.Set("rowQuality", Napi::Function::New<rowQualityOf>(env, "rowQuality"));
  exports.Set("callQuietly", Napi::Function::New<callQuietly>(env, "callQuietly"));
  exports.Set("pairDistances", Napi::Function::New<pairDistances>(env, "pairDistances"));
  exports.Set("pairGradients", Napi::Function::New<pairGradients>(env, "pairGradients"));
  exports.Set("pairSecond", Napi::Function::New<pairSecond>(env, "pairSecond"));
  exports.Set("pairSum", Napi::Function::New<pairSum>(env, "pairSum"));
  exports.Set("tripletSums", Napi::Function::New<tripletSums>(env, "tripletSums"));
  exports.Set("stressPull", Napi::Function::New<pullOfStress>(env, "stressPull"));
  exports.Set("negatives", Napi::Function::New<negatives>(env, "negatives"));
  exports.Set("angularSums", Napi::Function::New<angularTerms>(env, "angularSums"));
  exports.Set("angularGradients", Napi::Function::New<angularSlopes>(env, "angularGradients"));
  exports.Set("cosineLogits", Napi::Function::New<cosineLogits>(env, "cosineLogits"));
  exports.Set("cosineGradients", Napi::Function::New<cosineGradients>(env, "cosineGradients"));
  exports.Set("ownAngles", Napi::Function::New<ownAngles>(env, "ownAngles"));
  exports.Set("crossEntropy", Napi::Function::New<crossEntropy>(env, "crossEntropy"));
  exports.Set("squaredErrors", Napi::Function::New<squaredErrors>(env, "squaredErrors"));
  exports.Set("anchorSums", Napi::Function::New<anchorSums>(env, "anchorSums"));
  exports.Set("scaleEntries", Napi::Function::New<scaleEntries>(env, "scaleEntries"));
  exports.Set("rowTerms", Napi::Function::New<rowTermsOf>(env, "rowTerms"));
  exports.Set("rowSlopes", Napi::Function::New<rowSlopesOf>(env, "rowSlopes"));
  exports.Set("labelMasks", Napi::Function::New<labelMasksOf>(env, "labelMasks"));
  exports.Set("coupleRows", Napi::Function::New<coupleRows>(env, "coupleRows"));
  exports.Set("mixRows", Napi::Function::New<mixRows>(env, "mixRows"));
  exports.Set("pullMixedRows", Napi::Function::New<pullMixedRows>(env, "pullMixedRows"));
  exports.Set("crc32c", Napi::Function::New<checksum>(env, "crc32c"));
  exports.Set("tryLockFile", Napi::Function::New<tryLockFile>(env, "tryLockFile"));
  exports.Set("Graph", GraphObject::define(env));
  return exports;
}

}  // namespace
}  // namespace gyro

static Napi::Object initAddon(Napi::Env env, Napi::Object exports) { return gyro::init(env, exports); }
NODE_API_MODULE(gyrometric, initAddon)
