#include "scheduler_case.h"

#include "kube/decode.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace ebb::oracle {
namespace {

namespace json = boost::json;

struct Kind {
  const char* field;
  kube::ObjectType type;
};
constexpr std::array kKinds{
    Kind{"nodes", kube::ObjectType::node},
    Kind{"namespaces", kube::ObjectType::name_space},
    Kind{"services", kube::ObjectType::service},
    Kind{"controllers", kube::ObjectType::replication_controller},
    Kind{"replicaSets", kube::ObjectType::replica_set},
    Kind{"statefulSets", kube::ObjectType::stateful_set},
    Kind{"budgets", kube::ObjectType::disruption_budget},
    Kind{"storageClasses", kube::ObjectType::storage_class},
    Kind{"volumes", kube::ObjectType::volume},
    Kind{"claims", kube::ObjectType::volume_claim},
    Kind{"csiNodes", kube::ObjectType::csi_node},
    Kind{"csiDrivers", kube::ObjectType::csi_driver},
    Kind{"capacities", kube::ObjectType::csi_storage_capacity},
    Kind{"pods", kube::ObjectType::pod},
};

std::string text(const json::value& value) { return std::string(value.as_string()); }

std::set<std::string> names(const json::value& list) {
  std::set<std::string> out;
  for (const json::value& one : list.as_array()) out.insert(text(one));
  return out;
}

OracleRefusal refusal(const json::value& value) {
  OracleRefusal out{text(value.at("plugin")), {}};
  for (const json::value& reason : value.at("reasons").as_array()) out.reasons.push_back(text(reason));
  std::ranges::sort(out.reasons);
  return out;
}

Status read_objects(const json::object& line, SchedulerCase& out) {
  for (const Kind& kind : kKinds) {
    const json::value* list = line.if_contains(kind.field);
    if (list == nullptr) continue;
    kube::Decoder decoder(kind.type);
    for (const json::value& object : list->as_array()) {
      EBB_TRY(kube::Decoded decoded, decoder.object(json::serialize(object)));
      if (const auto* pod = std::get_if<model::PodSeen>(&decoded.seen); pod != nullptr && pod->pod.deletion_requested) {
        out.leaving.insert(model::to_string(pod->pod.key));
      }
      out.cluster.push_back(std::move(decoded.seen));
    }
  }
  EBB_TRY(model::Pod pod, kube::decode_pod(json::serialize(line.at("pod"))));
  out.pod = pod.key;
  out.pod_level = pod.pod_requests.has_value();
  out.cluster.push_back(model::PodSeen{std::move(pod)});
  return {};
}

void read_answer(const json::object& answer, SchedulerCase& out) {
  if (const auto* whole = answer.if_contains("whole")) out.whole = refusal(*whole);
  if (const auto* named = answer.if_contains("named")) out.named = names(*named);
  if (const auto* refused = answer.if_contains("refused")) {
    for (const auto& [node, value] : refused->as_object()) out.refused.emplace(node, refusal(value));
  }
  if (const auto* scores = answer.if_contains("scores")) {
    for (const auto& [node, terms] : scores->as_object()) {
      auto& points = out.points[node];
      for (const auto& [plugin, value] : terms.as_object()) points.emplace(plugin, value.as_int64());
    }
  }
  if (const auto* candidates = answer.if_contains("candidates")) {
    for (const json::value& one : candidates->as_array()) {
      out.candidates.emplace(text(one.at("node")), Candidate{.victims = names(one.at("victims")),
                                                             .violations = one.at("violations").as_int64(),
                                                             .highest = one.at("highest").as_int64(),
                                                             .sum = one.at("sum").as_int64(),
                                                             .start = one.at("start").as_int64()});
    }
  }
}

}   // namespace

Result<SchedulerCase> parse_scheduler_case(std::string_view line) {
  SchedulerCase out;
  try {
    const json::value value = json::parse(line);
    const json::object& object = value.as_object();
    out.name = text(object.at("case"));
    EBB_TRY_VOID(read_objects(object, out));
    read_answer(object.at("answer").as_object(), out);
  } catch (const std::exception& error) {
    return fail(Errc::invalid, "not a case: {}", error.what());
  }
  return out;
}

}   // namespace ebb::oracle
