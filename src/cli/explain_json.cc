#include "cli/explain_json.h"

#include "model/timestamp.h"

#include <boost/json.hpp>

#include <optional>
#include <utility>

namespace ebb::cli {
namespace {

namespace json = boost::json;
using core::placement::Explanation;
using core::placement::NodeExplanation;

json::value time_json(const std::optional<Instant>& time) {
  return time ? json::value(model::to_timestamp_text(*time)) : json::value(nullptr);
}

json::value count_json(const std::optional<std::size_t>& count) { return count ? json::value(*count) : json::value(nullptr); }

json::value name_json(const std::optional<model::NodeName>& node) { return node ? json::value(node->v) : json::value(nullptr); }

json::array filters_json(const Explanation& explanation) {
  json::array filters;
  for (std::size_t i = 0; i < explanation.filters.size(); ++i) {
    const core::placement::Refusal& refusal = explanation.filters[i];
    filters.push_back(
        {{"name", explanation.filter_names[i]}, {"reason", refusal.reason}, {"refused", refusal.nodes}, {"example", refusal.example.v}});
  }
  return filters;
}

json::array scores_json(const Explanation& explanation) {
  json::array scores;
  for (const auto& node : explanation.best) {
    json::array terms;
    for (const auto& term : node.terms) terms.push_back({{"name", term.name}, {"weight", term.weight}, {"points", term.points}});
    scores.push_back({{"node", node.node.v}, {"total", node.total}, {"terms", std::move(terms)}});
  }
  return scores;
}

json::object queue_json(const Explanation& explanation) {
  json::object out{{"state", explanation.state},
                   {"priority", explanation.priority},
                   {"band", explanation.band},
                   {"position", count_json(explanation.queue_position)},
                   {"name", nullptr}};
  if (!explanation.queue) return out;
  const core::placement::QueueExplanation& queue = *explanation.queue;
  out["name"] = queue.name;
  out["exists"] = queue.exists;
  out["refused"] = queue.refused;
  if (!queue.exists) return out;
  if (queue.position) out["position"] = *queue.position;
  out["turn"] = count_json(queue.turn);
  out["share"] = core::fairness::to_string(queue.share);
  out["sharePercent"] = core::fairness::percent(queue.share);
  out["weightedShare"] = core::fairness::to_string(queue.weighted);
  out["resource"] = queue.resource;
  out["held"] = queue.held;
  out["deserved"] = queue.deserved;
  out["total"] = queue.total;
  out["owed"] = queue.owed;
  out["placedPods"] = queue.placed_pods;
  out["waitingPods"] = queue.waiting_pods;
  return out;
}

json::value gang_json(const Explanation& explanation) {
  if (!explanation.gang) return nullptr;
  const core::gangs::GangExplanation& gang = *explanation.gang;
  return {{"group", model::to_string(gang.group.key)},
          {"dialect", core::gangs::to_string(gang.group.dialect)},
          {"phase", core::gangs::to_string(gang.phase)},
          {"min", gang.min},
          {"present", gang.present},
          {"placed", gang.placed},
          {"running", gang.running},
          {"waitingFor", gang.waiting_for},
          {"nextTry", time_json(gang.next_try)},
          {"reservationUntil", time_json(gang.reservation_until)},
          {"position", count_json(gang.position)}};
}

json::value deadline_json(const Explanation& explanation) {
  if (!explanation.deadline) return nullptr;
  const core::placement::DeadlineExplanation& deadline = *explanation.deadline;
  json::object out{{"written", deadline.written}, {"at", time_json(deadline.at)}};
  if (!deadline.at) return out;
  out["slackSeconds"] = deadline.slack.v / seconds(1).v;
  out["met"] = deadline.slack >= Duration{};
  out["latestStart"] = time_json(deadline.latest_start);
  return out;
}

json::object pod_json(const Explanation& explanation) {
  json::array leaving;
  for (const model::ObjectKey& key : explanation.leaving) leaving.push_back(json::value(model::to_string(key)));
  json::array avoided;
  for (const model::NodeName& node : explanation.avoided) avoided.push_back(json::value(node.v));
  json::array needed;
  for (std::size_t i = 0; i < explanation.needed; ++i) needed.push_back(json::value(explanation.would_help[i]));
  return {{"pod", model::to_string(explanation.pod)},
          {"scheduler", explanation.profile},
          {"class", explanation.qos},
          {"classReason", explanation.qos_reason},
          {"offline", explanation.offline},
          {"pool", explanation.pool},
          {"warnings", json::value_from(explanation.warnings)},
          {"state", explanation.state},
          {"waitingFor", explanation.waiting_for},
          {"node", name_json(explanation.node)},
          {"nominatedNode", name_json(explanation.nominated)},
          {"leaving", std::move(leaving)},
          {"backoffUntil", time_json(explanation.backoff_until)},
          {"volumesUntil", time_json(explanation.volumes_until)},
          {"avoided", std::move(avoided)},
          {"avoidedUntil", time_json(explanation.avoided_until)},
          {"deadline", deadline_json(explanation)},
          {"message", explanation.message},
          {"nodes", explanation.nodes},
          {"filters", filters_json(explanation)},
          {"scores", scores_json(explanation)},
          {"couldMakeRoom", explanation.could_make_room ? json::value(*explanation.could_make_room) : json::value(nullptr)},
          {"queue", queue_json(explanation)},
          {"gang", gang_json(explanation)},
          {"needed", std::move(needed)},
          {"wouldHelp", json::value_from(explanation.would_help)}};
}

template <class Unit>
json::object terms_json(const core::OversoldTerms<Unit>& terms) {
  return {{"allocatable", terms.allocatable.v},
          {"thresholdPermille", terms.threshold.v},
          {"line", terms.line.v},
          {"reserve", terms.reserve.v},
          {"systemUse", terms.system_use.v},
          {"systemExcess", terms.system_excess.v},
          {"hlsRequests", terms.hls_requests.v},
          {"predictedPeak", terms.predicted_peak.v},
          {"overcommitCap", terms.overcommit_cap ? json::value(terms.overcommit_cap->v) : json::value(nullptr)},
          {"result", terms.result.v}};
}

json::object use_json(model::Use use) { return {{"cpuMillis", use.cpu.v}, {"memoryBytes", use.memory.v}}; }

json::object node_json(const NodeExplanation& explanation) {
  json::object out{{"node", explanation.node.v},
                   {"colocation", explanation.policy.colocation},
                   {"pods", explanation.pods},
                   {"offlinePods", explanation.offline_pods},
                   {"requested", use_json(explanation.requested)},
                   {"offlineRequested", use_json(explanation.offline_requested)}};
  if (explanation.policy.max_offline_pods) out["maxOfflinePods"] = *explanation.policy.max_offline_pods;
  if (explanation.oversold) {
    out["oversold"] = {{"source", core::to_string(explanation.oversold->source)},
                       {"podsAtRequest", explanation.oversold->pods_at_request},
                       {"cpuMillis", terms_json(explanation.oversold->cpu)},
                       {"memoryBytes", terms_json(explanation.oversold->memory)}};
  }
  if (explanation.shows_oversold) out["published"] = use_json(explanation.published);
  if (explanation.room) out["room"] = use_json(*explanation.room);
  return out;
}

}   // namespace

std::string to_json_text(const Explanation& explanation) { return json::serialize(pod_json(explanation)); }
std::string to_json_text(const NodeExplanation& explanation) { return json::serialize(node_json(explanation)); }

}   // namespace ebb::cli
