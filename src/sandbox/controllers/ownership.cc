#include "sandbox/controllers/ownership.h"

#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/resource_ids.h"

#include <utility>
#include <vector>

namespace ebb::sandbox::control {

namespace {

using Named = std::vector<std::pair<model::ObjectKey, std::string>>;   // key and uid: writing changes the index

}   // namespace

bool add_controller(json::object& object, const json::object& owner) {
  if (controller_of(object) || is_deleting(object)) return false;
  json::value& owners = child(object, "metadata")["ownerReferences"];
  if (!owners.is_array()) owners.emplace_array();
  owners.get_array().push_back(make_controller_reference(owner));
  return true;
}

Status release_strays(const Client& client, const PodIndex& pods, const std::string& owner_uid, const model::LabelSelector& selector,
                      Instant now) {
  Named strays;
  for (const auto& [key, pod] : pods.controlled_by(owner_uid)) {
    if (!selector.matches(pod->stored->labels)) strays.emplace_back(key, pod->uid());
  }
  for (const auto& [key, uid] : strays) {
    EBB_TRY_VOID(client.modify(resources::kPods, key, uid, "", now, [&](json::object& pod) { return drop_owner(pod, owner_uid); }));
  }
  return {};
}

Status adopt_orphans(const Client& client, const PodIndex& pods, const json::object& owner, const model::LabelSelector& selector,
                     Instant now) {
  const std::string ns = text_at(owner, "metadata.namespace");
  Named orphans;
  const PodSet& all = pods.without_controller();
  for (auto pod = all.lower_bound({ns, ""}); pod != all.end() && pod->first.ns == ns; ++pod) {
    if (!pod->second->deleting && selector.matches(pod->second->stored->labels)) orphans.emplace_back(pod->first, pod->second->uid());
  }
  for (const auto& [key, uid] : orphans) {
    EBB_TRY_VOID(client.modify(resources::kPods, key, uid, "", now, [&](json::object& pod) { return add_controller(pod, owner); }));
  }
  return {};
}

}   // namespace ebb::sandbox::control
