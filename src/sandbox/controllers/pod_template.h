#pragma once

// A pod made from the template of the workload that will own it.

#include "sandbox/json/json.h"

namespace ebb::sandbox::control {

// metadata and spec of the template, named after the owner ("web-5d4f-") and controlled by it.
json::object pod_from_template(const json::object& owner);

}   // namespace ebb::sandbox::control
