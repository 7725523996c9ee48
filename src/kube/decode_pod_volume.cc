// A pod's volumes: those that tie it to where a disk is, or to what a node can attach.

#include "kube/decode_fields.h"

#include <algorithm>
#include <array>

namespace ebb::kube {
namespace {

struct Source {
  std::string_view field;
  model::VolumeKind kind;
  std::string_view id;   // which of its fields tells two disks apart
};
constexpr auto kSources = std::to_array<Source>({
    {"persistentVolumeClaim", model::VolumeKind::claim, "claimName"},
    {"ephemeral", model::VolumeKind::ephemeral, ""},
    {"gcePersistentDisk", model::VolumeKind::gce_disk, "pdName"},
    {"awsElasticBlockStore", model::VolumeKind::aws_disk, "volumeID"},
    {"azureDisk", model::VolumeKind::azure_disk, "diskName"},
    {"iscsi", model::VolumeKind::iscsi, "iqn"},
    {"rbd", model::VolumeKind::rbd, "image"},
    {"csi", model::VolumeKind::csi_inline, "driver"},
});

Status read_source(JsonValue value, const Source& source, model::PodVolume& volume) {
  std::string pool;
  EBB_TRY_VOID(each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == source.id) return read(field, volume.id);
    if (key == "readOnly") return read(field, volume.read_only);
    if (source.kind != model::VolumeKind::rbd) return {};
    if (key == "pool") return read(field, pool);
    if (key == "monitors") return read_texts(field, volume.monitors);
    return {};
  }));
  if (source.kind == model::VolumeKind::rbd) volume.id = fmt::format("{}/{}", pool.empty() ? "rbd" : pool, volume.id);
  return {};
}

}   // namespace

Status read_pod_volume(JsonValue value, std::vector<model::PodVolume>& out) {
  model::PodVolume volume;
  bool matters = false;
  EBB_TRY_VOID(each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "name") return read(field, volume.name);
    const auto* const source = std::ranges::find(kSources, key, &Source::field);
    if (source == kSources.end() || json_is_null(field)) return {};
    matters = true;
    volume.kind = source->kind;
    return read_source(field, *source, volume);
  }));
  if (matters) out.push_back(std::move(volume));
  return {};
}

}   // namespace ebb::kube
