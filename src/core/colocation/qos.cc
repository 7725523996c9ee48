#include "core/colocation/qos.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

namespace ebb::core {
namespace {

using model::QosClass;
using Owners = std::span<const model::Owner* const>;

constexpr std::int32_t kSystemCritical = 2'000'000'000;   // the lowest priority that Kubernetes keeps for itself

// One value of one key. The order is the order in which they are tried: first match wins.
struct Rule {
  std::string_view key;
  std::string_view value;
  QosClass qos;
  bool needs_critical = false;   // only together with the priority band critical
};

constexpr auto kRules = std::to_array<Rule>({
    {kQosClassAnnotation, "HLS", QosClass::hls},
    {kQosClassAnnotation, "LLS", QosClass::hls},
    {kQosLevelAnnotation, "HLS", QosClass::hls},
    {kQosLevelAnnotation, "LLS", QosClass::hls},
    {kQosClassAnnotation, "guaranteed", QosClass::hls, true},
    {kQosClassAnnotation, "guaranteed", QosClass::ls},
    {kQosClassAnnotation, "burstable", QosClass::ls},
    {kQosClassAnnotation, "LS", QosClass::ls},
    {kQosLevelAnnotation, "LS", QosClass::ls},
    {kQosClassAnnotation, "best-effort", QosClass::be},
    {kQosClassAnnotation, "BE", QosClass::be},
    {kQosLevelAnnotation, "best-effort", QosClass::be},
    {kQosLevelAnnotation, "BE", QosClass::be},

    {kVolcanoQosLevel, "LC", QosClass::hls},
    {kVolcanoQosLevel, "HLS", QosClass::hls},
    {kKoordinatorQosClass, "LSE", QosClass::hls},
    {kKoordinatorQosClass, "LSR", QosClass::hls},
    {kVolcanoQosLevel, "LS", QosClass::ls},
    {kKoordinatorQosClass, "LS", QosClass::ls},
    {kVolcanoQosLevel, "BE", QosClass::be},
    {kVolcanoQosLevel, "best-effort", QosClass::be},
    {kVolcanoPreemptable, "true", QosClass::be},
    {kKoordinatorQosClass, "BE", QosClass::be},
    {kKoordinatorQosClass, "best-effort", QosClass::be},
    {kVolcanoPreemptable, "false", QosClass::ls},
    {kWorkloadTypeLabel, "online", QosClass::ls},
    {kWorkloadTypeLabel, "offline", QosClass::be},
});

// Where a key may stand, and whether a value that no rule knows is the user's mistake about one of
// Ebb's own keys or a word of somebody else's.
struct Key {
  std::string_view name;
  bool annotation;
  bool label;
  bool own;
};

constexpr auto kClassKeys = std::to_array<Key>({
    {kQosClassAnnotation, true, false, true},
    {kQosLevelAnnotation, true, true, true},
    {kVolcanoQosLevel, true, true, false},
    {kVolcanoPreemptable, true, true, false},
    {kKoordinatorQosClass, false, true, false},
    {kWorkloadTypeLabel, false, true, false},
});
constexpr Key kPriorityKey{kPriorityAnnotation, true, false, true};
constexpr Key kPoolKey{kResourcePoolAnnotation, true, false, true};

// What a workload says beside its class; kept for whoever acts on it on the node.
constexpr auto kSettingKeys = std::to_array<Key>({
    {kCacheLimitAnnotation, true, false, false},
    {kL3CachePercentAnnotation, true, false, true},
    {kLatencyMetricAnnotation, true, false, true},
    {kDeadlineAnnotation, true, false, true},
});
constexpr auto kCacheLimits = std::to_array<std::string_view>({"low", "middle", "high", "max", "dynamic"});

// A value that was found, and where.
struct Found {
  std::string_view key;
  std::string_view value;
  bool annotation = true;
  const model::Owner* owner = nullptr;   // nullptr: on the pod itself

  std::string text() const {
    const std::string where = owner == nullptr ? "the pod" : fmt::format("{} {}", owner->kind, model::to_string(owner->key));
    return fmt::format("{} {}={} on {}", annotation ? "annotation" : "label", key, value, where);
  }
};

std::optional<Found> find_on(const Key& key, const model::Annotations& annotations, const model::Labels& labels,
                             const model::Owner* owner) {
  if (key.annotation) {
    if (const auto found = annotations.find(key.name); found != annotations.end()) return Found{key.name, found->second, true, owner};
  }
  if (key.label) {
    if (const auto found = labels.find(key.name); found != labels.end()) return Found{key.name, found->second, false, owner};
  }
  return std::nullopt;
}

std::optional<Found> find(const Key& key, const model::Pod& pod, Owners owners) {
  if (auto found = find_on(key, pod.annotations, pod.labels, nullptr)) return found;
  for (const model::Owner* owner : owners) {
    if (auto found = find_on(key, owner->annotations, owner->labels, owner)) return found;
  }
  return std::nullopt;
}

std::string allowed_values(std::string_view key) {
  std::string list;
  for (const Rule& rule : kRules) {
    if (rule.key != key || rule.needs_critical) continue;
    if (!list.empty()) list += ", ";
    list += rule.value;
  }
  return list;
}

bool known(const Found& found) {
  return std::ranges::any_of(kRules, [&](const Rule& rule) { return rule.key == found.key && rule.value == found.value; });
}

bool requests_only_oversold(const model::Pod& pod) {
  const model::Resources requests = model::effective_requests(pod);
  return requests.cpu == pod.overhead.cpu && requests.memory == pod.overhead.memory &&
         (requests.scalar(model::kBatchCpu) > 0 || requests.scalar(model::kBatchMemory) > 0);
}

void resolve_band(const std::optional<Found>& found, Resolved& out) {
  if (!found) return;
  if (const auto band = parse_priority_band(found->value)) {
    out.band = *band;
  } else {
    out.problems.push_back(fmt::format("{}: not a priority, allowed are {}", found->text(), kPriorityBands));
  }
}

// The class that the keys tell, with its reason.
bool resolve_from_keys(const model::Pod& pod, Owners owners, Resolved& out) {
  std::array<std::optional<Found>, kClassKeys.size()> found;
  for (std::size_t i = 0; i < kClassKeys.size(); ++i) {
    found[i] = find(kClassKeys[i], pod, owners);
    if (!found[i] || known(*found[i])) continue;
    auto& list = kClassKeys[i].own ? out.problems : out.warnings;
    list.push_back(fmt::format("{}: not a class, allowed are {}", found[i]->text(), allowed_values(found[i]->key)));
  }
  for (const Rule& rule : kRules) {
    if (rule.needs_critical && out.band != PriorityBand::critical) continue;
    const auto match = std::ranges::find_if(found, [&](const auto& f) { return f && f->key == rule.key && f->value == rule.value; });
    if (match == found.end()) continue;
    out.qos = rule.qos;
    out.reason = (*match)->text();
    if (rule.needs_critical) out.reason += fmt::format(" with {}=critical", kPriorityAnnotation);
    return true;
  }
  return false;
}

void resolve_from_shape(const model::Pod& pod, Resolved& out) {
  if (requests_only_oversold(pod)) {
    out.qos = QosClass::be;
    out.explicit_class = true;
    out.reason = "requests only oversold resources";
    return;
  }
  const bool best_effort = model::kubernetes_qos(pod) == model::KubernetesQos::best_effort;
  out.qos = best_effort ? QosClass::be : QosClass::ls;
  out.reason = fmt::format("nothing said, by kernel weight only: Kubernetes class {}",
                           best_effort                                                      ? "BestEffort"
                           : model::kubernetes_qos(pod) == model::KubernetesQos::guaranteed ? "Guaranteed"
                                                                                            : "Burstable");
}

bool is_percent(std::string_view text) {
  int percent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  return error == std::errc{} && end == text.data() + text.size() && percent >= 1 && percent <= 100;
}

void check_settings(const model::Pod& pod, Owners owners, Resolved& out) {
  for (const Key& key : kSettingKeys) {
    const auto found = find(key, pod, owners);
    if (!found) continue;
    if (key.name == kCacheLimitAnnotation && std::ranges::find(kCacheLimits, found->value) == kCacheLimits.end()) {
      out.warnings.push_back(fmt::format("{}: not a cache limit, allowed are {}", found->text(), fmt::join(kCacheLimits, ", ")));
    }
    if (key.name == kL3CachePercentAnnotation && !is_percent(found->value)) {
      out.problems.push_back(fmt::format("{}: not a share of the cache, allowed are whole numbers from 1 to 100", found->text()));
    }
  }
}

// HLS in a shape that the kubelet gives no exclusive cores to.
void check_hls_shape(const model::Pod& pod, Resolved& out) {
  if (out.qos != QosClass::hls || has_exclusive_cores_shape(pod)) return;
  const bool guaranteed = model::kubernetes_qos(pod) == model::KubernetesQos::guaranteed;
  const std::string_view change = guaranteed
                                      ? "give at least one container a whole number of CPUs, stated on the container itself"
                                      : "set requests equal to limits for CPU and memory of every container, with a whole number of CPUs";
  out.shape_problem =
      fmt::format("{}: HLS needs exclusive cores, and this pod's resources cannot have them; {}, or ask for LS", out.reason, change);
  out.qos = QosClass::ls;
  out.reason += ", runs as LS because its resources are not those of HLS";
}

void resolve_pool(const std::optional<Found>& found, Resolved& out) {
  out.pool = out.offline ? model::Pool::offline : model::Pool::online;
  if (!found) return;
  if (found->value != "online" && found->value != "offline") {
    out.problems.push_back(fmt::format("{}: not a pool, allowed are online, offline", found->text()));
    return;
  }
  out.pool_explicit = true;
  out.pool = found->value == "online" ? model::Pool::online : model::Pool::offline;
}

bool owned_by_daemon_set(const model::Pod& pod, Owners owners) {
  const auto* controller = pod.controller();
  if (controller != nullptr && controller->kind == "DaemonSet" && controller->group() == "apps") return true;
  return std::ranges::any_of(owners, [](const model::Owner* owner) { return owner->kind == "DaemonSet"; });
}

bool system_critical(const model::Pod& pod) {
  if (pod.priority) return *pod.priority >= kSystemCritical;
  return pod.priority_class == "system-cluster-critical" || pod.priority_class == "system-node-critical";
}

}   // namespace

std::vector<std::string> remarks(const Resolved& resolved) {
  std::vector<std::string> all = resolved.problems;
  if (!resolved.shape_problem.empty()) all.push_back(resolved.shape_problem);
  all.insert(all.end(), resolved.warnings.begin(), resolved.warnings.end());
  return all;
}

std::vector<InheritedKey> inherited_keys(const model::Pod& pod, Owners owners) {
  std::vector<InheritedKey> keys;
  const auto add = [&](const Key& key) {
    const auto found = find(key, pod, owners);
    if (found && found->owner != nullptr) keys.push_back({found->key, found->value, found->annotation});
  };
  for (const Key& key : kClassKeys) add(key);
  add(kPriorityKey);
  add(kPoolKey);
  for (const Key& key : kSettingKeys) add(key);
  return keys;
}

bool has_exclusive_cores_shape(const model::Pod& pod) {
  if (pod.pod_requests || pod.pod_limits || model::kubernetes_qos(pod) != model::KubernetesQos::guaranteed) return false;
  const auto whole = [](const model::Container& container) { return container.requests.cpu.v > 0 && container.requests.cpu.v % 1000 == 0; };
  return std::ranges::any_of(pod.containers, whole) ||
         std::ranges::any_of(pod.init_containers, [&](const model::Container& c) { return c.sidecar && whole(c); });
}

std::string_view never_offline_reason(const model::Pod& pod, Owners owners) {
  if (pod.key.ns == "kube-system") return "a pod of kube-system is never BE";
  if (owned_by_daemon_set(pod, owners)) return "a pod of a DaemonSet is never BE";
  if (pod.is_static) return "a static pod is never BE";
  if (system_critical(pod)) return "a pod of system-critical priority is never BE";
  return {};
}

Resolved resolve(const model::Pod& pod, Owners owners) {
  Resolved out;
  resolve_band(find(kPriorityKey, pod, owners), out);
  out.explicit_class = resolve_from_keys(pod, owners, out);
  if (!out.explicit_class) resolve_from_shape(pod, out);
  check_hls_shape(pod, out);

  const std::string_view never_offline = never_offline_reason(pod, owners);
  if (!never_offline.empty() && out.qos == QosClass::be) {
    if (out.explicit_class) out.warnings.push_back(fmt::format("{}: runs as LS, {}", out.reason, never_offline));
    out.qos = QosClass::ls;
    out.reason = never_offline;
  }
  out.offline = out.explicit_class && out.qos == QosClass::be;
  resolve_pool(find(kPoolKey, pod, owners), out);
  check_settings(pod, owners, out);
  out.restricted = out.pool_explicit || (out.explicit_class && never_offline.empty());
  return out;
}

}   // namespace ebb::core
