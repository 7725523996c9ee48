#include "core/volumes/in_tree_plugins.h"

#include "core/volumes/reach.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace ebb::core::volumes {
namespace {

constexpr std::array<InTreePlugin, 7> kPlugins{{
    {"kubernetes.io/aws-ebs", "ebs.csi.aws.com", "topology.ebs.csi.aws.com/zone", true},
    {"kubernetes.io/gce-pd", "pd.csi.storage.gke.io", "topology.gke.io/zone", true},
    {"kubernetes.io/cinder", "cinder.csi.openstack.org", "topology.cinder.csi.openstack.org/zone", true},
    {"kubernetes.io/azure-disk", "disk.csi.azure.com", {}, true},
    {"kubernetes.io/portworx-volume", "pxd.portworx.com", {}, true},
    {"kubernetes.io/azure-file", "file.csi.azure.com", {}, false},
    {"kubernetes.io/vsphere-volume", "csi.vsphere.vmware.com", {}, false},
}};

constexpr std::string_view kGce = "kubernetes.io/gce-pd";

// "projects/UNSPECIFIED/zones/ZONE/disks/NAME"
std::string gce_disk(std::string_view kind, std::string_view where, std::string_view name) {
  return fmt::format("projects/UNSPECIFIED/{}/{}/disks/{}", kind, where, name);
}

// "aws://zone/vol-1" and "aws:///vol-1" are vol-1.
std::string aws_volume(std::string_view id) {
  constexpr std::string_view kScheme = "aws://";
  if (!id.starts_with(kScheme)) return std::string(id);
  id.remove_prefix(kScheme.size());
  id.remove_prefix(std::min(id.find('/'), id.size()));
  while (id.starts_with('/')) id.remove_prefix(1);
  while (id.ends_with('/')) id.remove_suffix(1);
  return std::string(id);
}

bool mentions(const std::vector<model::NodeSelectorTerm>& terms, std::string_view key) {
  return std::ranges::any_of(terms, [&](const model::NodeSelectorTerm& term) {
    return std::ranges::any_of(term.match_labels.requirements, [&](const auto& requirement) { return requirement.key == key; });
  });
}

// Renames the key in all terms; false, and nothing is done, where no value stands under it.
bool rename(std::vector<model::NodeSelectorTerm>& terms, std::string_view from, std::string_view to) {
  bool valued = false;
  for (const model::NodeSelectorTerm& term : terms) {
    for (const auto& requirement : term.match_labels.requirements) valued |= requirement.key == from && !requirement.values.empty();
  }
  if (!valued) return false;
  for (model::NodeSelectorTerm& term : terms) {
    for (auto& requirement : term.match_labels.requirements) {
      if (requirement.key == from) requirement.key = to;
    }
  }
  return true;
}

// Which generation of zone labels a volume speaks: its affinity tells, else its labels, else today's.
bool speaks_beta(const model::Volume& volume) {
  if (mentions(volume.node_terms, kZone)) return false;
  if (mentions(volume.node_terms, kBetaZone)) return true;
  return !volume.labels.contains(kZone) && volume.labels.contains(kBetaZone);
}

}   // namespace

const InTreePlugin* in_tree_plugin(std::string_view name) {
  const auto found = std::ranges::find(kPlugins, name, &InTreePlugin::name);
  return found == kPlugins.end() ? nullptr : &*found;
}

std::optional<InlineDisk> inline_disk(const model::PodVolume& volume) {
  switch (volume.kind) {
    case model::VolumeKind::aws_disk: return InlineDisk{kPlugins[0].driver, aws_volume(volume.id)};
    case model::VolumeKind::gce_disk: return InlineDisk{kPlugins[1].driver, gce_disk("zones", "UNSPECIFIED", volume.id)};
    case model::VolumeKind::azure_disk: return InlineDisk{kPlugins[3].driver, volume.id};
    default: return std::nullopt;
  }
}

std::string driver_handle(const model::Volume& volume) {
  if (volume.in_tree_plugin != kGce) return volume.csi_handle;
  const auto label = [&](std::string_view key) {
    const auto found = volume.labels.find(key);
    return found == volume.labels.end() ? std::string_view() : std::string_view(found->second);
  };
  const std::string_view zones = label(kBetaZone).empty() ? label(kZone) : label(kBetaZone);
  if (zones.empty()) return gce_disk("zones", "UNSPECIFIED", volume.csi_handle);
  const std::size_t end = zones.find("__");
  if (end == std::string_view::npos) return gce_disk("zones", zones, volume.csi_handle);
  // Zones of one region differ in what stands after their last dash.
  const std::string_view first = zones.substr(0, end);
  return gce_disk("regions", first.substr(0, first.rfind('-')), volume.csi_handle);
}

std::vector<model::NodeSelectorTerm> migrated_terms(const model::Volume& volume, const InTreePlugin& plugin) {
  std::vector<model::NodeSelectorTerm> terms = volume.node_terms;
  if (plugin.topology_key.empty()) return terms;
  const bool beta = speaks_beta(volume);
  const std::string_view zone = beta ? kBetaZone : kZone;
  if (!rename(terms, zone, plugin.topology_key)) {
    const auto label = volume.labels.find(zone);
    std::vector<std::string> zones = label == volume.labels.end() ? std::vector<std::string>{} : split_zones(label->second);
    std::erase(zones, std::string());
    std::ranges::sort(zones);
    zones.erase(std::unique(zones.begin(), zones.end()), zones.end());
    if (!zones.empty()) {
      if (terms.empty()) terms.emplace_back();
      for (model::NodeSelectorTerm& term : terms) {
        term.match_labels.requirements.push_back({std::string(plugin.topology_key), model::SelectorOperator::in, zones});
      }
    }
  }
  if (beta) rename(terms, kBetaRegion, kRegion);
  return terms;
}

}   // namespace ebb::core::volumes
