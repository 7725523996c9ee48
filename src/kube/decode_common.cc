#include "kube/decode_fields.h"
#include "model/quantity.h"

#include <algorithm>
#include <array>

namespace ebb::kube {
namespace {

Status read_owner_reference(JsonValue value, model::OwnerRef& owner) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "apiVersion") return read(field, owner.api_version);
    if (key == "kind") return read(field, owner.kind);
    if (key == "name") return read(field, owner.name);
    if (key == "uid") return read(field, owner.uid.v);
    if (key == "controller") return read(field, owner.controller);
    return {};
  });
}

// Of Kubernetes' own domains these alone say something about where a pod goes.
constexpr auto kKubernetesAnnotations = std::to_array<std::string_view>({
    "scheduling.k8s.io/group-name",
    "pv.kubernetes.io/bind-completed",
    "volume.kubernetes.io/selected-node",
    "volume.beta.kubernetes.io/storage-class",
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
    "storage.alpha.kubernetes.io/migrated-plugins",
});

Status read_annotations(JsonValue value, Metadata& out) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "kubernetes.io/config.mirror") out.mirror_of_static_pod = true;
    if (!keeps_annotation(key)) return {};
    EBB_TRY(const std::string_view text, read_view(field));
    out.annotations.emplace(key, text);
    return {};
  });
}

}   // namespace

// By the domain's end: whoever owns the domain may put anything in front of it.
bool keeps_annotation(std::string_view key) {
  const std::string_view domain = key.substr(0, key.find('/'));
  if (domain.size() == key.size()) return false;
  for (const std::string_view kept : {"openfuyao.io", "openfuyao.com", "volcano.sh", "koordinator.sh", "huawei.com", "alibabacloud.com"}) {
    if (!domain.ends_with(kept)) continue;
    if (domain.size() == kept.size() || domain[domain.size() - kept.size() - 1] == '.') return true;
  }
  return std::ranges::find(kKubernetesAnnotations, key) != kKubernetesAnnotations.end();
}

std::string_view annotation(const Metadata& metadata, std::string_view key) {
  const auto found = metadata.annotations.find(key);
  return found == metadata.annotations.end() ? std::string_view() : std::string_view(found->second);
}

Status read_texts(JsonValue value, std::vector<std::string>& out) {
  return each_item(value, [&](JsonValue text) { return read(text, out.emplace_back()); });
}

Status read_metadata(JsonValue value, MetadataDepth depth, Metadata& out) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "name") return read(field, out.key.name);
    if (key == "namespace") return read(field, out.key.ns);
    if (key == "uid") return read(field, out.uid.v);
    if (key == "resourceVersion") return read(field, out.resource_version);
    if (depth == MetadataDepth::key_only) return {};
    if (key == "generation") return read(field, out.generation);
    if (key == "labels") return read_labels(field, out.labels);
    if (key == "annotations") return read_annotations(field, out);
    if (key == "creationTimestamp") return read(field, out.created);
    if (key == "deletionTimestamp") return read(field, out.deletion_requested);
    if (key == "ownerReferences")
      return each_item(field, [&](JsonValue item) { return read_owner_reference(item, out.owners.emplace_back()); });
    return {};
  });
}

Status read_labels(JsonValue value, model::Labels& out) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    EBB_TRY(const std::string_view text, read_view(field));
    out.emplace_hint(out.end(), key, text);
    return {};
  });
}

Status read_resources(JsonValue value, model::Resources& out) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "cpu") return read(field, out.cpu);
    if (key == "memory") return read(field, out.memory);
    if (key == "ephemeral-storage") return read(field, out.ephemeral_storage);
    EBB_TRY(const std::string_view text, read_quantity_text(field));
    EBB_TRY(const std::int64_t amount, model::parse_count(text));
    if (key == "pods") {
      out.pods = amount;
    } else {
      out.scalars.insert_or_assign(std::string(key), amount);
    }
    return {};
  });
}

Status read_conditions(JsonValue value, ConditionWanted& a, ConditionWanted* b) {
  return each_item(value, [&](JsonValue item) -> Status {
    std::string_view type;
    std::string_view status;
    EBB_TRY_VOID(each_field(item, [&](std::string_view key, JsonValue field) -> Status {
      if (key == "type") {
        EBB_TRY(type, read_view(field));
      } else if (key == "status") {
        EBB_TRY(status, read_view(field));
      }
      return {};
    }));
    for (ConditionWanted* wanted : {&a, b}) {
      if (wanted != nullptr && wanted->type == type) wanted->found = wanted->status == status;
    }
    return {};
  });
}

Result<std::optional<model::TaintEffect>> read_taint_effect(JsonValue value) {
  EBB_TRY(const std::string_view text, read_view(value));
  if (text.empty()) return std::optional<model::TaintEffect>();
  if (text == "NoSchedule") return model::TaintEffect::no_schedule;
  if (text == "PreferNoSchedule") return model::TaintEffect::prefer_no_schedule;
  if (text == "NoExecute") return model::TaintEffect::no_execute;
  return fail(Errc::invalid, "'{}' is no effect of a taint", text);
}

}   // namespace ebb::kube
