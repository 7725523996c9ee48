// The first moments of an ApiServer: what an earlier life left, and what every cluster has.

#include "sandbox/api/api_server.h"
#include "sandbox/api/tree.h"

#include <array>

namespace ebb::sandbox {

namespace {

constexpr auto kNamespaces = std::to_array<std::string_view>({"default", "kube-node-lease", "kube-public", "kube-system"});

json::object priority_class(std::string_view name, std::int64_t value, std::string_view description) {
  return {{"metadata", json::object{{"name", name}}}, {"value", value}, {"description", description}};
}

json::object kubernetes_service(const std::string& address) {
  const json::object port{{"name", "https"}, {"port", 443}, {"protocol", "TCP"}, {"targetPort", 6443}};
  const json::object labels{{"component", "apiserver"}, {"provider", "kubernetes"}};
  return {{"metadata", json::object{{"name", "kubernetes"}, {"namespace", "default"}, {"labels", labels}}},
          {"spec", json::object{{"type", "ClusterIP"},
                                {"clusterIP", address},
                                {"clusterIPs", json::array{json::string(address)}},
                                {"ipFamilies", json::array{"IPv4"}},
                                {"ipFamilyPolicy", "SingleStack"},
                                {"internalTrafficPolicy", "Cluster"},
                                {"sessionAffinity", "None"},
                                {"ports", json::array{port}}}}};
}

}   // namespace

Status ApiServer::start(Instant now) {
  store_.age(now);
  if (persistence_) {
    EBB_TRY_VOID(load());
  }
  create_builtin_objects(now);
  custom_resources_.settle(now);
  store_.begin_at(store_.version());   // nobody has seen what came before
  return flush();
}

Status ApiServer::load() {
  EBB_TRY(const auto kept, persistence_->load());
  // Definitions first: without them the places of custom resources are unknown.
  const auto restore = [this](const KeptObject& one) -> Status {
    const ServedKindPtr kind = registry_.at_place({one.group, one.resource});
    if (!kind) return {};   // its definition is gone, and so would it be
    json::error_code error;
    json::parse_options deep;
    deep.max_depth = 1000;
    json::value value = json::parse(one.text, error, {}, deep);
    if (error || !value.is_object()) return fail(Errc::invalid, "the kept object {} {}/{} is not JSON", one.resource, one.ns, one.name);
    store_.restore(store_.collection(kind->place), make_stored(*kind, std::move(value.get_object()), one.resource_version));
    return {};
  };
  const Place definitions{"apiextensions.k8s.io", "customresourcedefinitions"};
  for (const KeptObject& one : kept) {
    if (Place{one.group, one.resource} != definitions) continue;
    EBB_TRY_VOID(restore(one));
  }
  custom_resources_.restore();
  for (const KeptObject& one : kept) {
    if (Place{one.group, one.resource} == definitions) continue;
    EBB_TRY_VOID(restore(one));
  }
  EBB_TRY(const std::uint64_t version, persistence_->resource_version());
  store_.begin_at(version);
  return {};
}

void ApiServer::create_builtin_objects(Instant now) {
  const Caller caller{.user = "system:apiserver", .field_manager = "kube-apiserver"};
  // Each exists already in a server that was started before: that is no error.
  const auto make = [&](const ResourceId& resource, json::object object) {
    static_cast<void>(create(resource, std::move(object), caller, now));
  };
  for (const std::string_view name : kNamespaces) {
    make({"", "v1", "namespaces"}, {{"metadata", json::object{{"name", name}}}});
  }
  make({"scheduling.k8s.io", "v1", "priorityclasses"},
       priority_class("system-cluster-critical", 2'000'000'000,
                      "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."));
  make({"scheduling.k8s.io", "v1", "priorityclasses"},
       priority_class("system-node-critical", 2'000'001'000,
                      "Used for system critical pods that must not be moved from their current node."));
  make({"", "v1", "services"}, kubernetes_service(options_.service_address));
}

}   // namespace ebb::sandbox
