#pragma once

// The model's values as Kubernetes JSON, as far as Ebb writes objects of its own.

#include "model/node_report.h"

#include <string>
#include <string_view>

namespace ebb::kube {

inline constexpr std::string_view kColocationGroupVersion = "scheduling.openfuyao.io/v1alpha1";

// The NodeReport object, as text; decode_node_report reads it back.
//
//   spec: {time, use: {hls: {cpu, memory}, ls, be, system}, numa: [{id, capacity, use}],
//          pressure: {cpu, memory}, beCpuLimit}
std::string encode_node_report(const model::NodeReport& report);

}   // namespace ebb::kube
