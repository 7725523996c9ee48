#pragma once

// The status that each dialect's own scheduler or controller would write for a group: a function of what
// the object says, what its members do and what became of the last try. No clock, no memory.

#include "core/gangs/gang_entry.h"
#include "model/cluster_action.h"

#include <optional>
#include <string>

namespace ebb::core::gangs {

// Phase, counts and the condition, if there is one to write. None: whatever stands there stays.
std::optional<model::SetPodGroupStatus> wanted_status(const GangEntry& entry);

// TYPE/STATUS/REASON; empty without condition.
std::string condition_text(const model::SetPodGroupStatus& status);

}   // namespace ebb::core::gangs
