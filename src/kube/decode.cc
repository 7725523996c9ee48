#include "kube/decode.h"

#include "base/check.h"
#include "kube/client.h"
#include "kube/decode_fields.h"

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
    case ObjectType::replication_controller: return "ReplicationController";
    case ObjectType::name_space: return "Namespace";
    case ObjectType::service: return "Service";
    case ObjectType::disruption_budget: return "PodDisruptionBudget";
    case ObjectType::volume_claim: return "PersistentVolumeClaim";
    case ObjectType::volume: return "PersistentVolume";
    case ObjectType::storage_class: return "StorageClass";
    case ObjectType::csi_node: return "CSINode";
    case ObjectType::csi_driver: return "CSIDriver";
    case ObjectType::csi_storage_capacity: return "CSIStorageCapacity";
    case ObjectType::pod_group:
    case ObjectType::volcano_pod_group:
    case ObjectType::plugins_pod_group: return "PodGroup";
    case ObjectType::volcano_queue: return "Queue";
    case ObjectType::node_resource_topology: return "NodeResourceTopology";
    case ObjectType::numatopology: return "Numatopology";
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
  if (event.type == WatchEventType::deleted) event.object = finish_object(std::move(metadata), model::Synced{});
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
