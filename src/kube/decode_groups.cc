// What pods have in common: their namespace, the service in front of them, their disruption budget, the gang
// that they start with and the queue that they wait in.

#include "base/check.h"
#include "kube/decode_fields.h"
#include "model/quantity.h"

namespace ebb::kube {
namespace {

Result<Decoded> read_namespace(JsonObject object, Metadata& metadata) {
  EBB_TRY_VOID(read_with_metadata(object, metadata, [](std::string_view, JsonValue) { return Status(); }));
  model::NamespaceSeen seen{.name = metadata.key.name, .labels = std::move(metadata.labels)};
  return finish_object(std::move(metadata), std::move(seen));
}

Result<Decoded> read_service(JsonObject object, Metadata& metadata) {
  model::ServiceSeen seen;
  EBB_TRY_VOID(read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) -> Status {
    if (key != "spec") return {};
    return each_field(value, [&](std::string_view field, JsonValue inner) -> Status {
      return field == "selector" ? read_labels(inner, seen.selector) : Status();
    });
  }));
  seen.key = metadata.key;
  return finish_object(std::move(metadata), std::move(seen));
}

Status read_budget_status(std::string_view key, JsonValue value, model::DisruptionBudget& budget) {
  if (key == "disruptionsAllowed") return read(value, budget.disruptions_allowed);
  if (key != "disruptedPods") return {};
  return each_field(value, [&](std::string_view pod, JsonValue) -> Status {
    budget.disrupted_pods.emplace_back(pod);
    return {};
  });
}

Result<Decoded> read_budget(JsonObject object, Metadata& metadata) {
  model::DisruptionBudgetSeen seen;
  model::DisruptionBudget& budget = seen.budget;
  EBB_TRY_VOID(read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) -> Status {
    if (key == "status") {
      return each_field(value, [&](std::string_view field, JsonValue inner) { return read_budget_status(field, inner, budget); });
    }
    if (key != "spec") return {};
    return each_field(value, [&](std::string_view field, JsonValue inner) -> Status {
      return field == "selector" ? read_label_selector(inner, budget.selector) : Status();
    });
  }));
  budget.key = metadata.key;
  budget.uid = metadata.uid;
  budget.resource_version = metadata.resource_version;
  return finish_object(std::move(metadata), std::move(seen));
}

struct Condition {
  std::string_view type;
  std::string_view status;
  std::string_view reason;
};

// The condition that a scheduler writes: of that type, or the last one where none is named.
Status read_group_condition(JsonValue value, std::string_view wanted, std::string& out) {
  return each_item(value, [&](JsonValue item) -> Status {
    Condition condition;
    EBB_TRY_VOID(each_field(item, [&](std::string_view key, JsonValue field) -> Status {
      std::string_view* const part = key == "type"     ? &condition.type
                                     : key == "status" ? &condition.status
                                     : key == "reason" ? &condition.reason
                                                       : nullptr;
      if (part == nullptr) return {};
      EBB_TRY(*part, read_view(field));
      return {};
    }));
    if (wanted.empty() || condition.type == wanted) out = fmt::format("{}/{}/{}", condition.type, condition.status, condition.reason);
    return {};
  });
}

Status read_group_status(JsonValue value, model::PodGroup& group) {
  const std::string_view wanted = group.dialect == model::PodGroupDialect::kubernetes ? "PodGroupInitiallyScheduled" : "";
  return each_field(value, [&](std::string_view field, JsonValue inner) -> Status {
    if (field == "phase") return read(inner, group.phase);
    if (field == "conditions") return read_group_condition(inner, wanted, group.condition);
    return {};
  });
}

Status read_task_minima(JsonValue value, std::map<std::string, std::int32_t>& out) {
  return each_field(value, [&](std::string_view task, JsonValue count) { return read(count, out[std::string(task)]); });
}

Status read_timeout(JsonValue value, std::optional<Duration>& out) {
  std::optional<std::int32_t> stated;
  EBB_TRY_VOID(read(value, stated));
  if (stated) out = seconds(*stated);
  return {};
}

// schedulingPolicy: {gang: {minCount}} or {basic: {}}.
Status read_scheduling_policy(JsonValue value, std::int32_t& min_member) {
  return each_field(value, [&](std::string_view policy, JsonValue fields) -> Status {
    if (policy != "gang") return {};
    return each_field(fields, [&](std::string_view field, JsonValue count) -> Status {
      return field == "minCount" ? read(count, min_member) : Status();
    });
  });
}

Status read_group_spec(std::string_view key, JsonValue value, model::PodGroup& group) {
  if (key == "priorityClassName") return read(value, group.priority_class);
  switch (group.dialect) {
    case model::PodGroupDialect::kubernetes: return key == "schedulingPolicy" ? read_scheduling_policy(value, group.min_member) : Status();
    case model::PodGroupDialect::volcano:
      if (key == "queue") return read(value, group.queue);
      if (key == "minTaskMember") return read_task_minima(value, group.min_task_member);
      break;
    case model::PodGroupDialect::scheduler_plugins:
      if (key == "scheduleTimeoutSeconds") return read_timeout(value, group.schedule_timeout);
      break;
  }
  if (key == "minMember") return read(value, group.min_member);
  if (key == "minResources") return read_resources(value, group.min_resources);
  return {};
}

Result<Decoded> read_group(model::PodGroupDialect dialect, std::string_view default_version, JsonObject object, Metadata& metadata) {
  model::PodGroupSeen seen;
  model::PodGroup& group = seen.group;
  group.dialect = dialect;
  EBB_TRY_VOID(read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) -> Status {
    if (key == "apiVersion") return read(value, group.api_version);
    if (key == "status") return read_group_status(value, group);
    if (key != "spec") return {};
    return each_field(value, [&](std::string_view field, JsonValue inner) { return read_group_spec(field, inner, group); });
  }));
  if (group.api_version.empty()) group.api_version = default_version;   // the items of a list need not say it
  group.key = metadata.key;
  group.uid = metadata.uid;
  group.resource_version = metadata.resource_version;
  group.created = metadata.created;
  group.annotations = std::move(metadata.annotations);
  group.owners = std::move(metadata.owners);
  return finish_object(std::move(metadata), std::move(seen));
}

Status read_named_amounts(JsonValue value, model::NamedAmounts& out) {
  return each_field(value, [&](std::string_view name, JsonValue field) -> Status {
    if (name == "cpu") {
      MilliCpu cpu;
      EBB_TRY_VOID(read(field, cpu));
      out.insert_or_assign(std::string(name), cpu.v);
      return {};
    }
    EBB_TRY(const std::string_view text, read_quantity_text(field));
    EBB_TRY(const std::int64_t amount, model::parse_count(text));
    out.insert_or_assign(std::string(name), amount);
    return {};
  });
}

Status read_queue_spec(std::string_view key, JsonValue value, model::Queue& queue) {
  if (key == "weight") return read(value, queue.weight);
  if (key == "parent") return read(value, queue.parent);
  if (key == "priority") return read(value, queue.priority);
  if (key == "reclaimable") return read(value, queue.reclaimable);
  if (key == "deserved") return read_named_amounts(value, queue.deserved);
  if (key == "capability") return read_named_amounts(value, queue.capability);
  if (key == "guarantee") {
    return each_field(value, [&](std::string_view part, JsonValue amounts) -> Status {
      return part == "resource" ? read_named_amounts(amounts, queue.guarantee) : Status();
    });
  }
  return {};
}

Result<Decoded> read_queue(JsonObject object, Metadata& metadata) {
  model::QueueSeen seen;
  model::Queue& queue = seen.queue;
  EBB_TRY_VOID(read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) -> Status {
    if (key == "spec") {
      return each_field(value, [&](std::string_view field, JsonValue inner) { return read_queue_spec(field, inner, queue); });
    }
    if (key != "status") return {};
    return each_field(value, [&](std::string_view field, JsonValue inner) -> Status {
      if (field != "state") return {};
      EBB_TRY(const std::string_view state, read_view(inner));
      queue.open = state.empty() || state == "Open";
      return {};
    });
  }));
  queue.name = metadata.key.name;
  queue.uid = metadata.uid;
  queue.resource_version = metadata.resource_version;
  queue.created = metadata.created;
  return finish_object(std::move(metadata), std::move(seen));
}

}   // namespace

Result<Decoded> read_group_object(ObjectType type, JsonObject object, Metadata& metadata) {
  switch (type) {
    case ObjectType::name_space: return read_namespace(object, metadata);
    case ObjectType::service: return read_service(object, metadata);
    case ObjectType::disruption_budget: return read_budget(object, metadata);
    case ObjectType::pod_group: return read_group(model::PodGroupDialect::kubernetes, "scheduling.k8s.io/v1beta1", object, metadata);
    case ObjectType::volcano_pod_group:
      return read_group(model::PodGroupDialect::volcano, "scheduling.volcano.sh/v1beta1", object, metadata);
    case ObjectType::plugins_pod_group:
      return read_group(model::PodGroupDialect::scheduler_plugins, "scheduling.x-k8s.io/v1alpha1", object, metadata);
    case ObjectType::volcano_queue: return read_queue(object, metadata);
    default: EBB_UNREACHABLE();
  }
}

}   // namespace ebb::kube
