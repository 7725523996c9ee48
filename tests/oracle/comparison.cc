#include "comparison.h"

#include "core/placement/placement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

namespace ebb::oracle {
namespace {

using core::placement::Actions;
using core::placement::Filter;
using core::placement::NodeAnswer;
using core::placement::Placement;

constexpr Instant kNow{1'769'000'000'000'000'000};   // after everything the cases mention
const std::string kTainted = "node(s) had untolerated taint(s)";
const std::string kFit = "NodeResourcesFit";
const std::set<std::string> kVolumePlugins{"VolumeRestrictions", "NodeVolumeLimits", "VolumeBinding", "VolumeZone"};

struct Ebb {
  Placement placement{{.profiles = {model::default_profile(model::kDefaultSchedulerName)}}};
  Actions actions;

  explicit Ebb(const SchedulerCase& one) {
    for (const model::ClusterEvent& event : one.cluster) placement.step(kNow, event, actions);
    placement.step(kNow, model::Synced{}, actions);
  }
  template <class Action>
  std::vector<Action> all() const {
    std::vector<Action> found;
    for (const auto& numbered : actions) {
      if (const auto* one = std::get_if<Action>(&numbered.action)) found.push_back(*one);
    }
    return found;
  }
};

// Ebb names the taint that is not tolerated.
std::vector<std::string> in_its_words(const NodeAnswer& answer) {
  std::vector<std::string> reasons = answer.reasons;
  if (answer.refused_by == Filter::taints) reasons = {kTainted};
  std::ranges::sort(reasons);
  return reasons;
}

bool same_plugin(Filter filter, const std::string& plugin) {
  return filter == Filter::volumes ? kVolumePlugins.contains(plugin) : plugin == core::placement::to_string(filter);
}

std::string compare_filters(const SchedulerCase& one, const std::vector<NodeAnswer>& answers, Reached& reached) {
  for (const NodeAnswer& answer : answers) {
    const std::string& node = answer.node.v;
    const std::string says =
        answer.refused_by ? fmt::format("{} {}", core::placement::to_string(*answer.refused_by), answer.reasons) : std::string("it fits");
    if (one.whole || (one.named && !one.named->contains(node))) {
      ++reached[one.whole ? "refused as a whole by " + one.whole->plugin : "not among the nodes named"];
      if (!answer.refused_by) return fmt::format("{}: expected refused before any node is asked, got that it fits", node);
      continue;
    }
    const auto refused = one.refused.find(node);
    if (refused == one.refused.end()) {
      if (answer.refused_by) return fmt::format("{}: expected that it fits, got {}", node, says);
      continue;
    }
    ++reached["refused by " + refused->second.plugin];
    if (!answer.refused_by || !same_plugin(*answer.refused_by, refused->second.plugin) || in_its_words(answer) != refused->second.reasons) {
      return fmt::format("{}: expected {} {}, got {}", node, refused->second.plugin, refused->second.reasons, says);
    }
  }
  return "";
}

std::string compare_points(const SchedulerCase& one, const std::vector<NodeAnswer>& answers, Reached& reached) {
  std::map<std::string, std::set<std::int64_t>> compared;   // to see which scores told nodes apart
  std::map<std::string, std::set<std::int64_t>> skipped;
  for (const NodeAnswer& answer : answers) {
    const auto points = one.points.find(answer.node.v);
    if (points == one.points.end()) continue;
    std::set<std::string> have;
    for (const auto& term : answer.terms) {
      const std::string name(term.name);
      have.insert(name);
      if (one.pod_level && name == kFit) continue;   // its scorer overlooks what the pod to be placed states for itself
      const std::int64_t weighted = term.weight * term.points;
      const auto expected = points->second.find(name);
      if (expected == points->second.end()) {
        skipped[name].insert(weighted);
        if (skipped[name].size() > 1) return fmt::format("{}: {} is skipped, got {}", answer.node.v, name, skipped[name]);
        continue;
      }
      compared[name].insert(weighted);
      if (weighted != expected->second) return fmt::format("{}: {}: expected {}, got {}", answer.node.v, name, expected->second, weighted);
    }
    for (const auto& [name, value] : points->second) {
      if (!have.contains(name) && value != 0) return fmt::format("{}: {}: expected {}, got nothing", answer.node.v, name, value);
    }
  }
  for (const auto& [name, values] : compared) ++reached[fmt::format("points of {}{}", name, values.size() > 1 ? ", not all the same" : "")];
  return "";
}

std::int64_t total(const std::map<std::string, std::int64_t>& points) {
  std::int64_t sum = 0;
  for (const auto& [plugin, value] : points) sum += value;
  return sum;
}

auto cost(const Candidate& candidate) {   // less is better, as in pickOneNodeForPreemption
  return std::tuple(candidate.violations, candidate.highest, candidate.sum, candidate.victims.size(), -candidate.start);
}

std::string compare_victims(const SchedulerCase& one, const Ebb& ebb, const std::string& node) {
  const auto chosen = one.candidates.find(node);
  if (chosen == one.candidates.end()) return fmt::format("room is made on {}, which is no candidate", node);
  std::set<std::string> evicted;
  for (const auto& evict : ebb.all<model::Evict>()) evicted.insert(model::to_string(evict.pod));
  for (const std::string& pod : chosen->second.victims) {
    if (one.leaving.contains(pod)) evicted.insert(pod);   // not evicted again
  }
  if (evicted != chosen->second.victims) return fmt::format("victims on {}: expected {}, got {}", node, chosen->second.victims, evicted);
  for (const auto& [other, candidate] : one.candidates) {
    if (cost(candidate) < cost(chosen->second)) return fmt::format("room is made on {}, where {} costs less", node, other);
  }
  return "";
}

std::string compare_outcome(const SchedulerCase& one, Ebb& ebb, Reached& reached) {
  ebb.placement.schedule(kNow, ebb.actions);
  const auto where = ebb.placement.explain(one.pod).node;   // bound there, or its volumes are on their way
  const auto nominated = ebb.all<model::Nominate>();
  if (!one.points.empty()) {
    if (!where) return "expected that it is placed, got that it is not";
    const std::string& node = where->v;
    if (!one.points.contains(node)) return fmt::format("bound to {}, which does not fit", node);
    if (one.pod_level) return "";
    for (const auto& [other, points] : one.points) {
      const auto order = total(points) <=> total(one.points.at(node));
      if (order > 0 || (order == 0 && other < node))
        return fmt::format("bound to {}, where {} is better or as good and first", node, other);
    }
    ++reached["bound to the best"];
    return "";
  }
  if (where) return fmt::format("bound to {}, where nothing fits", where->v);
  if (one.candidates.empty()) {
    ++reached["nobody's leaving helps"];
    return nominated.empty() ? "" : fmt::format("room is made on {}, where nobody's leaving helps", nominated.back().node.v);
  }
  if (nominated.empty()) return fmt::format("no room is made, where leaving {} would help", one.candidates.begin()->first);
  ++reached[one.candidates.size() > 1 ? "room made on one of several nodes" : "room made on the only node"];
  if (std::ranges::any_of(one.candidates, [](const auto& candidate) { return candidate.second.violations > 0; })) {
    ++reached["room where budgets would be broken"];
  }
  return compare_victims(one, ebb, nominated.back().node.v);
}

}   // namespace

std::string difference(const SchedulerCase& one, Reached& reached) {
  Ebb ebb(one);
  const std::vector<NodeAnswer> answers = ebb.placement.answers(one.pod);
  if (answers.empty()) return fmt::format("it is not to be placed: {}", ebb.placement.explain(one.pod).waiting_for);
  if (std::string what = compare_filters(one, answers, reached); !what.empty()) return what;
  if (std::string what = compare_points(one, answers, reached); !what.empty()) return what;
  return compare_outcome(one, ebb, reached);
}

}   // namespace ebb::oracle
