#include "graphObject.h"

#include <cstring>

namespace gyro {

Control controlOf(const Napi::CallbackInfo& info, size_t i) {
  const Span<int32_t> words = ints(info, i, "control");
  require(info, words.length == 2, "control: two numbers are needed");
  return {words.data};
}

Napi::Function GraphObject::define(Napi::Env env) {
  return DefineClass(env, "Graph",
                     {
                         InstanceMethod<&GraphObject::insert>("insert"),
                         InstanceMethod<&GraphObject::search>("search"),
                         InstanceMethod<&GraphObject::missed>("missed"),
                         InstanceMethod<&GraphObject::repair>("repair"),
                         InstanceMethod<&GraphObject::setStragglers>("setStragglers"),
                         InstanceMethod<&GraphObject::nodes>("nodes"),
                         InstanceMethod<&GraphObject::links>("links"),
                         InstanceMethod<&GraphObject::nodeOfRow>("nodeOfRow"),
                         InstanceMethod<&GraphObject::restore>("restore"),
                         InstanceMethod<&GraphObject::close>("close"),
                     });
}

GraphObject::GraphObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<GraphObject>(info) {
  const Span<double> codes = span<double>(info, 0, napi_float64_array, "space");
  const GraphOptions options{whole(info, 1, 2, 512, "m"), whole(info, 2, 1, 1e6, "efConstruction"),
                             whole(info, 3, 0, 4294967295.0, "seed")};
  const Space space = decodeSpace(codes.data, codes.length);
  columns_ = static_cast<size_t>(space.columns);
  graph_ = std::make_shared<Graph>(space, options);
}

std::shared_ptr<Graph> GraphObject::open(const Napi::CallbackInfo& info) const {
  if (!graph_) throw Napi::Error::New(info.Env(), "the graph is closed");
  return graph_;
}

size_t GraphObject::rowsIn(const Napi::CallbackInfo& info, const Span<float>& values) const {
  require(info, values.length % columns_ == 0, "vectors: not a whole number of rows");
  require(info, static_cast<double>(values.length / columns_) <= kMaxRows, "vectors: too many rows");
  return values.length / columns_;
}

Napi::Value GraphObject::insert(const Napi::CallbackInfo& info) {
  const auto graph = open(info);
  const Span<float> values = floats(info, 0, "vectors");
  const Span<int32_t> order = ints(info, 1, "order");
  const Control control = controlOf(info, 2);
  const size_t rows = rowsIn(info, values);
  return Task::start(info, [=] { graph->insert(values.data, rows, order.data, order.length, control); }, undefined);
}

Napi::Value GraphObject::search(const Napi::CallbackInfo& info) {
  const auto graph = open(info);
  const Span<float> values = floats(info, 0, "vectors");
  const Span<int64_t> ids = span<int64_t>(info, 1, napi_bigint64_array, "ids");
  const Span<float> queries = floats(info, 2, "queries");
  const Span<int64_t> foundIds = span<int64_t>(info, 7, napi_bigint64_array, "result ids");
  const Span<float> distances = floats(info, 8, "result distances");
  const Rows rows{values.data, ids.data, rowsIn(info, values)};
  const GraphQuery query{queries.data,
                         rowsIn(info, queries),
                         whole(info, 3, 1, kMaxRows, "k"),
                         whole(info, 4, 1, kMaxRows, "ef"),
                         static_cast<int>(whole(info, 5, 1, kMaxThreads, "threads")),
                         foundIds.data,
                         distances.data};
  const Control control = controlOf(info, 6);
  require(info, ids.length == rows.count, "ids: one a row is needed");
  require(info, foundIds.length == query.count * query.k && distances.length == foundIds.length,
          "results: queries x k values are needed");
  return Task::start(info, [=] { graph->search(rows, query, control); }, undefined);
}

namespace {

/** A task whose result is a list of nodes. */
Napi::Value startListing(const Napi::CallbackInfo& info, std::function<std::vector<uint32_t>()> list) {
  const auto found = std::make_shared<std::vector<uint32_t>>();
  return Task::start(
      info, [=] { *found = list(); },
      [found](Napi::Env env) {
        auto out = Napi::Int32Array::New(env, found->size());
        std::copy(found->begin(), found->end(), out.Data());
        return Napi::Value(out);
      });
}

}  // namespace

Napi::Value GraphObject::missed(const Napi::CallbackInfo& info) {
  const auto graph = open(info);
  const size_t first = whole(info, 0, 0, kMaxRows, "first");
  const size_t ef = whole(info, 1, 1, kMaxRows, "ef");
  const bool withStragglers = info[2].ToBoolean();
  const int threads = static_cast<int>(whole(info, 3, 1, kMaxThreads, "threads"));
  const Control control = controlOf(info, 4);
  return startListing(info, [=] { return graph->missed(first, ef, withStragglers, threads, control); });
}

Napi::Value GraphObject::repair(const Napi::CallbackInfo& info) {
  const auto graph = open(info);
  const size_t first = whole(info, 0, 0, kMaxRows, "first");
  const size_t ef = whole(info, 1, 1, kMaxRows, "ef");
  const size_t rounds = whole(info, 2, 0, 1000, "rounds");
  const int threads = static_cast<int>(whole(info, 3, 1, kMaxThreads, "threads"));
  const Control control = controlOf(info, 4);
  return startListing(info, [=] { return graph->repair(first, ef, rounds, threads, control); });
}

Napi::Value GraphObject::setStragglers(const Napi::CallbackInfo& info) {
  const Span<int32_t> nodes = ints(info, 0, "nodes");
  open(info)->setStragglers(std::vector<uint32_t>(nodes.data, nodes.data + nodes.length));
  return info.Env().Undefined();
}

Napi::Value GraphObject::nodes(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(open(info)->nodes()));
}

Napi::Value GraphObject::links(const Napi::CallbackInfo& info) {
  const std::vector<uint32_t> links = open(info)->links();
  auto out = Napi::Uint32Array::New(info.Env(), links.size());
  std::copy(links.begin(), links.end(), out.Data());
  return out;
}

Napi::Value GraphObject::nodeOfRow(const Napi::CallbackInfo& info) {
  const std::vector<int32_t> nodes = open(info)->nodeOfRow();
  auto out = Napi::Int32Array::New(info.Env(), nodes.size());
  std::copy(nodes.begin(), nodes.end(), out.Data());
  return out;
}

Napi::Value GraphObject::restore(const Napi::CallbackInfo& info) {
  const auto graph = open(info);
  const Span<float> values = floats(info, 0, "vectors");
  const Span<uint32_t> links = span<uint32_t>(info, 1, napi_uint32_array, "links");
  const Span<int32_t> nodeOf = ints(info, 2, "nodes");
  const size_t rows = rowsIn(info, values);
  require(info, nodeOf.length == rows, "nodes: one a row is needed");
  return Task::start(
      info, [=] { graph->restore(values.data, rows, links.data, links.length, nodeOf.data); }, undefined);
}

Napi::Value GraphObject::close(const Napi::CallbackInfo& info) {
  graph_.reset();
  return info.Env().Undefined();
}

}  // namespace gyro
