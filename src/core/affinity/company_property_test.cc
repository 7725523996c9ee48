// Random histories of nodes, namespaces, pods and requirements: after every event the counters answer
// as a look at everything does, and when all is gone nothing is left.

#include "core/affinity/affinity_reference_testing.h"
#include "core/affinity/company_index.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ebb::core::affinity {
namespace {

using testing::Reference;
using testing::StandingPod;

constexpr std::array kKeys{"zone", "kubernetes.io/hostname", "rack"};
constexpr Slot kSlots = 6;

int below(int bound) { return *rc::gen::resize(100, rc::gen::inRange(0, bound)); }
bool chance(int percent) { return below(100) < percent; }

std::string any_of(std::initializer_list<const char*> texts) { return texts.begin()[below(static_cast<int>(texts.size()))]; }

model::Labels any_labels() {
  model::Labels labels;
  if (chance(80)) labels["app"] = any_of({"a", "b", "c"});
  if (chance(40)) labels["tier"] = any_of({"x", "y"});
  return labels;
}

model::LabelSelector any_selector(std::string key, std::vector<std::string> values) {
  model::LabelSelector selector;
  const int kind = below(10);
  if (kind == 0) return selector;
  if (kind <= 5) selector.requirements.push_back({key, model::SelectorOperator::in, {values[0]}});
  if (kind == 6) selector.requirements.push_back({key, model::SelectorOperator::in, {values[1], values[0], values[1]}});
  if (kind == 7) selector.requirements.push_back({key, model::SelectorOperator::not_in, {values[0]}});
  if (kind == 8) selector.requirements.push_back({key, model::SelectorOperator::exists, {}});
  if (kind == 9) selector.requirements.push_back({key, model::SelectorOperator::does_not_exist, {}});
  return selector;
}

std::optional<model::LabelSelector> any_pod_selector() {
  if (chance(5)) return std::nullopt;
  model::LabelSelector selector = any_selector("app", chance(50) ? std::vector<std::string>{"a", "b"} : std::vector<std::string>{"b", "c"});
  if (chance(20)) selector.requirements.push_back(model::SelectorRequirement{"tier", model::SelectorOperator::in, {"x"}});
  return selector;
}

std::string any_namespace() { return any_of({"one", "two", "three"}); }

model::PodAffinityTerm any_term() {
  model::PodAffinityTerm term;
  term.selector = any_pod_selector();
  if (chance(25)) term.namespaces.push_back(any_namespace());
  if (chance(10)) term.namespaces.push_back(any_namespace());
  if (chance(30)) term.namespace_selector = any_selector("team", {"red", "blue"});
  term.topology_key = kKeys[static_cast<std::size_t>(below(3))];
  return term;
}

template <class Make>
auto some(int percent, Make make) {
  std::vector<decltype(make())> made;
  while (chance(percent) && made.size() < 3) made.push_back(make());
  return made;
}

model::WeightedPodAffinityTerm any_weighted() { return {1 + below(100), any_term()}; }

model::Pod any_pod() {
  model::Pod pod;
  pod.key.ns = any_namespace();
  pod.labels = any_labels();
  pod.required_affinity = some(15, any_term);
  pod.required_anti_affinity = some(15, any_term);
  pod.preferred_affinity = some(20, any_weighted);
  pod.preferred_anti_affinity = some(20, any_weighted);
  return pod;
}

model::TopologySpreadConstraint any_constraint() {
  model::TopologySpreadConstraint constraint;
  constraint.max_skew = 1 + below(2);
  constraint.topology_key = kKeys[static_cast<std::size_t>(below(3))];
  constraint.required = chance(50);
  constraint.selector = any_pod_selector();
  if (chance(20)) constraint.match_label_keys.push_back("tier");
  if (constraint.required && chance(30)) constraint.min_domains = 1 + below(4);
  constraint.honor_node_affinity = chance(60);
  constraint.honor_node_taints = chance(40);
  return constraint;
}

// Bits of the nodes by which predicates decide; a change of them is told by node_seen.
using Traits = std::array<int, kSlots>;

NodePredicate any_predicate(const std::shared_ptr<Traits>& traits, const std::string& name) {
  if (chance(40)) return {};
  const int bit = 1 << below(2);
  return {name + std::to_string(bit), [traits, bit](Slot slot) { return ((*traits)[slot] & bit) != 0; }};
}

RequirementSpec any_spec(const std::shared_ptr<Traits>& traits) {
  model::Pod pod = any_pod();
  if (chance(40)) pod.required_affinity.push_back(any_term());
  RequirementSpec spec = requirement_of(pod);
  spec.hard_pod_affinity_weight = below(3) * 5;
  spec.ignore_preferred_terms_of_existing_pods = chance(30);
  spec.spread_constraints = some(45, any_constraint);
  if (chance(60)) spec.default_selectors.push_back(any_selector("app", {"a", "b"}));
  spec.system_defaulted = chance(50);
  spec.default_constraints = spec.system_defaulted && chance(50) ? system_default_constraints() : some(60, any_constraint);
  spec.matches_node_affinity = any_predicate(traits, "affinity");
  spec.tolerates_node = any_predicate(traits, "taints");
  return spec;
}

model::Labels any_node_labels() {
  model::Labels labels;
  if (chance(85)) labels["zone"] = any_of({"z1", "z2", "z3", ""});
  if (chance(90)) labels["kubernetes.io/hostname"] = any_of({"h1", "h2", "h3", "h4", "h5"});
  if (chance(60)) labels["rack"] = any_of({"r1", "r2"});
  if (chance(20)) labels["topology.kubernetes.io/zone"] = any_of({"z1", "z2", ""});
  return labels;
}

struct Held {
  RequirementSpec spec;
  RequirementId id = 0;
};

class History {
 public:
  void event() {
    const int kind = below(100);
    if (kind < 20) return see_node(static_cast<Slot>(below(kSlots)));
    if (kind < 26) return lose_node(static_cast<Slot>(below(kSlots)));
    if (kind < 34) return change_namespace();
    if (kind < 70) return add_pod();
    if (kind < 82) return drop_pod();
    if (kind < 87) return end_pod();
    if (kind < 96 && held_.size() < 4) {
      RequirementSpec spec = any_spec(traits_);
      const RequirementId id = index_.acquire(spec);
      held_.push_back({std::move(spec), id});
      return;
    }
    drop_requirement();
  }

  void compare() {
    for (const Held& held : held_) compare(held);
  }

  void end() {
    while (!reference_.pods.empty()) drop_pod();
    while (!held_.empty()) drop_requirement();
    RC_ASSERT(index_.size() == CompanyIndex::Size{});
  }

 private:
  void see_node(Slot slot) {
    (*traits_)[slot] = below(4);
    model::Node node;
    node.labels = reference_.nodes.contains(slot) && chance(30) ? reference_.nodes[slot] : any_node_labels();
    reference_.nodes[slot] = node.labels;
    index_.node_seen(slot, node);
  }
  void lose_node(Slot slot) {
    reference_.nodes.erase(slot);
    index_.node_gone(slot);
  }
  void change_namespace() {
    const std::string name = any_namespace();
    if (chance(25)) {
      reference_.namespaces.erase(name);
      return index_.namespace_gone(name);
    }
    model::Labels labels;
    if (chance(80)) labels["team"] = any_of({"red", "blue"});
    reference_.namespaces[name] = labels;
    index_.namespace_seen(name, labels);
  }
  void add_pod() {
    StandingPod pod{.slot = static_cast<Slot>(below(kSlots)), .pod = any_pod(), .terminating = chance(15)};
    index_.add_pod(pod.slot, index_.acquire_class(pod.pod), pod.terminating);
    reference_.pods.push_back(std::move(pod));
  }
  void drop_pod() {
    if (reference_.pods.empty()) return;
    const auto at = reference_.pods.begin() + below(static_cast<int>(reference_.pods.size()));
    const ClassId id = index_.acquire_class(at->pod);
    index_.remove_pod(at->slot, id, at->terminating);
    index_.release_class(id);
    index_.release_class(id);
    reference_.pods.erase(at);
  }
  void end_pod() {
    if (reference_.pods.empty()) return;
    StandingPod& pod = reference_.pods[static_cast<std::size_t>(below(static_cast<int>(reference_.pods.size())))];
    const ClassId id = index_.acquire_class(pod.pod);
    index_.remove_pod(pod.slot, id, pod.terminating);
    pod.terminating = true;
    index_.add_pod(pod.slot, id, pod.terminating);
    index_.release_class(id);
  }
  void drop_requirement() {
    if (held_.empty()) return;
    index_.release(held_.back().id);
    held_.pop_back();
    answers_.resize(std::min(answers_.size(), held_.size()));
  }

  struct Answer {
    std::uint64_t generation = 0;
    std::map<Slot, CompanyRefusal> refusals;
    std::vector<std::int64_t> inter_pod;
    std::vector<std::int64_t> spread;
    std::map<Slot, model::Labels> nodes;
  };

  void compare(const Held& held) {
    Answer answer;
    answer.generation = index_.generation(held.id);
    answer.nodes = reference_.nodes;
    std::vector<std::uint8_t> fits(kSlots, 1);
    index_.refuse(held.id, fits);
    std::vector<Slot> feasible;
    for (const auto& [slot, labels] : reference_.nodes) {
      const CompanyRefusal expected = reference_.refusal(held.spec, slot);
      RC_ASSERT(index_.refusal(held.id, slot) == expected);
      RC_ASSERT((fits[slot] != 0) == (expected == CompanyRefusal::none));
      RC_ASSERT(expected == CompanyRefusal::none || index_.constrains(held.id));
      answer.refusals[slot] = expected;
      if (slot % 2 == 0 || expected == CompanyRefusal::none) feasible.push_back(slot);
    }
    answer.inter_pod.resize(feasible.size());
    answer.spread.resize(feasible.size());
    index_.score(held.id, feasible, answer.inter_pod, answer.spread);
    RC_ASSERT(answer.inter_pod == reference_.inter_pod(held.spec, feasible));
    RC_ASSERT(answer.spread == reference_.spread(held.spec, feasible));
    const auto differs = [](const std::vector<std::int64_t>& scores) {
      return !scores.empty() && std::ranges::min(scores) != std::ranges::max(scores);
    };
    RC_ASSERT(index_.scores(held.id) || (!differs(answer.inter_pod) && !differs(answer.spread)));
    compare_with_before(held, std::move(answer));
  }

  // An answer that is another one for the same nodes has another generation.
  void compare_with_before(const Held& held, Answer answer) {
    const std::size_t at = static_cast<std::size_t>(&held - held_.data());
    if (at < answers_.size()) {
      const Answer& before = answers_[at];
      RC_ASSERT(answer.generation >= before.generation);
      if (answer.generation == before.generation) {
        for (const auto& [slot, refusal] : answer.refusals) {
          const auto known = before.refusals.find(slot);
          RC_ASSERT(known == before.refusals.end() || known->second == refusal);
        }
        const bool same_nodes = std::ranges::equal(answer.nodes, before.nodes, {}, &std::pair<const Slot, model::Labels>::first,
                                                   &std::pair<const Slot, model::Labels>::first);
        RC_ASSERT(!same_nodes || (answer.inter_pod == before.inter_pod && answer.spread == before.spread));
      }
      answers_[at] = std::move(answer);
    } else {
      answers_.resize(at);
      answers_.push_back(std::move(answer));
    }
  }

  CompanyIndex index_;
  Reference reference_;
  std::shared_ptr<Traits> traits_ = std::make_shared<Traits>();
  std::vector<Held> held_;
  std::vector<Answer> answers_;   // of the event before
};

TEST(CompanyIndexProperty, AnswersAsALookAtEveryPodDoesAfterAnyHistory) {
  EXPECT_TRUE(rc::check([] {
    History history;
    const int events = 10 + below(60);
    for (int i = 0; i < events; ++i) {
      history.event();
      history.compare();
    }
    history.end();
  }));
}

}   // namespace
}   // namespace ebb::core::affinity
