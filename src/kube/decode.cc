#include "kube/decode.h"

#include "base/check.h"
#include "kube/client.h"
#include "kube/decode_fields.h"
#include "model/policy_parser.h"
#include "model/yaml.h"

#include <algorithm>
#include <array>

namespace ebb::kube {
namespace {

namespace od = simdjson::ondemand;

struct EventTypeName {
  std::string_view name;
  WatchEventType type;
};
constexpr auto kEventTypes = std::to_array<EventTypeName>({
    {"ADDED", WatchEventType::added},
    {"MODIFIED", WatchEventType::modified},
    {"DELETED", WatchEventType::deleted},
    {"BOOKMARK", WatchEventType::bookmark},
    {"ERROR", WatchEventType::error},
});

// Every field of `object` goes to metadata or to `visit`.
template <class Visit>
Status read_with_metadata(JsonObject object, Metadata& metadata, Visit&& visit) {
  return each_field(object, [&](std::string_view key, JsonValue value) -> Status {
    if (key == "metadata") return read_metadata(value, MetadataDepth::all, metadata);
    return visit(key, value);
  });
}

Decoded finish(Metadata&& metadata, model::ClusterEvent seen) {
  return {.key = std::move(metadata.key),
          .uid = std::move(metadata.uid),
          .resource_version = std::move(metadata.resource_version),
          .seen = std::move(seen)};
}

Result<Decoded> read_pod(JsonObject object, Metadata& metadata) {
  model::PodSeen seen;
  model::Pod& pod = seen.pod;
  EBB_TRY_VOID(
      read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) { return read_pod_field(key, value, pod); }));
  pod.key = metadata.key;
  pod.uid = metadata.uid;
  pod.resource_version = metadata.resource_version;
  pod.created = metadata.created;
  pod.deletion_requested = metadata.deletion_requested;
  pod.labels = std::move(metadata.labels);
  pod.annotations = std::move(metadata.annotations);
  pod.owners = std::move(metadata.owners);
  pod.is_static = metadata.mirror_of_static_pod;
  return finish(std::move(metadata), std::move(seen));
}

Result<Decoded> read_node(JsonObject object, Metadata& metadata) {
  model::NodeSeen seen;
  model::Node& node = seen.node;
  EBB_TRY_VOID(
      read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) { return read_node_field(key, value, node); }));
  node.name.v = metadata.key.name;
  node.capacity = model::with_published_names(std::move(node.capacity));
  node.allocatable = model::with_published_names(std::move(node.allocatable));
  node.uid = metadata.uid;
  node.resource_version = metadata.resource_version;
  node.labels = std::move(metadata.labels);
  node.annotations = std::move(metadata.annotations);
  return finish(std::move(metadata), std::move(seen));
}

Result<Decoded> read_owner(ObjectType type, JsonObject object, Metadata& metadata) {
  model::OwnerSeen seen;
  model::Owner& owner = seen.owner;
  if (type == ObjectType::job) owner.job.emplace();
  EBB_TRY_VOID(read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) {
    return owner.job ? read_job_field(key, value, *owner.job) : Status();
  }));
  owner.kind = kind_of(type);
  owner.key = metadata.key;
  owner.uid = metadata.uid;
  owner.labels = std::move(metadata.labels);
  owner.annotations = std::move(metadata.annotations);
  owner.owners = std::move(metadata.owners);
  return finish(std::move(metadata), std::move(seen));
}

Result<Decoded> read_report(JsonObject object, Metadata& metadata) {
  model::ReportSeen seen;
  EBB_TRY_VOID(read_with_metadata(object, metadata,
                                  [&](std::string_view key, JsonValue value) { return read_report_field(key, value, seen.report); }));
  seen.report.node.v = metadata.key.name;
  return finish(std::move(metadata), std::move(seen));
}

Result<Decoded> read_priority_class(JsonObject object, Metadata& metadata) {
  model::PriorityClassSeen seen;
  EBB_TRY_VOID(read_with_metadata(object, metadata,
                                  [&](std::string_view key, JsonValue value) { return read_priority_class_field(key, value, seen); }));
  seen.name = metadata.key.name;
  return finish(std::move(metadata), std::move(seen));
}

model::PolicyDocument document_of(model::PolicySource source, Metadata& metadata) {
  model::PolicyDocument document;
  document.source = source;
  document.key = metadata.key;
  document.uid = metadata.uid;
  document.resource_version = metadata.resource_version;
  document.generation = metadata.generation;
  if (const auto kept = metadata.annotations.find(model::kLastAcceptedAnnotation); kept != metadata.annotations.end()) {
    document.last_accepted = std::move(kept->second);
  }
  return document;
}

Result<Decoded> read_config_map(ObjectType type, JsonObject object, Metadata& metadata) {
  const bool is_policy = type == ObjectType::policy_config_map;
  model::PolicyDocument content{.missing_key = true};
  EBB_TRY_VOID(read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) {
    return read_config_map_field(key, value, is_policy ? model::kPolicyKey : model::kNodePolicyKey, content);
  }));
  model::PolicyDocument document =
      document_of(is_policy ? model::PolicySource::policy_config_map : model::PolicySource::node_config_map, metadata);
  document.text = std::move(content.text);
  document.missing_key = content.missing_key;
  return finish(std::move(metadata), model::PolicyDocumentSeen{.document = std::move(document)});
}

Result<Decoded> read_colocation_policy(JsonObject object, Metadata& metadata) {
  std::string spec;
  EBB_TRY_VOID(
      read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) { return read_policy_field(key, value, spec); }));
  model::PolicyDocument document = document_of(model::PolicySource::policy_resource, metadata);
  document.text = fmt::format(R"({{"apiVersion":"{}","kind":"{}","metadata":{{"name":{}}}{}{}}})", model::kPolicyApiVersion,
                              model::kPolicyKind, model::json_quoted(metadata.key.name), spec.empty() ? "" : ",\"spec\":", spec);
  return finish(std::move(metadata), model::PolicyDocumentSeen{.document = std::move(document)});
}

Result<Decoded> read_node_metrics(JsonObject object, Metadata& metadata) {
  model::NodeUsageSeen seen;
  EBB_TRY_VOID(read_with_metadata(object, metadata,
                                  [&](std::string_view key, JsonValue value) { return read_node_metrics_field(key, value, seen); }));
  seen.node.v = metadata.key.name;
  return finish(std::move(metadata), std::move(seen));
}

Result<Decoded> read_pod_metrics(JsonObject object, Metadata& metadata) {
  model::PodUsageSeen seen;
  EBB_TRY_VOID(read_with_metadata(object, metadata,
                                  [&](std::string_view key, JsonValue value) { return read_pod_metrics_field(key, value, seen); }));
  seen.pod = metadata.key;
  return finish(std::move(metadata), std::move(seen));
}

Result<Decoded> read_object(ObjectType type, JsonObject object, Metadata& metadata) {
  switch (type) {
    case ObjectType::pod: return read_pod(object, metadata);
    case ObjectType::node: return read_node(object, metadata);
    case ObjectType::deployment:
    case ObjectType::replica_set:
    case ObjectType::stateful_set:
    case ObjectType::daemon_set:
    case ObjectType::job:
    case ObjectType::cron_job: return read_owner(type, object, metadata);
    case ObjectType::node_report: return read_report(object, metadata);
    case ObjectType::priority_class: return read_priority_class(object, metadata);
    case ObjectType::policy_config_map:
    case ObjectType::node_config_map: return read_config_map(type, object, metadata);
    case ObjectType::colocation_policy: return read_colocation_policy(object, metadata);
    case ObjectType::node_metrics: return read_node_metrics(object, metadata);
    case ObjectType::pod_metrics: return read_pod_metrics(object, metadata);
  }
  EBB_UNREACHABLE();
}

// With the object's name in front of the error where it was understood before the error came.
std::expected<Decoded, Refused> read_listed(ObjectType type, JsonValue value) {
  Metadata metadata;
  const auto refuse = [&](Error error) {
    const std::string name =
        metadata.key.name.empty() ? std::string(kind_of(type)) : fmt::format("{} {}", kind_of(type), model::to_string(metadata.key));
    return std::unexpected(Refused{.key = metadata.key, .error = std::move(error).with(name)});
  };
  JsonObject object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return refuse({Errc::invalid, "expected an object"});
  auto decoded = read_object(type, object, metadata);
  if (!decoded) return refuse(std::move(decoded).error());
  if (decoded->key.name.empty()) return refuse({Errc::invalid, "metadata.name is missing"});
  return *std::move(decoded);
}

}   // namespace

std::string_view kind_of(ObjectType type) {
  switch (type) {
    case ObjectType::pod: return "Pod";
    case ObjectType::node: return "Node";
    case ObjectType::deployment: return "Deployment";
    case ObjectType::replica_set: return "ReplicaSet";
    case ObjectType::stateful_set: return "StatefulSet";
    case ObjectType::daemon_set: return "DaemonSet";
    case ObjectType::job: return "Job";
    case ObjectType::cron_job: return "CronJob";
    case ObjectType::node_report: return "NodeReport";
    case ObjectType::priority_class: return "PriorityClass";
    case ObjectType::policy_config_map:
    case ObjectType::node_config_map: return "ConfigMap";
    case ObjectType::colocation_policy: return "ColocationPolicy";
    case ObjectType::node_metrics: return "NodeMetrics";
    case ObjectType::pod_metrics: return "PodMetrics";
  }
  EBB_UNREACHABLE();
}

class Decoder::Impl final {
 public:
  explicit Impl(ObjectType object_type) : type_(object_type) {}

  Result<Decoded> object(std::string_view json);
  Result<Page> page(std::string_view json);
  Result<WatchEvent> watch_event(std::string_view json);

 private:
  // Calls visit(root object) and makes sure that the whole text was one sound object.
  template <class Visit>
  Status with_root(std::string_view json, Visit&& visit);
  Status read_list_metadata(JsonValue value, Page& page);
  Status read_items(JsonValue value, Page& page);
  Status read_watched(JsonValue value, WatchEvent& event);

  const ObjectType type_;
  od::parser parser_;
  std::string text_;   // with simdjson's padding in its capacity
};

template <class Visit>
Status Decoder::Impl::with_root(std::string_view json, Visit&& visit) {
  text_.assign(json);
  text_.reserve(json.size() + simdjson::SIMDJSON_PADDING);
  od::document document;
  const simdjson::padded_string_view padded(text_.data(), text_.size(), text_.capacity());
  if (const auto code = parser_.iterate(padded).get(document); code != simdjson::SUCCESS) return json_error(code);
  JsonObject root;
  if (document.get_object().get(root) != simdjson::SUCCESS) return fail(Errc::invalid, "expected an object");
  EBB_TRY_VOID(visit(root));
  // A broken text ends every loop above without a word; the document knows.
  if (!document.is_alive()) return fail(Errc::invalid, "the JSON text is broken");
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return fail(Errc::invalid, "the JSON text goes on after its end");
  return {};
}

Result<Decoded> Decoder::Impl::object(std::string_view json) {
  std::optional<Decoded> decoded;
  EBB_TRY_VOID(with_root(json, [&](JsonObject root) -> Status {
    Metadata metadata;
    EBB_TRY(decoded, read_object(type_, root, metadata));
    return {};
  }));
  return *std::move(decoded);
}

Status Decoder::Impl::read_list_metadata(JsonValue value, Page& page) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "resourceVersion") return read(field, page.resource_version);
    if (key == "continue") return read(field, page.continue_token);
    return {};
  });
}

Status Decoder::Impl::read_items(JsonValue value, Page& page) {
  if (json_is_null(value)) return {};
  JsonArray array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return fail(Errc::invalid, "expected an array");
  for (auto item : array) {
    JsonValue element;
    if (const auto code = item.get(element); code != simdjson::SUCCESS) return json_error(code);
    if (auto decoded = read_listed(type_, element)) {
      page.items.push_back(*std::move(decoded));
    } else {
      page.refused.push_back(std::move(decoded).error());
    }
  }
  return {};
}

Result<Page> Decoder::Impl::page(std::string_view json) {
  Page page;
  bool has_items = false;
  EBB_TRY_VOID(with_root(json, [&](JsonObject root) {
    return each_field(root, [&](std::string_view key, JsonValue value) -> Status {
      if (key == "metadata") return read_list_metadata(value, page);
      if (key != "items") return {};
      has_items = true;
      return read_items(value, page);
    });
  }));
  if (!has_items) return fail(Errc::invalid, "the list has no items");
  return page;
}

// The object of a watch event whose type is known.
Status Decoder::Impl::read_watched(JsonValue value, WatchEvent& event) {
  if (event.type == WatchEventType::error) {
    JsonObject status;
    std::string_view raw;
    if (value.get_object().get(status) != simdjson::SUCCESS) return fail(Errc::invalid, "expected an object");
    if (const auto code = status.raw_json().get(raw); code != simdjson::SUCCESS) return json_error(code);
    event.error = to_error({.status = 0, .content_type = "application/json", .body = std::string(raw), .warnings = {}, .retry_after = {}});
    return {};
  }
  if (event.type == WatchEventType::added || event.type == WatchEventType::modified) {
    auto decoded = read_listed(type_, value);
    if (decoded) {
      event.resource_version = decoded->resource_version;
      event.object = *std::move(decoded);
    } else {
      event.error = std::move(decoded).error().error;
    }
    return {};
  }
  Metadata metadata;
  EBB_TRY_VOID(each_field(value, [&](std::string_view key, JsonValue field) {
    return key == "metadata" ? read_metadata(field, MetadataDepth::key_only, metadata) : Status();
  }));
  event.resource_version = metadata.resource_version;
  if (event.type == WatchEventType::deleted) event.object = finish(std::move(metadata), model::Synced{});
  return {};
}

Result<WatchEvent> Decoder::Impl::watch_event(std::string_view json) {
  WatchEvent event;
  bool typed = false;
  bool has_object = false;
  std::string early;   // the object, where it stands before its type
  EBB_TRY_VOID(with_root(json, [&](JsonObject root) {
    return each_field(root, [&](std::string_view key, JsonValue value) -> Status {
      if (key == "type") {
        EBB_TRY(const std::string_view type, read_view(value));
        const auto known = std::find_if(kEventTypes.begin(), kEventTypes.end(), [&](const EventTypeName& t) { return t.name == type; });
        if (known == kEventTypes.end()) return fail(Errc::invalid, "'{}' is no type of a watch event", type);
        event.type = known->type;
        typed = true;
      }
      if (key != "object") return {};
      has_object = true;
      if (typed) return read_watched(value, event);
      JsonObject object;
      std::string_view raw;
      if (value.get_object().get(object) != simdjson::SUCCESS) return fail(Errc::invalid, "expected an object");
      if (const auto code = object.raw_json().get(raw); code != simdjson::SUCCESS) return json_error(code);
      early = raw;
      return {};
    });
  }));
  if (!typed || !has_object) return fail(Errc::invalid, "a watch event has a type and an object");
  if (early.empty()) return event;
  const auto known = std::find_if(kEventTypes.begin(), kEventTypes.end(), [&](const EventTypeName& t) { return t.type == event.type; });
  return watch_event(fmt::format(R"({{"type":"{}","object":{}}})", known->name, early));
}

Decoder::Decoder(ObjectType type) : impl_(std::make_unique<Impl>(type)) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;
Result<Decoded> Decoder::object(std::string_view json) { return impl_->object(json); }
Result<Page> Decoder::page(std::string_view json) { return impl_->page(json); }
Result<WatchEvent> Decoder::watch_event(std::string_view json) { return impl_->watch_event(json); }

namespace {

template <class Seen, class T>
Result<T> decode_one(ObjectType type, std::string_view json, T Seen::* member) {
  EBB_TRY(Decoded decoded, Decoder(type).object(json));
  return std::move(std::get<Seen>(decoded.seen).*member);
}

}   // namespace

Result<model::Pod> decode_pod(std::string_view json) { return decode_one(ObjectType::pod, json, &model::PodSeen::pod); }
Result<model::Node> decode_node(std::string_view json) { return decode_one(ObjectType::node, json, &model::NodeSeen::node); }
Result<model::Owner> decode_owner(ObjectType type, std::string_view json) { return decode_one(type, json, &model::OwnerSeen::owner); }
Result<model::NodeReport> decode_node_report(std::string_view json) {
  return decode_one(ObjectType::node_report, json, &model::ReportSeen::report);
}

}   // namespace ebb::kube
