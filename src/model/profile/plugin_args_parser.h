#pragma once

// A profile's `pluginConfig`: the arguments of each plugin, with Kubernetes' defaults and ranges.

#include "model/profile/config_reader.h"
#include "model/profile/profile.h"

namespace ebb::model {

void read_plugin_config(ConfigReader& reader, const ConfigNode& plugin_config, SchedulerProfile& profile);

}   // namespace ebb::model
