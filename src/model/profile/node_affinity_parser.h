#pragma once

// The object form of node affinity: NodeAffinityArgs.addedAffinity.

#include "model/profile/config_reader.h"
#include "model/profile/plugin_args.h"

namespace ebb::model {

NodeAffinityArgs read_node_affinity(ConfigReader& reader, const ConfigNode& affinity);

}   // namespace ebb::model
