#pragma once

// The KubeSchedulerConfiguration document.

#include "model/profile/config_reader.h"
#include "model/profile/scheduler_configuration.h"

namespace ebb::model {

void read_kube_section(ConfigReader& reader, const ConfigNode& document, SchedulerConfiguration& configuration);

}   // namespace ebb::model
