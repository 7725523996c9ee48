#pragma once

// matchLabelKeys and mismatchLabelKeys of a new pod's affinity terms and spread constraints: what they say
// of the pod's own labels is written into the selectors once, so that whoever schedules reads the selectors alone.

#include "sandbox/json/json.h"

namespace ebb::sandbox {

void merge_label_keys(json::object& pod);

}   // namespace ebb::sandbox
