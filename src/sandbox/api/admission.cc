#include "sandbox/api/admission.h"

#include "sandbox/api/tree.h"

#include <algorithm>
#include <array>

namespace ebb::sandbox {

namespace {

constexpr auto kOutages = std::to_array<std::string_view>({"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"});
constexpr std::int64_t kOutageSeconds = 300;

bool tolerates_outage(const json::array& tolerations, std::string_view key) {
  return std::ranges::any_of(tolerations, [key](const json::value& value) {
    const json::object* toleration = value.if_object();
    if (toleration == nullptr) return false;
    const std::string_view effect = text_in(*toleration, "effect");
    const std::string_view named = text_in(*toleration, "key");
    return (named == key || named.empty()) && (effect == "NoExecute" || effect.empty());
  });
}

// A pod stays for five minutes on a node that stopped answering, unless it says otherwise.
void tolerate_outages(json::object& spec) {
  json::value& tolerations = spec["tolerations"];
  if (!tolerations.is_array()) tolerations.emplace_array();
  for (const std::string_view key : kOutages) {
    if (tolerates_outage(tolerations.get_array(), key)) continue;
    tolerations.get_array().push_back(
        json::object{{"key", key}, {"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", kOutageSeconds}});
  }
}

void set_service_account(json::object& spec) {
  if (text_in(spec, "serviceAccountName").empty()) spec["serviceAccountName"] = "default";
  spec["serviceAccount"] = json::string(text_in(spec, "serviceAccountName"));
}

}   // namespace

Answer<void> Admission::set_priority(const ServedKind& kind, json::object& pod) const {
  json::object& spec = ensure_object(pod, "spec");
  const std::string name(text_in(spec, "priorityClassName"));
  const Collection& classes = store_.collection({"scheduling.k8s.io", "priorityclasses"});
  StoredPtr found;
  if (name.empty()) {
    for (const auto& [key, candidate] : classes.objects()) {
      if (flag_in(candidate->parse(), "globalDefault")) found = candidate;
    }
  } else {
    found = classes.find({"", name});
    if (!found) {
      return forbidden(kind.name(), metadata_text(pod, "name"), fmt::format("no PriorityClass with name {} was found", name));
    }
  }
  std::int64_t priority = 0;
  std::string policy = "PreemptLowerPriority";
  if (found) {
    const json::object priority_class = found->parse();
    priority = integer_in(priority_class, "value", 0);
    if (!text_in(priority_class, "preemptionPolicy").empty()) policy = text_in(priority_class, "preemptionPolicy");
    if (name.empty()) spec["priorityClassName"] = found->key.name;
  }
  const json::value* given = spec.if_contains("priority");
  if (given != nullptr && given->is_int64() && given->get_int64() != priority) {
    return forbidden(kind.name(), metadata_text(pod, "name"),
                     fmt::format("the integer value of priority ({}) must not be provided in pod spec; priority admission controller "
                                 "computed {} from the given PriorityClass name",
                                 given->get_int64(), priority));
  }
  spec["priority"] = priority;
  if (!spec.contains("preemptionPolicy")) spec["preemptionPolicy"] = policy;
  return {};
}

Answer<void> Admission::on_create(const ServedKind& kind, const std::string& ns, json::object& object, const std::string& user) const {
  if (!kind.kind.group.empty() || kind.kind.resource != "pods") return {};
  if (pod_hook_) {
    const AdmissionReview review{.group = kind.kind.group,
                                 .version = kind.kind.version,
                                 .kind = kind.kind.kind,
                                 .resource = kind.kind.resource,
                                 .ns = ns,
                                 .operation = "CREATE",
                                 .user = user};
    if (auto admitted = pod_hook_(review, object); !admitted) {
      return forbidden(kind.name(), metadata_text(object, "name"), admitted.error().message);
    }
  }
  json::object& spec = ensure_object(object, "spec");
  set_service_account(spec);
  tolerate_outages(spec);
  return set_priority(kind, object);
}

}   // namespace ebb::sandbox
