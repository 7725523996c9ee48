#include "core/affinity/term.h"

#include "base/check.h"

#include <algorithm>
#include <functional>

namespace ebb::core::affinity {
namespace {

constexpr char kSeparator = '\0';   // stands in no label and no namespace

std::string label_text(std::string_view key, std::string_view value) {
  std::string text(key);
  text += kSeparator;
  text += value;
  return text;
}

// The requirement by which a selector is found: a label that must have one of a few values.
const model::SelectorRequirement* anchor(const model::LabelSelector& selector) {
  const auto found = std::ranges::find(selector.requirements, model::SelectorOperator::in, &model::SelectorRequirement::op);
  return found == selector.requirements.end() ? nullptr : &*found;
}

std::vector<std::string> distinct(std::vector<std::string> values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

void take_from(std::vector<std::uint32_t>& ids, std::uint32_t id) {
  const auto found = std::find(ids.rbegin(), ids.rend(), id);
  EBB_CHECK(found != ids.rend());
  *found = ids.back();
  ids.pop_back();
}

// The buckets in which a term lies: a namespace or, with an empty name, all of them; and its anchor.
std::vector<std::string> bucket_names(const Term& term) {
  std::vector<std::string> names;
  if (!term.selector) return names;
  const model::SelectorRequirement* by = anchor(*term.selector);
  const std::vector<std::string> values = by == nullptr ? std::vector<std::string>{} : distinct(by->values);
  const auto add = [&](const std::string& ns) {
    if (by == nullptr) names.push_back(ns);
    for (const std::string& value : values) names.push_back(label_text(ns, label_text(by->key, value)));
  };
  if (term.namespace_selector) {
    add("");
  } else {
    for (const std::string& ns : term.namespaces) add(ns);
  }
  return names;
}

std::size_t hash_of(std::string_view text) { return std::hash<std::string_view>()(text); }

std::size_t hash_of(const std::optional<model::LabelSelector>& selector) {
  if (!selector) return 1;
  std::size_t hash = 2;
  for (const model::SelectorRequirement& requirement : selector->requirements) {
    hash = mixed(mixed(hash, hash_of(requirement.key)), static_cast<std::size_t>(requirement.op));
    for (const std::string& value : requirement.values) hash = mixed(hash, hash_of(value));
  }
  return hash;
}

}   // namespace

Term make_term(const model::PodAffinityTerm& term, const std::string& own_namespace) {
  Term made{.namespaces = distinct(term.namespaces), .namespace_selector = term.namespace_selector, .selector = term.selector};
  if (made.namespaces.empty() && !made.namespace_selector) made.namespaces.push_back(own_namespace);
  return made;
}

bool matches(const Term& term, LabelledPod pod, const Namespaces& namespaces, UnknownNamespace unknown) {
  if (!term.selector || !term.selector->matches(pod.labels)) return false;
  if (std::ranges::binary_search(term.namespaces, pod.ns)) return true;
  if (!term.namespace_selector) return false;
  if (term.namespace_selector->empty()) return true;
  const auto known = namespaces.find(pod.ns);
  if (known != namespaces.end()) return term.namespace_selector->matches(known->second);
  return unknown == UnknownNamespace::has_no_labels && term.namespace_selector->matches({});
}

std::size_t hash_of(const Term& term) {
  std::size_t hash = mixed(hash_of(term.selector), hash_of(term.namespace_selector));
  for (const std::string& ns : term.namespaces) hash = mixed(hash, hash_of(std::string_view(ns)));
  return hash;
}

std::size_t hash_of(const model::Labels& labels) {
  std::size_t hash = labels.size();
  for (const auto& [key, value] : labels) hash = mixed(mixed(hash, hash_of(std::string_view(key))), hash_of(std::string_view(value)));
  return hash;
}

void LabelIndex::add(std::uint32_t id, LabelledPod pod) {
  Bucket& bucket = namespaces_[pod.ns];
  bucket.all.push_back(id);
  for (const auto& [key, value] : pod.labels) bucket.by_label[label_text(key, value)].push_back(id);
}

void LabelIndex::remove(std::uint32_t id, LabelledPod pod) {
  const auto bucket = namespaces_.find(pod.ns);
  EBB_CHECK(bucket != namespaces_.end());
  take_from(bucket->second.all, id);
  for (const auto& [key, value] : pod.labels) {
    const auto posting = bucket->second.by_label.find(label_text(key, value));
    EBB_CHECK(posting != bucket->second.by_label.end());
    take_from(posting->second, id);
    if (posting->second.empty()) bucket->second.by_label.erase(posting);
  }
  if (bucket->second.all.empty()) namespaces_.erase(bucket);
}

void LabelIndex::collect(const Bucket& bucket, const model::LabelSelector& selector, std::vector<std::uint32_t>& out) {
  const model::SelectorRequirement* by = anchor(selector);
  if (by == nullptr) {
    out.insert(out.end(), bucket.all.begin(), bucket.all.end());
    return;
  }
  for (const std::string& value : distinct(by->values)) {
    const auto posting = bucket.by_label.find(label_text(by->key, value));
    if (posting != bucket.by_label.end()) out.insert(out.end(), posting->second.begin(), posting->second.end());
  }
}

std::vector<std::uint32_t> LabelIndex::candidates(const Term& term) const {
  std::vector<std::uint32_t> out;
  if (!term.selector) return out;
  if (term.namespace_selector) {
    for (const auto& [name, bucket] : namespaces_) collect(bucket, *term.selector, out);
    return out;
  }
  for (const std::string& ns : term.namespaces) {
    const auto bucket = namespaces_.find(ns);
    if (bucket != namespaces_.end()) collect(bucket->second, *term.selector, out);
  }
  return out;
}

std::vector<std::uint32_t> LabelIndex::in_namespace(const std::string& ns) const {
  const auto bucket = namespaces_.find(ns);
  return bucket == namespaces_.end() ? std::vector<std::uint32_t>{} : bucket->second.all;
}

void TermIndex::add(std::uint32_t id, const Term& term) {
  for (const std::string& name : bucket_names(term)) buckets_[name].push_back(id);
}

void TermIndex::remove(std::uint32_t id, const Term& term) {
  for (const std::string& name : bucket_names(term)) {
    const auto bucket = buckets_.find(name);
    EBB_CHECK(bucket != buckets_.end());
    take_from(bucket->second, id);
    if (bucket->second.empty()) buckets_.erase(bucket);
  }
}

std::vector<std::uint32_t> TermIndex::candidates(LabelledPod pod) const {
  std::vector<std::uint32_t> out;
  if (buckets_.empty()) return out;
  const auto take = [&](const std::string& name) {
    const auto bucket = buckets_.find(name);
    if (bucket != buckets_.end()) out.insert(out.end(), bucket->second.begin(), bucket->second.end());
  };
  const auto take_all_of = [&](const std::string& ns) {
    take(ns);
    for (const auto& [key, value] : pod.labels) take(label_text(ns, label_text(key, value)));
  };
  take_all_of("");
  if (!pod.ns.empty()) take_all_of(pod.ns);
  return out;
}

}   // namespace ebb::core::affinity
