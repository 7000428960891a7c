#include "graphObject.h"

#include <cmath>

namespace gyro {

Control controlOf(const Napi::CallbackInfo& info, size_t i) {
  const Span<int32_t> words = ints(info, i, "control");
  require(info, words.length == 2, "control: two numbers are needed");
  return {words.data};
}

namespace {

int threadsOf(const Napi::CallbackInfo& info, size_t i) {
  return static_cast<int>(whole(info, i, 1, kMaxThreads, "threads"));
}

Span<int64_t> bigInts(const Napi::CallbackInfo& info, size_t i, const char* name) {
  return span<int64_t>(info, i, napi_bigint64_array, name);
}

/** A BigInt64Array of ids, a Uint8Array of bits, or neither. */
IdFilter filterOf(const Napi::CallbackInfo& info, size_t i) {
  if (info[i].IsUndefined()) return {};
  if (info[i].IsTypedArray() && info[i].As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array) {
    const Span<uint8_t> bits = span<uint8_t>(info, i, napi_uint8_array, "filter");
    return {IdFilter::Kind::bits, nullptr, bits.data, bits.length};
  }
  const Span<int64_t> ids = bigInts(info, i, "filter");
  return {IdFilter::Kind::ids, ids.data, nullptr, ids.length};
}

/** A task whose result is one number. */
Napi::Value startCounting(const Napi::CallbackInfo& info, std::function<double()> count) {
  const auto found = std::make_shared<double>(0);
  return Task::start(
      info, [=] { *found = count(); },
      [found](Napi::Env env) { return Napi::Value(Napi::Number::New(env, *found)); });
}

Napi::Value toArray(Napi::Env env, const std::vector<int32_t>& values) {
  auto out = Napi::Int32Array::New(env, values.size());
  std::copy(values.begin(), values.end(), out.Data());
  return out;
}

}  // namespace

Napi::Function GraphObject::define(Napi::Env env) {
  return DefineClass(env, "Graph",
                     {
                         InstanceMethod<&GraphObject::append>("append"),
                         InstanceMethod<&GraphObject::link>("link"),
                         InstanceMethod<&GraphObject::remove>("remove"),
                         InstanceMethod<&GraphObject::compact>("compact"),
                         InstanceMethod<&GraphObject::repair>("repair"),
                         InstanceMethod<&GraphObject::search>("search"),
                         InstanceMethod<&GraphObject::countMissed>("countMissed"),
                         InstanceMethod<&GraphObject::ids>("ids"),
                         InstanceMethod<&GraphObject::has>("has"),
                         InstanceMethod<&GraphObject::copyRows>("copyRows"),
                         InstanceMethod<&GraphObject::state>("state"),
                         InstanceMethod<&GraphObject::read>("read"),
                         InstanceMethod<&GraphObject::twins>("twins"),
                         InstanceMethod<&GraphObject::stragglers>("stragglers"),
                         InstanceMethod<&GraphObject::restore>("restore"),
                         InstanceMethod<&GraphObject::map>("map"),
                         InstanceMethod<&GraphObject::touch>("touch"),
                         InstanceMethod<&GraphObject::close>("close"),
                     });
}

GraphObject::GraphObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<GraphObject>(info) {
  const Span<double> codes = span<double>(info, 0, napi_float64_array, "space");
  const GraphOptions options{whole(info, 1, 2, 512, "m"), whole(info, 2, 1, 1e6, "efConstruction"),
                             whole(info, 3, 0, 4294967295.0, "seed")};
  const Space space = decodeSpace(codes.data, codes.length);
  columns_ = static_cast<size_t>(space.columns);
  slots_ = static_cast<size_t>(slotCount(space));
  m_ = options.m;
  index_ = std::make_shared<GraphIndex>(space, options);
}

std::shared_ptr<GraphIndex> GraphObject::open(const Napi::CallbackInfo& info) const {
  if (!index_) throw Napi::Error::New(info.Env(), "the graph is closed");
  return index_;
}

size_t GraphObject::rowsIn(const Napi::CallbackInfo& info, const Span<float>& values) const {
  require(info, values.length % columns_ == 0, "vectors: not a whole number of rows");
  require(info, static_cast<double>(values.length / columns_) <= kMaxRows, "vectors: too many rows");
  return values.length / columns_;
}

Napi::Value GraphObject::append(const Napi::CallbackInfo& info) {
  const auto index = open(info);
  const Span<float> values = floats(info, 0, "vectors");
  const Span<int64_t> ids = bigInts(info, 1, "ids");
  const size_t rows = rowsIn(info, values);
  require(info, ids.length == rows, "ids: one a row is needed");
  const size_t stored = index->length(Part::values);
  require(info, static_cast<double>(stored + rows) <= kMaxRows, "vectors: more rows than an index can hold");
  const bool replace = info[2].ToBoolean();
  return startCounting(
      info, [=] { return static_cast<double>(index->append(values.data, ids.data, rows, replace)); });
}

Napi::Value GraphObject::remove(const Napi::CallbackInfo& info) {
  const auto index = open(info);
  const Span<int64_t> ids = bigInts(info, 0, "ids");
  const int threads = threadsOf(info, 1);
  return startCounting(
      info, [=] { return static_cast<double>(index->remove(ids.data, ids.length, threads)); });
}

Napi::Value GraphObject::compact(const Napi::CallbackInfo& info) {
  const auto index = open(info);
  const int threads = threadsOf(info, 0);
  return Task::start(info, [=] { index->compact(threads); }, undefined);
}

Napi::Value GraphObject::link(const Napi::CallbackInfo& info) {
  const auto index = open(info);
  const int threads = threadsOf(info, 0);
  const Control control = controlOf(info, 1);
  return Task::start(info, [=] { index->link(threads, control); }, undefined);
}

Napi::Value GraphObject::repair(const Napi::CallbackInfo& info) {
  const auto index = open(info);
  const bool all = info[0].ToBoolean();
  const int threads = threadsOf(info, 1);
  const Control control = controlOf(info, 2);
  return startCounting(info, [=] { return static_cast<double>(index->repair(all, threads, control)); });
}

Napi::Value GraphObject::search(const Napi::CallbackInfo& info) {
  const auto index = open(info);
  const Span<float> queries = floats(info, 0, "queries");
  const Span<int64_t> ids = bigInts(info, 6, "result ids");
  const Span<float> distances = floats(info, 7, "result distances");
  GraphQuery query{queries.data,
                   rowsIn(info, queries),
                   whole(info, 1, 1, kMaxRows, "k"),
                   whole(info, 2, 1, kMaxRows, "ef"),
                   info[3].ToBoolean(),
                   threadsOf(info, 4),
                   ids.data,
                   distances.data};
  query.filter = filterOf(info, 8);
  const Control control = controlOf(info, 5);
  require(info, ids.length == query.count * query.k && distances.length == ids.length,
          "results: queries x k values are needed");
  return Task::start(info, [=] { index->search(query, control); }, undefined);
}

Napi::Value GraphObject::countMissed(const Napi::CallbackInfo& info) {
  const auto index = open(info);
  const size_t ef = whole(info, 0, 1, kMaxRows, "ef");
  const int threads = threadsOf(info, 1);
  const Control control = controlOf(info, 2);
  return startCounting(info, [=] { return static_cast<double>(index->countMissed(ef, threads, control)); });
}

Napi::Value GraphObject::ids(const Napi::CallbackInfo& info) {
  const std::vector<int64_t> ids = open(info)->ids();
  auto out = Napi::BigInt64Array::New(info.Env(), ids.size());
  std::copy(ids.begin(), ids.end(), out.Data());
  return out;
}

Napi::Value GraphObject::has(const Napi::CallbackInfo& info) {
  const auto index = open(info);
  const Span<int64_t> ids = bigInts(info, 0, "ids");
  auto out = Napi::Uint8Array::New(info.Env(), ids.length);
  for (size_t i = 0; i < ids.length; i++) out[i] = index->rowOf(ids.data[i]) != kNone;
  return out;
}

Napi::Value GraphObject::copyRows(const Napi::CallbackInfo& info) {
  const auto index = open(info);
  const Span<int64_t> ids = bigInts(info, 0, "ids");
  const Span<float> out = floats(info, 1, "result");
  require(info, out.length == ids.length * columns_, "result: one row for each id is needed");
  return Napi::Number::New(info.Env(), static_cast<double>(index->copyRows(ids.data, ids.length, out.data)));
}

Napi::Value GraphObject::state(const Napi::CallbackInfo& info) {
  const auto index = open(info);
  Napi::Object state = Napi::Object::New(info.Env());
  const auto set = [&](const char* name, double value) { state.Set(name, Napi::Number::New(info.Env(), value)); };
  set("rows", static_cast<double>(index->rows()));
  set("nodes", static_cast<double>(index->nodes()));
  set("upperLists", static_cast<double>(index->length(Part::upper)));
  set("entry", index->entry() == kNone ? -1 : static_cast<double>(index->entry()));
  set("bytes", static_cast<double>(index->bytes()));
  set("distances", static_cast<double>(index->distances()));
  set("scalars", static_cast<double>(slots_));
  state.Set("compact", Napi::Boolean::New(info.Env(), index->isCompact()));
  return state;
}

Napi::Value GraphObject::read(const Napi::CallbackInfo& info) {
  const auto index = open(info);
  const Part part = static_cast<Part>(whole(info, 0, 0, static_cast<double>(Part::scalars), "part"));
  const size_t from = whole(info, 1, 0, 1e15, "from");
  const Span<uint8_t> out = span<uint8_t>(info, 2, napi_uint8_array, "result");
  const size_t bytes = index->entryBytes(part);
  require(info, bytes > 0 && out.length % bytes == 0, "result: not a whole number of entries");
  return Task::start(
      info, [=] { index->read(part, from, out.length / bytes, reinterpret_cast<char*>(out.data)); }, undefined);
}

Napi::Value GraphObject::twins(const Napi::CallbackInfo& info) { return toArray(info.Env(), open(info)->twins()); }

Napi::Value GraphObject::stragglers(const Napi::CallbackInfo& info) {
  return toArray(info.Env(), open(info)->stragglers());
}

Napi::Value GraphObject::restore(const Napi::CallbackInfo& info) {
  const auto index = open(info);
  const Span<int8_t> levels = span<int8_t>(info, 0, napi_int8_array, "levels");
  const Span<uint32_t> lowest = span<uint32_t>(info, 1, napi_uint32_array, "lowest links");
  const Span<uint32_t> upper = span<uint32_t>(info, 2, napi_uint32_array, "upper links");
  const double entry = info[3].ToNumber().DoubleValue();
  const Span<int32_t> twins = ints(info, 4, "twins");
  const Span<int32_t> stragglers = ints(info, 5, "stragglers");
  const size_t rows = index->length(Part::values);
  require(info, levels.length == rows && lowest.length == rows * (2 * m_ + 1), "links: other rows");
  require(info, upper.length % (m_ + 1) == 0 && twins.length % 2 == 0, "links: not whole entries");
  const bool starts = entry >= 0 && entry < static_cast<double>(rows) && entry == std::floor(entry);
  const SavedGraph saved{levels.data,
                         lowest.data,
                         upper.data,
                         upper.length / (m_ + 1),
                         starts ? static_cast<uint32_t>(entry) : kNone,
                         twins.data,
                         twins.length / 2,
                         stragglers.data,
                         stragglers.length};
  return Task::start(info, [=] { index->restore(saved); }, undefined);
}

Napi::Value GraphObject::map(const Napi::CallbackInfo& info) {
  const auto index = open(info);
  const int file = static_cast<int>(whole(info, 0, 0, 2147483647.0, "file"));
  const size_t size = whole(info, 1, 1, 1e15, "size");
  const Span<double> layout = span<double>(info, 2, napi_float64_array, "layout");
  require(info, layout.length == 2 * (MappedGraph::blocks + 1), "layout: two numbers a block are needed");
  MappedGraph mapped{};
  mapped.rows = whole(info, 3, 0, kMaxRows, "rows");
  const double entry = info[4].ToNumber().DoubleValue();
  mapped.entry = entry < 0 ? kNone : static_cast<uint32_t>(whole(info, 4, 0, kMaxRows, "entry"));
  const size_t units[] = {8, 4 * columns_, std::max<size_t>(1, 8 * slots_), 1, 4 * (2 * m_ + 1), 4 * (m_ + 1), 8, 4, 4};
  size_t pieces = 0;
  for (size_t b = 0; b <= MappedGraph::blocks; b++) {
    const double at = layout.data[2 * b];
    const double bytes = layout.data[2 * b + 1];
    const double end = static_cast<double>(size);
    require(info, at >= 0 && bytes >= 0 && at + bytes <= end && std::fmod(at, 64) == 0, "layout: not in the file");
    const MappedGraph::Block block{static_cast<size_t>(at), static_cast<size_t>(bytes)};
    const size_t count = block.bytes / units[b];
    const bool none = b == MappedGraph::scalars && slots_ == 0;
    const bool fits = none ? count == 0 : b <= MappedGraph::lowest ? count == mapped.rows : b < MappedGraph::blocks || count == pieces;
    require(info, block.bytes % units[b] == 0 && fits, "layout: another number of entries");
    pieces += (block.bytes + kSumPiece - 1) / kSumPiece;
    (b < MappedGraph::blocks ? mapped.block[b] : mapped.sums) = block;
  }
  try {
    mapped.file = std::make_shared<MappedFile>(file, size);
  } catch (const std::exception& error) {
    throw Napi::Error::New(info.Env(), error.what());
  }
  mapped_ = mapped;
  return info.Env().Undefined();
}

Napi::Value GraphObject::touch(const Napi::CallbackInfo& info) {
  const auto index = open(info);
  const int threads = threadsOf(info, 0);
  const Storage storage = static_cast<Storage>(whole(info, 2, 0, 2, "storage"));
  const MappedGraph mapped = mapped_;
  require(info, mapped.file != nullptr, "no file is mapped");
  if (!info[1].ToBoolean()) return Task::start(info, [=] { index->adopt(mapped, storage, threads); }, undefined);
  try {
    index->adopt(mapped, storage, threads);
  } catch (const std::exception& error) {
    throw Napi::Error::New(info.Env(), error.what());
  }
  return info.Env().Undefined();
}

Napi::Value GraphObject::close(const Napi::CallbackInfo& info) {
  index_.reset();
  mapped_ = {};
  return info.Env().Undefined();
}

}  // namespace gyro
