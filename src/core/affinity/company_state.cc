#include "core/affinity/company_state.h"

#include "base/check.h"

#include <algorithm>

namespace ebb::core::affinity {

bool CompanyState::counts(const CounterContent& content, const PodClassContent& pods) const {
  return std::ranges::all_of(content.terms, [&](const Term& term) {
    return matches(term, {pods.ns, pods.labels}, namespaces_, UnknownNamespace::is_not_selected);
  });
}

CounterId CompanyState::acquire_counter(Counts counts, std::vector<Term> terms, const std::string& key) {
  CounterContent content{.counts = counts, .terms = std::move(terms)};
  content.key = topology_.acquire({KeyContent::Kind::label, key});
  return acquire_counter(std::move(content));
}

// Takes over one hold on the content's key and eligibility.
CounterId CompanyState::acquire_counter(CounterContent content) {
  const KeyId key = content.key;
  const EligibilityId eligibility = content.eligibility;
  const std::size_t hash = hash_of(content);
  const auto [id, fresh] = counters_.acquire(std::move(content), hash);
  if (fresh) {
    fill(id);
  } else {
    topology_.release(key);
    release_eligibility(eligibility);
  }
  return id;
}

// A new counter learns what is there already.
void CompanyState::fill(CounterId id) {
  const CounterContent& content = counters_[id].content;
  counters_[id].body.generation = 1;
  if (content.knows_lowest) {
    for (Slot slot = 0; slot < topology_.slots(); ++slot) join_lowest(id, slot, true);
  }
  if (content.counts == Counts::matching) {
    matching_index_.add(id, content.terms.front());
    for (const ClassId pods : class_index_.candidates(content.terms.front())) {
      if (counts(content, classes_[pods].content)) gain_share(pods, id);
    }
    return;
  }
  carried_index_.add(id, content.terms.front());
  for (const RequirementId requirement : requirement_index_.candidates(content.terms.front())) meet(requirement, id);
}

void CompanyState::release_counter(CounterId id) {
  if (!counters_.release(id)) return;
  const CounterContent& content = counters_[id].content;
  if (content.counts == Counts::matching) {
    matching_index_.remove(id, content.terms.front());
    for (const ClassId pods : class_index_.candidates(content.terms.front())) {
      std::erase_if(classes_[pods].body.shares, [&](const PodClass::Share& share) { return share.counter == id; });
    }
  } else {
    carried_index_.remove(id, content.terms.front());
    for (const RequirementId requirement : requirement_index_.candidates(content.terms.front())) leave(requirement, id);
  }
  topology_.release(content.key);
  release_eligibility(content.eligibility);
  counters_.erase(id);
}

void CompanyState::count(CounterId id, Slot slot, std::int32_t amount, bool terminating) {
  auto& [content, body, hash, holders] = counters_[id];
  if (terminating && !content.with_terminating) return;
  const Domain domain = topology_.domain(content.key, slot);
  if (domain == kNoDomain) return;   // as it is without a node
  if (content.eligibility != kEveryNode && eligibilities_[content.eligibility].body.nodes[slot] == 0) return;
  const std::int32_t now = body.counts.add(domain, amount);
  if (content.knows_lowest) body.lowest.move(now - amount, now);
  if (recording_) ++body.generation;
}

void CompanyState::count_all(ClassId id, CounterId counter, std::int32_t amount) {
  const PodClass& pods = classes_[id].body;
  pods.staying.for_each([&](Slot slot, std::int32_t there) { count(counter, slot, there * amount, false); });
  pods.terminating.for_each([&](Slot slot, std::int32_t there) { count(counter, slot, there * amount, true); });
}

void CompanyState::gain_share(ClassId id, CounterId counter) {
  classes_[id].body.shares.push_back({counter, 1});
  count_all(id, counter, 1);
}

void CompanyState::lose_share(ClassId id, CounterId counter) {
  std::erase_if(classes_[id].body.shares, [&](const PodClass::Share& share) { return share.counter == counter; });
  count_all(id, counter, -1);
}

ClassId CompanyState::acquire_class(const model::Pod& pod) {
  PodClassContent made = class_of(pod);
  const std::size_t hash = hash_of(made);
  const auto [id, fresh] = classes_.acquire(std::move(made), hash);
  if (!fresh) return id;
  const PodClassContent& content = classes_[id].content;
  std::vector<PodClass::Share> shares;
  for (const auto& [term, key, weight] : content.required_anti_affinity) {
    shares.push_back({acquire_counter(Counts::required_anti, {term}, key), 1});
  }
  for (const auto& [term, key, weight] : content.required_affinity) {
    shares.push_back({acquire_counter(Counts::required_affinity, {term}, key), 1});
  }
  for (const auto& [term, key, weight] : content.preferred) shares.push_back({acquire_counter(Counts::preferred, {term}, key), weight});
  for (const CounterId counter : matching_index_.candidates({content.ns, content.labels})) {
    if (counts(counters_[counter].content, content)) shares.push_back({counter, 1});
  }
  classes_[id].body.shares = std::move(shares);
  class_index_.add(id, {content.ns, content.labels});
  return id;
}

void CompanyState::release_class(ClassId id) {
  if (!classes_.release(id)) return;
  const auto& [content, body, hash, holders] = classes_[id];
  EBB_CHECK(body.staying.empty() && body.terminating.empty());
  class_index_.remove(id, {content.ns, content.labels});
  const std::size_t own = content.required_anti_affinity.size() + content.required_affinity.size() + content.preferred.size();
  for (std::size_t i = 0; i < own; ++i) release_counter(body.shares[i].counter);
  classes_.erase(id);
}

void CompanyState::add_pods(Slot slot, ClassId id, bool terminating, std::int32_t pods) {
  PodClass& body = classes_[id].body;
  if (slot >= pods_at_.size()) pods_at_.resize(std::size_t{slot} + 1);
  std::vector<ClassId>& there = pods_at_[slot];
  const std::int32_t before = body.staying.get(slot) + body.terminating.get(slot);
  const std::int32_t alike = (terminating ? body.terminating : body.staying).add(slot, pods);
  EBB_CHECK(alike >= 0);
  if (before == 0) there.push_back(id);
  if (before + pods == 0) {
    const auto found = std::ranges::find(there, id);
    *found = there.back();
    there.pop_back();
  }
  if (!topology_.present(slot)) return;
  for (const auto& [counter, amount] : body.shares) count(counter, slot, pods * amount, terminating);
}

CompanyIndex::Size CompanyState::size() const {
  return {.classes = classes_.size(),
          .requirements = requirements_.size(),
          .counters = counters_.size(),
          .topology_keys = topology_.keys(),
          .eligibilities = eligibilities_.size()};
}

}   // namespace ebb::core::affinity
