#pragma once

// Volume plugins of old that were once part of Kubernetes itself, and the CSI drivers that serve
// their volumes now: under which name a volume counts, and where it can be reached from.

#include "model/names.h"
#include "model/pod.h"
#include "model/storage.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::core::volumes {

struct InTreePlugin {
  std::string_view name;           // "kubernetes.io/aws-ebs"
  std::string_view driver;         // "ebs.csi.aws.com"
  std::string_view topology_key;   // what the driver calls a zone; empty: topology is left as it is
  bool counted = false;            // towards the driver's attach limit
};

// Null where the name is none of theirs.
const InTreePlugin* in_tree_plugin(std::string_view name);

// The driver and handle of a disk that a pod names itself. None: it has no such driver.
struct InlineDisk {
  std::string_view driver;
  std::string handle;
};
std::optional<InlineDisk> inline_disk(const model::PodVolume& volume);

// Under which handle the driver knows the volume. A disk of Google's is one in its zone, or in the region of its zones.
std::string driver_handle(const model::Volume& volume);

// A volume's node affinity as its driver sees it: zones under the driver's key, taken from the
// volume's labels where the affinity names none, and regions under today's key.
std::vector<model::NodeSelectorTerm> migrated_terms(const model::Volume& volume, const InTreePlugin& plugin);

}   // namespace ebb::core::volumes
