#pragma once

// From what is enabled and disabled by name to the lists that are asked, as Kubernetes resolves them:
// the default plugins come in through multiPoint, an extension point's own words come before it, and
// "*" switches off what was not named. What then cannot be honoured is refused.

#include "model/profile/config_reader.h"
#include "model/profile/plugin_sets.h"
#include "model/profile/profile.h"

namespace ebb::model {

// Fills the profile's lists and the weights of Kubernetes' plugins. The names are judged already.
void resolve_plugins(ConfigReader& reader, const PluginSets& sets, SchedulerProfile& profile);

}   // namespace ebb::model
