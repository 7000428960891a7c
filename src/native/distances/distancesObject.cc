#include "distancesObject.h"

#include "../graphObject.h"
#include "../task.h"
#include "distanceRows.h"
#include "rowQuality.h"

namespace gyro {
namespace {

Span<double> doubles(const Napi::CallbackInfo& info, size_t i, const char* name) {
  return span<double>(info, i, napi_float64_array, name);
}

void requireAnchors(const Napi::CallbackInfo& info, const Span<int32_t>& anchors, size_t rows) {
  for (size_t i = 0; i < anchors.length; i++) {
    const bool known = anchors.data[i] >= 0 && static_cast<size_t>(anchors.data[i]) < rows;
    require(info, known, "anchors: rows are needed");
  }
}

template <class T>
Napi::Value startRows(const Napi::CallbackInfo& info, const Span<T>& points) {
  const Span<double> codes = doubles(info, 0, "space");
  const Span<int32_t> anchors = ints(info, 2, "anchors");
  const Span<double> distances = doubles(info, 5, "distances");
  const Space space = decodeSpace(codes.data, codes.length);
  const size_t columns = static_cast<size_t>(space.columns);
  const size_t rows = points.length / columns;
  const int threads = static_cast<int>(whole(info, 3, 1, kMaxThreads, "threads"));
  const Control control = controlOf(info, 4);
  require(info, points.length % columns == 0, "points: not a whole number of rows");
  require(info, static_cast<double>(rows) <= kMaxRows, "points: too many rows");
  require(info, distances.length == anchors.length * rows, "distances: anchors x rows values are needed");
  requireAnchors(info, anchors, rows);
  const DistanceRowsQuery<T> query{points.data, rows, anchors.data, anchors.length, threads, distances.data};
  return Task::start(info, [=] { distanceRows(space, query, control); }, undefined);
}

GradeMap gradeMapOf(const Napi::CallbackInfo& info, size_t i) {
  const Span<double> knots = doubles(info, i, "grades");
  require(info, knots.length >= 4, "grades: low, places a unit and at least two knots are needed");
  for (size_t k = 2; k < knots.length; k++) {
    const bool rising = knots.data[k] >= (k > 2 ? knots.data[k - 1] : 0) && knots.data[k] <= static_cast<double>(kGrades);
    require(info, rising, "grades: rising knots within the grades are needed");
  }
  return {knots.data[0], knots.data[1], knots.data + 2, knots.length - 3};
}

}  // namespace

Napi::Value distanceRowsOf(const Napi::CallbackInfo& info) {
  const bool single = info[1].IsTypedArray() && info[1].As<Napi::TypedArray>().TypedArrayType() == napi_float32_array;
  return single ? startRows(info, floats(info, 1, "points")) : startRows(info, doubles(info, 1, "points"));
}

Napi::Value rowQualityOf(const Napi::CallbackInfo& info) {
  const Span<double> inputs = doubles(info, 0, "inputs");
  const Span<double> codes = doubles(info, 1, "codes");
  const Span<int32_t> anchors = ints(info, 2, "anchors");
  const Span<double> centre = doubles(info, 4, "scale and shifts");
  const Span<double> columns = doubles(info, 9, "columns");
  const Span<int32_t> places = ints(info, 10, "places");
  const Span<double> grades = doubles(info, 11, "grades of all pairs");
  require(info, anchors.length > 0, "anchors: at least one is needed");
  require(info, centre.length == 3, "scale and shifts: three values are needed");
  const size_t n = inputs.length / anchors.length;
  require(info, inputs.length == n * anchors.length && codes.length == inputs.length,
          "inputs and codes: anchors x rows values are needed");
  require(info, n >= 2 && static_cast<double>(n) <= (1 << 23), "inputs: 2 to 8388608 rows are needed");
  requireAnchors(info, anchors, n);
  require(info, columns.length == anchors.length * kQualityColumns && places.length == 2 * anchors.length,
          "columns and places: another number a row is needed");
  require(info, grades.length == 4 * kGrades, "grades of all pairs: four tables are needed");
  const QualityInput input{inputs.data,
                           codes.data,
                           n,
                           anchors.data,
                           anchors.length,
                           whole(info, 3, 1, static_cast<double>(n - 1), "k"),
                           centre.data[0],
                           centre.data[1],
                           centre.data[2],
                           gradeMapOf(info, 5),
                           gradeMapOf(info, 6),
                           info[7].ToBoolean(),
                           static_cast<int>(whole(info, 8, 1, kMaxThreads, "threads"))};
  double* tables = grades.data;
  const QualityOutput output{columns.data,           places.data,
                             tables,                 tables + kGrades,
                             tables + 2 * kGrades,   tables + 3 * kGrades};
  return Task::start(info, [=] { rowQuality(input, output); }, undefined);
}

}  // namespace gyro
