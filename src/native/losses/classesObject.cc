#include "classesObject.h"

#include "classTerms.h"
#include "cosines.h"
#include "../task.h"

namespace gyro {
namespace {

int threadsAt(const Napi::CallbackInfo& info, size_t i) { return static_cast<int>(whole(info, i, 1, 256, "threads")); }

double numberAt(const Napi::CallbackInfo& info, size_t i, const char* name) {
  require(info, info[i].IsNumber(), name);
  return info[i].As<Napi::Number>().DoubleValue();
}

/** Arguments 0 to 6: items, vectors, columns, factor, whether items and vectors are unit rows, threads. */
CosineInput cosinesOf(const Napi::CallbackInfo& info) {
  const Span<float> items = floats(info, 0, "items");
  const Span<float> vectors = floats(info, 1, "vectors");
  const size_t columns = whole(info, 2, 1, 2147483647, "columns");
  require(info, items.length % columns == 0 && vectors.length % columns == 0, "not a whole number of rows");
  return {items.data,
          items.length / columns,
          vectors.data,
          vectors.length / columns,
          columns,
          numberAt(info, 3, "factor: a number is needed"),
          info[4].ToBoolean(),
          info[5].ToBoolean(),
          threadsAt(info, 6)};
}

template <class T>
T* sized(const Napi::CallbackInfo& info, Span<T> values, size_t length, const char* name) {
  require(info, values.length == length, name);
  return values.data;
}

float* sized(const Napi::CallbackInfo& info, size_t i, size_t length, const char* name) {
  return sized(info, floats(info, i, name), length, name);
}

/** An array without values stands for none. */
const float* optional(const Napi::CallbackInfo& info, size_t i, size_t length, const char* name) {
  const Span<float> values = floats(info, i, name);
  return values.length == 0 ? nullptr : sized(info, i, length, name);
}

/** Arguments 0 to 3: logits, labels, classes, threads. */
ClassRows rowsOf(const Napi::CallbackInfo& info) {
  const Span<float> logits = floats(info, 0, "logits");
  const Span<int32_t> labels = ints(info, 1, "labels");
  const size_t classes = whole(info, 2, 1, 2147483647, "classes");
  const size_t cells = labels.length * classes;
  require(info, cells == 0 ? logits.length == 0 : logits.length > 0 && logits.length % cells == 0,
          "logits: items x classes x centers values are needed");
  return {logits.data, labels.length, classes, cells == 0 ? 1 : logits.length / cells, labels.data,
          threadsAt(info, 3)};
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

Napi::Value cosineLogits(const Napi::CallbackInfo& info) {
  return guarded(info, [&] {
    const CosineInput in = cosinesOf(info);
    cosineLogits(in, sized(info, 7, in.n * in.m, "logits"));
  });
}

Napi::Value cosineGradients(const Napi::CallbackInfo& info) {
  return guarded(info, [&] {
    const CosineInput in = cosinesOf(info);
    const CosinePull pull{sized(info, 7, in.n * in.m, "entries"), optional(info, 8, in.n, "rows"),
                          optional(info, 9, in.n, "item multiples"), optional(info, 10, in.m, "vector multiples")};
    float* toItems = sized(info, 11, in.n * in.columns, "gradient to items");
    cosineGradients(in, pull, toItems, sized(info, 12, in.m * in.columns, "gradient to vectors"));
  });
}

Napi::Value ownAngles(const Napi::CallbackInfo& info) {
  return guarded(info, [&] {
    const CosineInput in = cosinesOf(info);
    const Span<int32_t> labels = ints(info, 7, "labels");
    const size_t centers = whole(info, 8, 1, 2147483647, "centers");
    const auto doubles = [&](size_t i, size_t length, const char* name) {
      return sized(info, span<double>(info, i, napi_float64_array, name), length, name);
    };
    const OwnAngles out{doubles(9, in.n, "chords"), doubles(10, in.n, "item norms"),
                        doubles(11, in.m, "vector norms")};
    ownAngles(in, {sized(info, labels, in.n, "labels"), centers}, out);
  });
}

Napi::Value crossEntropy(const Napi::CallbackInfo& info) {
  return guarded(info, [&] {
    const ClassRows rows = rowsOf(info);
    crossEntropy(rows, optional(info, 4, rows.n, "own"), sized(info, 5, rows.n, "values"));
  });
}

Napi::Value squaredErrors(const Napi::CallbackInfo& info) {
  return guarded(info, [&] {
    const ClassRows rows = rowsOf(info);
    require(info, rows.centers == 1, "logits: items x classes values are needed");
    squaredErrors(rows, sized(info, 4, rows.n, "values"));
  });
}

Napi::Value anchorSums(const Napi::CallbackInfo& info) {
  return guarded(info, [&] {
    const ClassRows rows = rowsOf(info);
    require(info, rows.centers == 1, "logits: items x classes values are needed");
    const double margin = numberAt(info, 4, "margin: a number is needed");
    float* values = sized(info, 5, 2 * rows.classes, "values");
    anchorSums(rows, margin, values, sized(info, 6, 2 * rows.classes, "totals"));
  });
}

Napi::Value scaleEntries(const Napi::CallbackInfo& info) {
  return guarded(info, [&] {
    const ClassRows rows = rowsOf(info);
    require(info, rows.centers == 1, "logits: items x classes values are needed");
    scaleEntries(rows, sized(info, 4, rows.classes, "own"), sized(info, 5, rows.classes, "others"));
  });
}

}  // namespace gyro
