#include "sandbox/kubelet/node_objects.h"

#include "model/quantity.h"
#include "model/timestamp.h"
#include "sandbox/kubelet/pod_status.h"

#include <fmt/format.h>
#include <utility>

namespace ebb::sandbox {
namespace {

constexpr std::int64_t kLeaseSeconds = 40;

struct ConditionText {
  std::string_view type;
  bool holds = false;
  std::string_view reason, message;
  Instant since;
};

json::object condition(const ConditionText& c, Instant now) {
  return {{"type", c.type},
          {"status", c.holds ? "True" : "False"},
          {"lastHeartbeatTime", model::to_timestamp_text(now)},
          {"lastTransitionTime", model::to_timestamp_text(c.since)},
          {"reason", c.reason},
          {"message", c.message}};
}

json::object amounts(const KubeletOptions& options) {
  return {{"cpu", model::to_quantity_text(options.cpu)},
          {"memory", model::to_quantity_text(options.memory)},
          {"ephemeral-storage", "200Gi"},
          {"hugepages-1Gi", "0"},
          {"hugepages-2Mi", "0"},
          {"pods", std::to_string(options.pods_max)}};
}

json::array images(const std::set<std::string>& names) {
  json::array list;
  for (const std::string& name : names) {
    if (list.size() == 50) break;   // as many as a kubelet reports
    list.push_back({{"names", json::array{json::value(name)}}, {"sizeBytes", 100'000'000}});
  }
  return list;
}

json::object system_information(std::string_view name) {
  const std::string id = simulated_digest(name).substr(0, 32);
  return {{"architecture", "amd64"},
          {"bootID", id},
          {"containerRuntimeVersion", "containerd://2.1.0-simulated"},
          {"kernelVersion", "6.12.0-simulated"},
          {"kubeProxyVersion", ""},
          {"kubeletVersion", kKubeletVersion},
          {"machineID", id},
          {"operatingSystem", "linux"},
          {"osImage", "Simulated machine of Ebb"},
          {"systemUUID", id}};
}

}   // namespace

std::string node_ip(std::int32_t index) { return fmt::format("172.{}.{}.{}", 16 + (index >> 16), (index >> 8) & 255, index & 255); }

std::string pod_ip(std::int32_t node_index, std::int32_t serial) {
  return fmt::format("10.{}.{}.{}", (node_index >> 8) & 255, node_index & 255, serial & 255);
}

json::object node_object(const KubeletOptions& options, std::string_view name, std::int32_t index) {
  json::object labels{
      {"beta.kubernetes.io/arch", "amd64"}, {"beta.kubernetes.io/os", "linux"}, {"kubernetes.io/arch", "amd64"},
      {"kubernetes.io/hostname", name},     {"kubernetes.io/os", "linux"},
  };
  for (const auto& [key, value] : options.labels) labels[key] = value;
  const std::string cidr = fmt::format("10.{}.{}.0/24", (index >> 8) & 255, index & 255);
  return {{"apiVersion", "v1"},
          {"kind", "Node"},
          {"metadata",
           {{"name", name},
            {"labels", std::move(labels)},
            {"annotations",
             {{"sandbox.openfuyao.io/simulated", "true"}, {"sandbox.openfuyao.io/numa-nodes", std::to_string(options.numa_nodes)}}}}},
          {"spec", {{"podCIDR", cidr}, {"podCIDRs", json::array{json::value(cidr)}}, {"providerID", fmt::format("ebb://{}", name)}}}};
}

json::object node_status_patch(const KubeletOptions& options, const NodeStatusInput& in) {
  json::array conditions{
      condition({"MemoryPressure", in.memory_pressure, in.memory_pressure ? "KubeletHasInsufficientMemory" : "KubeletHasSufficientMemory",
                 in.memory_pressure ? "kubelet has insufficient memory available" : "kubelet has sufficient memory available",
                 in.memory_pressure_since},
                in.now),
      condition({"DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure", in.ready_since}, in.now),
      condition({"PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available", in.ready_since}, in.now),
      condition({"Ready", true, "KubeletReady", "kubelet is posting ready status", in.ready_since}, in.now)};
  json::object status{{"conditions", std::move(conditions)}};
  status["addresses"] = json::array{json::object{{"type", "InternalIP"}, {"address", node_ip(in.index)}},
                                    json::object{{"type", "Hostname"}, {"address", in.name}}};
  status["daemonEndpoints"] = json::object{{"kubeletEndpoint", {{"Port", 10250}}}};
  status["nodeInfo"] = system_information(in.name);
  if (in.images != nullptr && !in.images->empty()) status["images"] = images(*in.images);
  if (in.with_amounts) {
    status["capacity"] = amounts(options);
    status["allocatable"] = amounts(options);
  }
  return {{"status", std::move(status)}};
}

json::object lease_object(std::string_view node, std::string_view node_uid, Instant now) {
  return {
      {"apiVersion", "coordination.k8s.io/v1"},
      {"kind", "Lease"},
      {"metadata",
       {{"name", node},
        {"namespace", "kube-node-lease"},
        {"ownerReferences", json::array{json::object{{"apiVersion", "v1"}, {"kind", "Node"}, {"name", node}, {"uid", node_uid}}}}}},
      {"spec", {{"holderIdentity", node}, {"leaseDurationSeconds", kLeaseSeconds}, {"renewTime", model::to_micro_timestamp_text(now)}}}};
}

json::object lease_renewal(Instant now) { return {{"spec", {{"renewTime", model::to_micro_timestamp_text(now)}}}}; }

}   // namespace ebb::sandbox
