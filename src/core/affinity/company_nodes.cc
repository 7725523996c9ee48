// How nodes and namespaces change what is counted.

#include "core/affinity/company_state.h"

#include "base/check.h"

#include <algorithm>
#include <utility>

namespace ebb::core::affinity {

// Takes over one hold on each of the content's keys.
EligibilityId CompanyState::acquire_eligibility(EligibilityContent content, const RequirementSpec& spec) {
  const std::vector<KeyId> keys = content.keys;
  const std::size_t hash = hash_of(content);
  const auto [id, fresh] = eligibilities_.acquire(std::move(content), hash);
  if (!fresh) {
    for (const KeyId key : keys) topology_.release(key);
    return id;
  }
  auto& [kept, body, kept_hash, holders] = eligibilities_[id];
  if (!kept.affinity.empty()) body.affinity = spec.matches_node_affinity.holds;
  if (!kept.taints.empty()) body.taints = spec.tolerates_node.holds;
  body.nodes.resize(topology_.slots(), 0);
  for (Slot slot = 0; slot < topology_.slots(); ++slot) body.nodes[slot] = topology_.present(slot) && is_eligible(kept, body, slot, false);
  return id;
}

void CompanyState::release_eligibility(EligibilityId id) {
  if (id == kEveryNode || !eligibilities_.release(id)) return;
  for (const KeyId key : eligibilities_[id].content.keys) topology_.release(key);
  eligibilities_.erase(id);
}

bool CompanyState::is_eligible(const EligibilityContent& content, const Eligibility& eligibility, Slot slot, bool after_change) const {
  for (const KeyId key : content.keys) {
    if (!(after_change ? topology_.will_have(key) : topology_.domain(key, slot) != kNoDomain)) return false;
  }
  return (!eligibility.affinity || eligibility.affinity(slot)) && (!eligibility.taints || eligibility.taints(slot));
}

bool CompanyState::find_eligibility_changes(Slot slot, bool present_after) {
  bool any = false;
  eligibilities_.for_each([&](EligibilityId, Eligibilities::Entry& entry) {
    Eligibility& body = entry.body;
    if (slot >= body.nodes.size()) body.nodes.resize(std::size_t{slot} + 1, 0);
    const bool after = present_after && is_eligible(entry.content, body, slot, true);
    body.changes = after != (body.nodes[slot] != 0);
    any = any || body.changes;
  });
  return any;
}

bool CompanyState::changes(const CounterContent& content) const {
  return topology_.changes(content.key) || (content.eligibility != kEveryNode && eligibilities_[content.eligibility].body.changes);
}

// Adds or takes away, in the counters that the change concerns, all pods of the slot.
void CompanyState::recount_slot(Slot slot, std::int32_t sign) {
  if (slot >= pods_at_.size()) return;
  for (const ClassId id : pods_at_[slot]) {
    const PodClass& pods = classes_[id].body;
    const std::int32_t staying = pods.staying.get(slot);
    const std::int32_t terminating = pods.terminating.get(slot);
    for (const auto& [counter, amount] : pods.shares) {
      if (!changes(counters_[counter].content)) continue;
      if (staying != 0) count(counter, slot, sign * staying * amount, false);
      if (terminating != 0) count(counter, slot, sign * terminating * amount, true);
    }
  }
}

// The slot's node is, or is no longer, one of those that make its domain exist.
void CompanyState::join_lowest(CounterId id, Slot slot, bool join) {
  auto& [content, body, hash, holders] = counters_[id];
  const Domain domain = topology_.domain(content.key, slot);
  if (domain == kNoDomain) return;
  if (content.eligibility != kEveryNode && eligibilities_[content.eligibility].body.nodes[slot] == 0) return;
  if (domain >= body.eligible.size()) body.eligible.resize(std::max<std::size_t>(topology_.domains(content.key), domain + 1), 0);
  if (join && body.eligible[domain]++ == 0) body.lowest.join(body.counts.get(domain));
  if (!join && --body.eligible[domain] == 0) body.lowest.leave(body.counts.get(domain));
}

void CompanyState::update_node(Slot slot, std::optional<model::Labels> labels) {
  const bool present_after = labels.has_value();
  topology_.prepare(slot, std::move(labels));
  const bool eligibility_changes = find_eligibility_changes(slot, present_after);
  if (!eligibility_changes && !topology_.any_change()) {
    topology_.finish();
    return;
  }
  std::vector<CounterId> with_lowest;
  counters_.for_each([&](CounterId id, Counters::Entry& entry) {
    if (!changes(entry.content)) return;
    ++entry.body.generation;
    if (entry.content.knows_lowest) with_lowest.push_back(id);
  });
  recount_slot(slot, -1);
  for (const CounterId id : with_lowest) join_lowest(id, slot, false);
  topology_.apply();
  eligibilities_.for_each([&](EligibilityId, Eligibilities::Entry& entry) {
    if (entry.body.changes) entry.body.nodes[slot] ^= 1u;
  });
  for (const CounterId id : with_lowest) join_lowest(id, slot, true);
  recount_slot(slot, 1);
  topology_.finish();
  eligibilities_.for_each([](EligibilityId, Eligibilities::Entry& entry) { entry.body.changes = false; });
}

void CompanyState::update_namespace(const std::string& name, std::optional<model::Labels> labels) {
  const auto known = namespaces_.find(name);
  if (known == namespaces_.end() ? !labels.has_value() : labels == known->second) return;

  std::vector<CounterId> selecting;   // those that look at namespace labels
  counters_.for_each([&](CounterId id, const Counters::Entry& entry) {
    const bool looks = std::ranges::any_of(entry.content.terms, [](const Term& term) { return term.namespace_selector.has_value(); });
    if (looks && entry.content.counts == Counts::matching) selecting.push_back(id);
  });
  const std::vector<ClassId> pods = class_index_.in_namespace(name);
  std::vector<std::pair<ClassId, CounterId>> counted;
  for (const ClassId id : pods) {
    for (const CounterId counter : selecting) {
      if (counts(counters_[counter].content, classes_[id].content)) counted.emplace_back(id, counter);
    }
  }
  const std::vector<RequirementId> requirements = requirement_index_.in_namespace(name);
  for (const RequirementId id : requirements) leave_existing(id);

  if (labels) {
    namespaces_[name] = std::move(*labels);
  } else {
    namespaces_.erase(name);
  }

  std::size_t next = 0;   // in counted, which has the order of these loops
  for (const ClassId id : pods) {
    for (const CounterId counter : selecting) {
      const bool before = next < counted.size() && counted[next] == std::pair(id, counter);
      if (before) ++next;
      const bool after = counts(counters_[counter].content, classes_[id].content);
      if (after && !before) gain_share(id, counter);
      if (before && !after) lose_share(id, counter);
    }
  }
  for (const RequirementId id : requirements) {
    meet_existing(id);
    Requirement& body = requirements_[id].body;
    const bool affine = is_affine_to_itself(requirements_[id].content);
    if (std::exchange(body.affine_to_itself, affine) != affine) ++body.base_generation;
  }
}

}   // namespace ebb::core::affinity
