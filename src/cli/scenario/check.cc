#include "cli/scenario/check.h"

#include "cli/scenario/fields.h"
#include "core/gangs/gang.h"
#include "model/quantity.h"
#include "model/suggestion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

namespace ebb::cli::scenario {
namespace {

std::string amount_text(std::int64_t amount, std::string_view resource) {
  if (resource == "cpu") return model::to_quantity_text(MilliCpu{amount});
  if (resource.ends_with("memory") || resource.ends_with("storage")) return model::to_quantity_text(Bytes{amount});
  return std::to_string(amount);
}

std::string amounts_text(const Amounts& amounts) {
  std::vector<std::string> parts;
  for (const auto& [name, amount] : amounts) parts.push_back(fmt::format("{} {}", name, amount_text(amount, name)));
  return parts.empty() ? "nothing" : fmt::format("{}", fmt::join(parts, ", "));
}

Amounts amounts_of(const model::Resources& resources) {
  Amounts amounts;
  const auto add = [&](std::string_view name, std::int64_t amount) {
    if (amount != 0) amounts.emplace(name, amount);
  };
  add("cpu", resources.cpu.v);
  add("memory", resources.memory.v);
  add("ephemeral-storage", resources.ephemeral_storage.v);
  for (const auto& [name, amount] : resources.scalars) add(name, amount);
  return amounts;
}

class Checker {
 public:
  Checker(const Run& run, std::vector<Failure>& failures) : run_(run), failures_(failures) {}

  void pods(const PodExpectation& expected) {
    const auto found = run_.find(expected.name);
    subject_ = fmt::format("pod {}", model::to_string(expected.name));
    if (found.empty()) return miss(expected.line, "", "", no_such_pod(expected.name));
    counts(expected, found);
    for (const PodRecord* record : found) {
      subject_ = fmt::format("pod {}", model::to_string(record->pod.key));
      const std::size_t before = failures_.size();
      pod(expected, *record);
      // One of a workload's pods is enough to see what is wrong.
      if (failures_.size() != before) return;
    }
  }

  void node(const NodeExpectation& expected) {
    subject_ = fmt::format("node {}", expected.name);
    const model::Node* node = run_.node(expected.name);
    if (node == nullptr) return miss(expected.line, "", "", "there is no such node");
    published(expected.batch_cpu, "batchCpu", *node, model::kBatchCpu, "cpu");
    published(expected.batch_memory, "batchMemory", *node, model::kBatchMemory, "memory");
    const auto& nodes = run_.placement().nodes();
    const auto slot = nodes.find(node->name);
    const auto runs_there = [&](const PodRecord* record) { return record->pod.node == node->name; };
    if (expected.pods) number(*expected.pods, "pods", std::ranges::count_if(run_.pods(), runs_there));
    if (expected.offline_pods) number(*expected.offline_pods, "offlinePods", slot ? nodes[*slot].offline_pods : 0);
    terms(expected, *node);
  }

  void group(const PodGroupExpectation& expected) {
    subject_ = fmt::format("podGroup {}", model::to_string(expected.name));
    const model::PodGroup* group = run_.pod_group(expected.name);
    if (group == nullptr) return miss(expected.line, "", "", "there is no such pod group");
    same(expected.phase, "phase", group->phase);
    contains(expected.condition, "condition", group->condition);
    if (!expected.state && !expected.placed) return;
    const core::gangs::GangBook& gangs = run_.placement().gangs();
    const auto found = gangs.find({group->dialect, group->key});
    if (!found) return miss(expected.line, "", "", "it makes no gang");
    const core::gangs::GangExplanation gang = gangs.explain(*found);
    same(expected.state, "state", core::gangs::to_string(gang.phase), gang.waiting_for);
    if (expected.placed) number(*expected.placed, "placed", gang.placed);
  }

  void queue(const QueueExpectation& expected) {
    subject_ = fmt::format("queue {}", expected.name);
    const core::fairness::QueueTree& tree = run_.placement().queues().tree();
    const auto queue = tree.find(expected.name);
    if (!queue) return miss(expected.line, "", "", "there is no such queue");
    same(expected.share, "share", core::fairness::to_string(tree.held_share(*queue).unweighted()));
    if (expected.pods) number(*expected.pods, "pods", tree.allocated_pods(*queue));
    if (expected.pending) number(*expected.pending, "pending", tree.pending_pods(*queue));
    const auto allocated = [&](core::fairness::ResourceId id) { return static_cast<std::int64_t>(tree.allocated(*queue, id)); };
    amounts(expected.allocated, "allocated", allocated);
    amounts(expected.deserved, "deserved", [&](core::fairness::ResourceId id) { return tree.deserved(*queue, id); });
  }

  void claim(const ClaimExpectation& expected) {
    subject_ = fmt::format("claim {}", model::to_string(expected.name));
    const auto* seen = run_.objects().find<model::VolumeClaimSeen>("PersistentVolumeClaim", expected.name);
    if (seen == nullptr) return miss(expected.line, "", "", "there is no such claim");
    const auto or_none = [](const std::string& text) { return text.empty() ? std::string("none") : text; };
    same(expected.volume, "volume", seen->claim.bound ? seen->claim.volume_name : "none");
    same(expected.node, "node", or_none(seen->claim.selected_node));
  }

  // Every victim is named, by its own name or its workload's; nobody else is evicted.
  void victims(const At<std::vector<std::string>>& expected) {
    subject_ = "victims";
    std::vector<std::string> got;
    for (const Eviction& eviction : run_.evictions()) {
      const bool by_group = std::ranges::any_of(expected.value, [&](const std::string& name) { return to_key(name) == eviction.group; });
      std::string name = model::to_string(by_group ? eviction.group : eviction.pod);
      if (std::ranges::find(got, name) == got.end()) got.push_back(std::move(name));
    }
    std::vector<std::string> wanted;
    for (const std::string& name : expected.value) wanted.push_back(model::to_string(to_key(name)));
    std::ranges::sort(wanted);
    std::ranges::sort(got);
    const auto list = [](const std::vector<std::string>& names) {
      return names.empty() ? std::string("none") : fmt::format("{}", fmt::join(names, ", "));
    };
    if (got != wanted) miss(expected.line, "", list(wanted), list(got));
  }

 private:
  template <class AmountOf>
  void amounts(const std::optional<At<Amounts>>& expected, std::string_view what, const AmountOf& amount_of) {
    if (!expected) return;
    Amounts got;
    for (const auto& [name, wanted] : expected->value) {
      const core::placement::ResourceIds& ids = run_.placement().nodes().ids();
      std::int64_t is = 0;   // nobody has heard of it
      for (core::placement::ResourceId id = 0; id < ids.size(); ++id) {
        if (ids.name(id) == name) is = amount_of(id);
      }
      got.emplace(name, is);
    }
    if (got != expected->value) miss(expected->line, what, amounts_text(expected->value), amounts_text(got));
  }

  void miss(int line, std::string_view what, std::string expected, std::string got) {
    failures_.push_back({line, what.empty() ? subject_ : fmt::format("{}: {}", subject_, what), std::move(expected), std::move(got)});
  }

  void same(const std::optional<At<std::string>>& expected, std::string_view what, std::string_view got, std::string_view why = "") {
    if (!expected || expected->value == got) return;
    miss(expected->line, what, expected->value, why.empty() ? std::string(got) : fmt::format("{} ({})", got, why));
  }

  void contains(const std::optional<At<std::string>>& expected, std::string_view what, const std::string& got) {
    if (!expected || got.find(expected->value) != std::string::npos) return;
    miss(expected->line, what, fmt::format("\"{}\" in it", expected->value), got.empty() ? "nothing" : fmt::format("\"{}\"", got));
  }

  void number(const At<std::int64_t>& expected, std::string_view what, std::int64_t got, const std::string& why = "") {
    if (expected.value == got) return;
    miss(expected.line, what, std::to_string(expected.value), why.empty() ? std::to_string(got) : fmt::format("{} ({})", got, why));
  }

  std::string no_such_pod(const model::ObjectKey& name) {
    const std::vector<std::string> names = run_.names();
    const std::vector<std::string_view> views(names.begin(), names.end());
    const auto near = model::nearest(model::to_string(name), views);
    return near ? fmt::format("there is no such pod or workload, did you mean {}?", *near) : "there is no such pod or workload";
  }

  // Why a pending pod is not placed as things are now, in the words of its condition.
  std::string waits_for(const PodRecord& record) {
    const core::placement::Explanation why = run_.placement().explain(record.pod.key);
    if (why.filters.empty()) return why.message.empty() ? why.waiting_for : why.message;
    return core::placement::Refusals{.nodes = why.nodes, .list = why.filters}.message();
  }

  // What a gang says of its members is told with what the nodes say.
  std::string told(const PodRecord& record) {
    const auto membership = core::gangs::membership(record.pod);
    const auto gang = membership ? run_.placement().gangs().find(membership->group) : std::nullopt;
    const std::string gangs_own = gang ? run_.placement().gangs().explain(*gang).waiting_for : std::string();
    return gangs_own.empty() ? waits_for(record) : fmt::format("{}; {}", gangs_own, waits_for(record));
  }

  void counts(const PodExpectation& expected, const std::vector<const PodRecord*>& found) {
    std::int64_t bound = 0;
    std::int64_t pending = 0;
    std::string why;
    for (const PodRecord* record : found) {
      if (record->refused) {
        why = "refused: " + *record->refused;
      } else if (!record->pod.node.empty()) {
        ++bound;
      } else {
        ++pending;
        why = waits_for(*record);
      }
    }
    if (expected.bound) number(*expected.bound, "bound", bound, why);
    if (expected.pending) number(*expected.pending, "pending", pending, why);
  }

  void pod(const PodExpectation& expected, const PodRecord& record) {
    if (expected.refused) {
      if (!record.refused) return miss(expected.refused->line, "refused", expected.refused->value, "admitted");
      return contains(expected.refused, "refused", *record.refused);
    }
    if (record.refused) return miss(expected.line, "", "admitted", fmt::format("refused: {}", *record.refused));
    const core::Resolved& resolved = record.resolved;
    same(expected.qos, "class", model::to_string(resolved.qos), resolved.reason);
    contains(expected.reason, "reason", resolved.reason);
    same(expected.pool, "pool", model::to_string(resolved.pool));
    same(expected.priority, "priority", core::to_string(resolved.band));
    if (expected.offline && expected.offline->value != resolved.offline) {
      miss(expected.offline->line, "offline", fmt::format("{}", expected.offline->value),
           fmt::format("{} ({})", resolved.offline, resolved.reason));
    }
    contains(expected.warning, "warning", fmt::format("{}", fmt::join(record.warnings, "; ")));
    if (expected.requests) {
      const Amounts got = amounts_of(model::effective_requests(record.pod));
      if (got != expected.requests->value)
        miss(expected.requests->line, "requests", amounts_text(expected.requests->value), amounts_text(got));
    }
    annotations(expected, record.pod);
    placed(expected, record);
  }

  void annotations(const PodExpectation& expected, const model::Pod& pod) {
    if (!expected.annotations) return;
    for (const auto& [key, value] : expected.annotations->value) {
      const auto found = pod.annotations.find(key);
      const std::string got = found == pod.annotations.end() ? "none" : found->second;
      if (got != value) miss(expected.annotations->line, fmt::format("annotation {}", key), value, got);
    }
  }

  void placed(const PodExpectation& expected, const PodRecord& record) {
    const bool pending = record.pod.node.empty();
    if (expected.nodes && !pending && std::ranges::find(expected.nodes->value, record.pod.node.v) == expected.nodes->value.end()) {
      miss(expected.nodes->line, "nodes", fmt::format("one of {}", fmt::join(expected.nodes->value, ", ")), record.pod.node.v);
    }
    if (expected.nominated) {
      const std::string& node = record.pod.nominated_node.v;
      same(expected.nominated, "nominated", node.empty() ? "none" : node);
    }
    if (expected.message && pending) contains(expected.message, "message", told(record));
    if (expected.filters && pending) refusals(*expected.filters, record);
    if (expected.event && std::ranges::find(record.events, expected.event->value) == record.events.end()) {
      miss(expected.event->line, "event", expected.event->value,
           record.events.empty() ? "none" : fmt::format("{}", fmt::join(record.events, ", ")));
    }
  }

  // Every filter that refuses a node, under its plugin's name.
  void refusals(const At<Amounts>& expected, const PodRecord& record) {
    const core::placement::Explanation why = run_.placement().explain(record.pod.key);
    Amounts got;
    for (const core::placement::Refusal& refusal : why.filters) got[std::string(to_string(refusal.filter))] += refusal.nodes;
    if (got != expected.value) miss(expected.line, "filters", amounts_text(expected.value), amounts_text(got));
  }

  void published(const std::optional<At<std::optional<std::int64_t>>>& expected, std::string_view what, const model::Node& node,
                 std::string_view name, std::string_view resource) {
    if (!expected) return;
    std::optional<std::int64_t> got;
    if (node.allocatable.has_scalar(name)) got = node.allocatable.scalar(name);
    if (got == expected->value) return;
    const auto text = [&](const std::optional<std::int64_t>& amount) { return amount ? amount_text(*amount, resource) : "none"; };
    miss(expected->line, what, text(expected->value), text(got));
  }

  template <class Unit>
  static std::optional<std::int64_t> term(const core::OversoldTerms<Unit>& terms, std::string_view name) {
    if (name == "allocatable") return terms.allocatable.v;
    if (name == "line") return terms.line.v;
    if (name == "reserve") return terms.reserve.v;
    if (name == "systemUse") return terms.system_use.v;
    if (name == "systemReserve") return terms.system_reserve.v;
    if (name == "systemExcess") return terms.system_excess.v;
    if (name == "hlsRequests") return terms.hls_requests.v;
    if (name == "predictedPeak") return terms.predicted_peak.v;
    if (name == "overcommitCap") return terms.overcommit_cap ? std::optional(terms.overcommit_cap->v) : std::nullopt;
    if (name == "allocated") return terms.allocated.v;
    return terms.result.v;
  }

  void terms(const NodeExpectation& expected, const model::Node& node) {
    if (expected.terms.empty() && !expected.metrics) return;
    const core::Oversold* oversold = run_.placement().oversold_terms(node.name);
    if (oversold == nullptr) return miss(expected.line, "oversold", "an amount", "never computed, colocation was never on there");
    constexpr std::string_view kSources[] = {"none", "report", "metrics.k8s.io"};
    same(expected.metrics, "metrics", kSources[static_cast<std::size_t>(oversold->source)]);
    for (const TermExpectation& wanted : expected.terms) {
      const std::string_view resource = wanted.cpu ? "cpu" : "memory";
      const auto got = wanted.cpu ? term(oversold->cpu, wanted.term) : term(oversold->memory, wanted.term);
      if (got == wanted.amount) continue;
      miss(wanted.line, fmt::format("{}.{}", resource, wanted.term), amount_text(wanted.amount, resource),
           got ? amount_text(*got, resource) : "none");
    }
  }

  const Run& run_;
  std::vector<Failure>& failures_;
  std::string subject_;
};

}   // namespace

std::string to_string(const Failure& failure) {
  if (failure.expected.empty()) return fmt::format("{}: {}", failure.what, failure.got);
  return fmt::format("{}: expected {}, got {}", failure.what, failure.expected, failure.got);
}

std::vector<Failure> check(const Step& step, const Run& run) {
  std::vector<Failure> failures;
  Checker checker(run, failures);
  for (const PodExpectation& expected : step.pod_expectations) checker.pods(expected);
  for (const NodeExpectation& expected : step.node_expectations) checker.node(expected);
  for (const PodGroupExpectation& expected : step.group_expectations) checker.group(expected);
  for (const ClaimExpectation& expected : step.claim_expectations) checker.claim(expected);
  for (const QueueExpectation& expected : step.queue_expectations) checker.queue(expected);
  if (step.victims) checker.victims(*step.victims);
  return failures;
}

std::vector<Failure> play(const Scenario& scenario) {
  std::vector<Failure> failures;
  Run run(scenario.admission);
  for (const Step& step : scenario.steps) {
    if (const Status performed = run.perform(step); !performed) {
      failures.push_back({step.line, "the step", "", performed.error().message});
      return failures;
    }
    std::ranges::move(check(step, run), std::back_inserter(failures));
  }
  return failures;
}

}   // namespace ebb::cli::scenario
