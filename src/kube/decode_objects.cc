#include "kube/decode_fields.h"

namespace ebb::kube {
namespace {

Status read_taint(JsonValue value, std::vector<model::Taint>& out) {
  model::Taint taint;
  std::optional<model::TaintEffect> effect;
  EBB_TRY_VOID(each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "key") return read(field, taint.key);
    if (key == "value") return read(field, taint.value);
    if (key == "effect") {
      EBB_TRY(effect, read_taint_effect(field));
    }
    return {};
  }));
  if (!effect) return fail(Errc::invalid, "a taint without an effect");
  taint.effect = *effect;
  out.push_back(std::move(taint));
  return {};
}

Status read_image(JsonValue value, model::NodeImage& image) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "names") return read_texts(field, image.names);
    if (key == "sizeBytes") return read(field, image.size.v);
    return {};
  });
}

Status read_use(JsonValue value, model::Use& use) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "cpu") return read(field, use.cpu);
    if (key == "memory") return read(field, use.memory);
    return {};
  });
}

Status read_use_by_class(JsonValue value, model::UseByClass& use) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "hls") return read_use(field, use.hls);
    if (key == "ls") return read_use(field, use.ls);
    if (key == "be") return read_use(field, use.be);
    if (key == "system") return read_use(field, use.system);
    return {};
  });
}

Status read_numa_node(JsonValue value, model::NumaNodeReport& node) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "id") return read(field, node.id);
    if (key == "use") return read_use_by_class(field, node.use);
    if (key == "capacity") {
      model::Use capacity;
      EBB_TRY_VOID(read_use(field, capacity));
      node.cpu_capacity = capacity.cpu;
      node.memory_capacity = capacity.memory;
    }
    return {};
  });
}

}   // namespace

Status read_node_field(std::string_view key, JsonValue value, model::Node& node) {
  if (key == "spec") {
    return each_field(value, [&](std::string_view field, JsonValue inner) -> Status {
      if (field == "unschedulable") return read(inner, node.unschedulable);
      if (field == "taints") return each_item(inner, [&](JsonValue item) { return read_taint(item, node.taints); });
      return {};
    });
  }
  if (key == "status") {
    return each_field(value, [&](std::string_view field, JsonValue inner) -> Status {
      if (field == "capacity") return read_resources(inner, node.capacity);
      if (field == "allocatable") return read_resources(inner, node.allocatable);
      if (field == "images") return each_item(inner, [&](JsonValue item) { return read_image(item, node.images.emplace_back()); });
      if (field == "conditions") {
        ConditionWanted ready{.type = "Ready", .status = "True"};
        EBB_TRY_VOID(read_conditions(inner, ready));
        node.ready = ready.found;
      }
      return {};
    });
  }
  return {};
}

Status read_job_field(std::string_view key, JsonValue value, model::JobState& job) {
  if (key == "spec") {
    return each_field(value, [&](std::string_view field, JsonValue inner) -> Status {
      if (field == "backoffLimit") return read(inner, job.backoff_limit);
      if (field == "parallelism") return read(inner, job.parallelism);
      if (field == "completions") return read(inner, job.completions);
      return {};
    });
  }
  if (key == "status") {
    return each_field(value, [&](std::string_view field, JsonValue inner) -> Status {
      if (field == "failed") return read(inner, job.failed);
      if (field == "succeeded") return read(inner, job.succeeded);
      if (field == "active") return read(inner, job.active);
      return {};
    });
  }
  return {};
}

// Those alone whose pods spread without having said so.
Status read_owner_selector(ObjectType type, std::string_view key, JsonValue value, std::optional<model::LabelSelector>& selector) {
  const bool plain = type == ObjectType::replication_controller;
  if (key != "spec" || (!plain && type != ObjectType::replica_set && type != ObjectType::stateful_set)) return {};
  return each_field(value, [&](std::string_view field, JsonValue inner) -> Status {
    if (field != "selector") return {};
    if (!plain) return read_label_selector(inner, selector);
    model::Labels labels;
    EBB_TRY_VOID(read_labels(inner, labels));
    if (labels.empty()) return {};
    for (auto& [label, text] : labels) {
      if (!selector) selector.emplace();
      selector->requirements.push_back({label, model::SelectorOperator::in, {std::move(text)}});
    }
    return {};
  });
}

Status read_report_field(std::string_view key, JsonValue value, model::NodeReport& report) {
  if (key != "spec") return {};
  return each_field(value, [&](std::string_view field, JsonValue inner) -> Status {
    if (field == "time") return read(inner, report.time);
    if (field == "use") return read_use_by_class(inner, report.use);
    if (field == "beCpuLimit") return read(inner, report.be_cpu_limit);
    if (field == "numa") return each_item(inner, [&](JsonValue item) { return read_numa_node(item, report.numa.emplace_back()); });
    if (field == "pressure") {
      return each_field(inner, [&](std::string_view resource, JsonValue flag) -> Status {
        if (resource == "cpu") return read(flag, report.cpu_pressure);
        if (resource == "memory") return read(flag, report.memory_pressure);
        return {};
      });
    }
    return {};
  });
}

Status read_priority_class_field(std::string_view key, JsonValue value, model::PriorityClassSeen& seen) {
  if (key == "value") return read(value, seen.value);
  if (key == "globalDefault") return read(value, seen.global_default);
  if (key == "preemptionPolicy") {
    EBB_TRY(const std::string_view policy, read_view(value));
    seen.preemption_never = policy == "Never";
  }
  return {};
}

// The policy's own parser wants the text; what the API server adds beside spec is not the policy.
Status read_policy_field(std::string_view key, JsonValue value, std::string& spec) {
  if (key != "spec" || json_is_null(value)) return {};
  JsonObject object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return fail(Errc::invalid, "expected an object");
  std::string_view raw;
  if (const auto code = object.raw_json().get(raw); code != simdjson::SUCCESS) return json_error(code);
  spec = raw;
  return {};
}

Status read_config_map_field(std::string_view key, JsonValue value, std::string_view wanted, model::PolicyDocument& document) {
  if (key != "data") return {};
  return each_field(value, [&](std::string_view field, JsonValue text) -> Status {
    if (field != wanted) return {};
    document.missing_key = false;
    return read(text, document.text);
  });
}

Status read_node_metrics_field(std::string_view key, JsonValue value, model::NodeUsageSeen& seen) {
  if (key == "timestamp") return read(value, seen.time);
  if (key == "usage") return read_use(value, seen.use);
  return {};
}

Status read_pod_metrics_field(std::string_view key, JsonValue value, model::PodUsageSeen& seen) {
  if (key == "timestamp") return read(value, seen.time);
  if (key != "containers") return {};
  return each_item(value, [&](JsonValue container) {
    return each_field(container, [&](std::string_view field, JsonValue usage) -> Status {
      if (field != "usage") return {};
      model::Use use;
      EBB_TRY_VOID(read_use(usage, use));
      seen.use += use;
      return {};
    });
  });
}

}   // namespace ebb::kube
