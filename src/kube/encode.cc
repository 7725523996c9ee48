#include "kube/encode.h"

#include "model/quantity.h"
#include "model/timestamp.h"

#include <boost/json.hpp>

namespace ebb::kube {
namespace {

namespace json = boost::json;

json::object amounts(MilliCpu cpu, Bytes memory) {
  return {{"cpu", model::to_quantity_text(cpu)}, {"memory", model::to_quantity_text(memory)}};
}

json::object use_by_class(const model::UseByClass& use) {
  json::object out;
  out["hls"] = amounts(use.hls.cpu, use.hls.memory);
  out["ls"] = amounts(use.ls.cpu, use.ls.memory);
  out["be"] = amounts(use.be.cpu, use.be.memory);
  out["system"] = amounts(use.system.cpu, use.system.memory);
  return out;
}

}   // namespace

std::string encode_node_report(const model::NodeReport& report) {
  json::array numa;
  for (const model::NumaNodeReport& node : report.numa) {
    json::object entry;
    entry["id"] = node.id;
    entry["capacity"] = amounts(node.cpu_capacity, node.memory_capacity);
    entry["use"] = use_by_class(node.use);
    numa.push_back(std::move(entry));
  }
  json::object spec;
  spec["time"] = model::to_micro_timestamp_text(report.time);
  spec["use"] = use_by_class(report.use);
  spec["numa"] = std::move(numa);
  spec["pressure"] = json::object{{"cpu", report.cpu_pressure}, {"memory", report.memory_pressure}};
  spec["beCpuLimit"] = model::to_quantity_text(report.be_cpu_limit);

  json::object object;
  object["apiVersion"] = json::string_view(kColocationGroupVersion.data(), kColocationGroupVersion.size());
  object["kind"] = "NodeReport";
  object["metadata"] = json::object{{"name", report.node.v}};
  object["spec"] = std::move(spec);
  return json::serialize(object);
}

}   // namespace ebb::kube
