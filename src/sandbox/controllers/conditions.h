#pragma once

// status.conditions as Kubernetes keeps them: one entry per type, whose lastTransitionTime moves
// only when its status does.

#include "base/time.h"
#include "sandbox/json/json.h"

#include <string>
#include <string_view>

namespace ebb::sandbox::control {

struct Condition {
  std::string type, status, reason, message;
};

const json::object* find_condition(const json::object& status, std::string_view type);
bool condition_is(const json::object& status, std::string_view type, std::string_view value);

enum class Stamp { transition_only, with_update_time, with_probe_time };

// Says whether anything was changed. An entry with the same status and reason stays as it is with
// `keep_message`, which is how Deployments avoid a write per observation.
bool set_condition(json::object& status, const Condition& condition, Instant now, Stamp stamp = Stamp::transition_only,
                   bool keep_message = false);
bool drop_condition(json::object& status, std::string_view type);

}   // namespace ebb::sandbox::control
