#pragma once

// What a configuration comes to, as lines of text: `ebb check-config --resolved`, and what the real
// scheduler's resolution is compared with.

#include "model/profile/scheduler_configuration.h"

#include <string>

namespace ebb::model {

// "profile NAME", then "filter NodeName NodeUnschedulable ...", "score TaintToleration=3 ...", "args NodeAffinity ...".
std::string resolved_text(const SchedulerConfiguration& configuration);

// Ebb's own plugins of a profile: "ebb Colocation=4 Gangs Queues Numa=2 Accelerators=4:Ebb".
std::string ebb_plugins_text(const SchedulerProfile& profile);

}   // namespace ebb::model
