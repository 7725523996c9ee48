#include "sandbox/controllers/rollout_sets.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace ebb::sandbox::control {

namespace {

std::int64_t parse_number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

constexpr auto kEmptyMeansAbsent = std::to_array<std::string_view>(
    {"annotations", "labels", "limits", "matchLabels", "metadata", "nodeSelector", "requests", "resources"});
// About the Deployment itself: a ReplicaSet has its own, or none.
constexpr auto kNotCopied =
    std::to_array<std::string_view>({"kubectl.kubernetes.io/last-applied-configuration", kRevision, kRevisionHistory, kDesiredReplicas,
                                     kMaxReplicas, "deprecated.deployment.rollback.to"});

// A copy with sorted members and without what means nothing.
json::value canonical(const json::value& value) {
  if (value.is_array()) {
    json::array items;
    for (const auto& item : value.get_array()) items.push_back(canonical(item));
    return items;
  }
  if (!value.is_object()) return value;
  std::map<std::string_view, const json::value*> sorted;
  for (const auto& member : value.get_object()) sorted.emplace(std::string_view(member.key()), &member.value());
  json::object members;
  for (const auto& [key, member] : sorted) {
    if (member->is_null() || (member->is_array() && member->get_array().empty())) continue;
    json::value kept = canonical(*member);
    const bool empty = kept.is_object() && kept.get_object().empty();
    if (empty && std::ranges::find(kEmptyMeansAbsent, key) != kEmptyMeansAbsent.end()) continue;
    members.emplace(key, std::move(kept));
  }
  return members;
}

json::value template_of(const json::object& workload) {
  const json::object* found = object_at(workload, "spec.template");
  json::object copy = found == nullptr ? json::object() : *found;
  child(child(copy, "metadata"), "labels").erase(kTemplateHash);
  return canonical(copy);
}

}   // namespace

RolloutSet::RolloutSet(json::object set) : object(std::move(set)) {
  size = {.name = text_at(object, "metadata.name"),
          .created = time_at(object, "metadata.creationTimestamp").value_or(Instant{}),
          .replicas = number_at(object, "spec.replicas").value_or(1),
          .available = number_at(object, "status.availableReplicas").value_or(0),
          .max_replicas = parse_number(annotation(object, kMaxReplicas))};
  uid = uid_of(object);
  revision = parse_number(annotation(object, kRevision));
  observed_replicas = number_at(object, "status.replicas").value_or(0);
  ready = number_at(object, "status.readyReplicas").value_or(0);
  terminating = number_at(object, "status.terminatingReplicas").value_or(0);
}

std::vector<RolloutSet*> RolloutSets::old() {
  std::vector<RolloutSet*> result;
  for (auto& set : all) {
    if (&set != newest) result.push_back(&set);
  }
  return result;
}

std::vector<RolloutSet*> RolloutSets::active() {
  std::vector<RolloutSet*> result;
  for (auto& set : all) {
    if (set.size.replicas > 0) result.push_back(&set);
  }
  return result;
}

std::int64_t RolloutSets::replicas() const {
  std::int64_t sum = 0;
  for (const auto& set : all) sum += set.size.replicas;
  return sum;
}

std::int64_t RolloutSets::available() const {
  std::int64_t sum = 0;
  for (const auto& set : all) sum += set.size.available;
  return sum;
}

std::int64_t RolloutSets::max_old_revision() const {
  std::int64_t most = 0;
  for (const auto& set : all) {
    if (&set != newest) most = std::max(most, set.revision);
  }
  return most;
}

RolloutSets sets_of(const json::object& deployment, std::vector<json::object> sets) {
  RolloutSets result;
  for (auto& set : sets) result.all.emplace_back(std::move(set));
  std::ranges::sort(result.all, [](const RolloutSet& a, const RolloutSet& b) {
    return std::tie(a.size.created, a.size.name) < std::tie(b.size.created, b.size.name);
  });
  for (auto& set : result.all) {
    if (!same_template(deployment, set.object)) continue;
    result.newest = &set;
    break;
  }
  return result;
}

bool same_template(const json::object& a, const json::object& b) { return template_of(a) == template_of(b); }

std::string template_hash(const json::object& deployment, std::int64_t collisions) {
  std::uint32_t hash = 2166136261u;   // FNV-1a
  const auto mix = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619u;
  };
  mix(json::serialize(template_of(deployment)));
  if (collisions > 0) mix(fmt::format("{}", collisions));
  constexpr std::string_view kSafe = "bcdfghjklmnpqrstvwxz2456789";   // spells no words
  std::string text = fmt::format("{}", hash);
  for (char& c : text) c = kSafe[static_cast<std::uint8_t>(c) % kSafe.size()];
  return text;
}

bool set_annotation(json::object& object, std::string_view key, std::string_view value) {
  if (annotation(object, key) == value) return false;
  child(child(object, "metadata"), "annotations")[key] = value;
  return true;
}

bool set_replica_annotations(json::object& set, std::int64_t desired, std::int64_t max_replicas) {
  const bool first = set_annotation(set, kDesiredReplicas, fmt::format("{}", desired));
  return set_annotation(set, kMaxReplicas, fmt::format("{}", max_replicas)) || first;
}

bool take_over_annotations(const json::object& deployment, json::object& set, std::int64_t revision, bool exists) {
  bool changed = false;
  for (const auto& [key, value] : labels_at(deployment, "metadata.annotations")) {
    if (std::ranges::find(kNotCopied, key) == kNotCopied.end()) changed = set_annotation(set, key, value) || changed;
  }
  const std::string before = annotation(set, kRevision);
  if (parse_number(before) >= revision) return changed;
  set_annotation(set, kRevision, fmt::format("{}", revision));
  if (exists && !before.empty()) {   // it was rolled back to: its earlier numbers stay on record
    const std::string history = annotation(set, kRevisionHistory);
    set_annotation(set, kRevisionHistory, history.empty() ? before : fmt::format("{},{}", history, before));
  }
  return true;
}

}   // namespace ebb::sandbox::control
