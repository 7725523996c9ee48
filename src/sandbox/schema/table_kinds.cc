#include "sandbox/schema/table_kinds.h"

#include <algorithm>
#include <array>

namespace ebb::sandbox::table {

namespace {

constexpr Column kName{"Name", text, "metadata.name"};
constexpr Column kAge{"Age", age, ""};

constexpr Column number(std::string_view name, std::string_view path) { return {name, integer, path, "integer"}; }
constexpr Column wide(std::string_view name, Cell cell, std::string_view word) { return {name, cell, word, "string", true}; }

constexpr auto kPods = std::to_array<Column>({kName,
                                              {"Ready", pod_ready, ""},
                                              {"Status", pod_status, ""},
                                              {"Restarts", pod_restarts, ""},
                                              kAge,
                                              wide("IP", text_or, "status.podIP <none>"),
                                              wide("Node", text_or, "spec.nodeName <none>"),
                                              wide("Nominated Node", text_or, "status.nominatedNodeName <none>"),
                                              wide("Readiness Gates", pod_gates, "")});
constexpr auto kNodes = std::to_array<Column>({kName,
                                               {"Status", node_status, ""},
                                               {"Roles", node_roles, ""},
                                               kAge,
                                               {"Version", text, "status.nodeInfo.kubeletVersion"},
                                               wide("Internal-IP", node_address, "InternalIP"),
                                               wide("External-IP", node_address, "ExternalIP"),
                                               wide("OS-Image", text_or, "status.nodeInfo.osImage <unknown>"),
                                               wide("Kernel-Version", node_kernel, ""),
                                               wide("Container-Runtime", text_or, "status.nodeInfo.containerRuntimeVersion <unknown>")});
constexpr auto kDeployments = std::to_array<Column>({kName,
                                                     {"Ready", ready_of, "status.readyReplicas spec.replicas"},
                                                     {"Up-to-date", integer, "status.updatedReplicas"},
                                                     {"Available", integer, "status.availableReplicas"},
                                                     kAge,
                                                     wide("Containers", containers, "spec.template.spec"),
                                                     wide("Images", images, "spec.template.spec"),
                                                     wide("Selector", selector, "spec.selector")});
constexpr auto kReplicaSets =
    std::to_array<Column>({kName, number("Desired", "spec.replicas"), number("Current", "status.replicas"),
                           number("Ready", "status.readyReplicas"), kAge, wide("Containers", containers, "spec.template.spec"),
                           wide("Images", images, "spec.template.spec"), wide("Selector", selector, "spec.selector")});
constexpr auto kReplicationControllers =
    std::to_array<Column>({kName, number("Desired", "spec.replicas"), number("Current", "status.replicas"),
                           number("Ready", "status.readyReplicas"), kAge, wide("Containers", containers, "spec.template.spec"),
                           wide("Images", images, "spec.template.spec"), wide("Selector", labels, "spec.selector")});
constexpr auto kStatefulSets = std::to_array<Column>({kName,
                                                      {"Ready", ready_of, "status.readyReplicas spec.replicas"},
                                                      kAge,
                                                      wide("Containers", containers, "spec.template.spec"),
                                                      wide("Images", images, "spec.template.spec")});
constexpr auto kDaemonSets = std::to_array<Column>({kName,
                                                    number("Desired", "status.desiredNumberScheduled"),
                                                    number("Current", "status.currentNumberScheduled"),
                                                    number("Ready", "status.numberReady"),
                                                    number("Up-to-date", "status.updatedNumberScheduled"),
                                                    number("Available", "status.numberAvailable"),
                                                    {"Node Selector", labels, "spec.template.spec.nodeSelector"},
                                                    kAge,
                                                    wide("Containers", containers, "spec.template.spec"),
                                                    wide("Images", images, "spec.template.spec"),
                                                    wide("Selector", selector, "spec.selector")});
constexpr auto kJobs = std::to_array<Column>({kName,
                                              {"Status", job_status, ""},
                                              {"Completions", job_completions, ""},
                                              {"Duration", job_duration, ""},
                                              kAge,
                                              wide("Containers", containers, "spec.template.spec"),
                                              wide("Images", images, "spec.template.spec"),
                                              wide("Selector", selector, "spec.selector")});
constexpr auto kCronJobs = std::to_array<Column>({kName,
                                                  {"Schedule", text, "spec.schedule"},
                                                  {"Timezone", text_or, "spec.timeZone <none>"},
                                                  {"Suspend", flag_text, "spec.suspend", "boolean"},
                                                  {"Active", count, "status.active", "integer"},
                                                  {"Last Schedule", since, "status.lastScheduleTime"},
                                                  kAge,
                                                  wide("Containers", containers, "spec.jobTemplate.spec.template.spec"),
                                                  wide("Images", images, "spec.jobTemplate.spec.template.spec"),
                                                  wide("Selector", selector, "spec.jobTemplate.spec.selector")});
constexpr auto kEvents = std::to_array<Column>({{"Last Seen", event_last_seen, ""},
                                                {"Type", text, "type"},
                                                {"Reason", text, "reason"},
                                                {"Object", event_object, ""},
                                                wide("Subobject", either, "involvedObject.fieldPath regarding.fieldPath"),
                                                wide("Source", event_source, ""),
                                                {"Message", either, "message note"},
                                                wide("First Seen", event_first_seen, ""),
                                                wide("Count", event_count, ""),
                                                wide("Name", text, "metadata.name")});
constexpr auto kServices = std::to_array<Column>({kName,
                                                  {"Type", text, "spec.type"},
                                                  {"Cluster-IP", text_or, "spec.clusterIP <none>"},
                                                  {"External-IP", service_external, ""},
                                                  {"Port(s)", service_ports, ""},
                                                  kAge,
                                                  wide("Selector", labels, "spec.selector")});
constexpr auto kNamespaces = std::to_array<Column>({kName, {"Status", text, "status.phase"}, kAge});
constexpr auto kConfigMaps = std::to_array<Column>({kName, {"Data", counts, "data+binaryData"}, kAge});
constexpr auto kSecrets = std::to_array<Column>({kName, {"Type", text, "type"}, {"Data", count, "data"}, kAge});
constexpr auto kNameAge = std::to_array<Column>({kName, kAge});
constexpr auto kPodTemplates = std::to_array<Column>({kName,
                                                      {"Containers", containers, "template.spec"},
                                                      {"Images", images, "template.spec"},
                                                      {"Pod Labels", labels, "template.metadata.labels"}});
constexpr auto kQuotas = std::to_array<Column>({kName, {"Request", quota, "request"}, {"Limit", quota, "limit"}, kAge});
constexpr auto kEndpoints = std::to_array<Column>({kName, {"Endpoints", endpoints, ""}, kAge});
constexpr auto kClaims = std::to_array<Column>({kName,
                                                {"Status", phase_or_terminating, ""},
                                                {"Volume", text, "spec.volumeName"},
                                                {"Capacity", claim_capacity, ""},
                                                {"Access Modes", access_modes, "status.accessModes"},
                                                {"StorageClass", class_name, ""},
                                                {"VolumeAttributesClass", text_or, "spec.volumeAttributesClassName <unset>"},
                                                kAge,
                                                wide("VolumeMode", text_or, "spec.volumeMode <unset>")});
constexpr auto kVolumes = std::to_array<Column>({kName,
                                                 {"Capacity", text, "spec.capacity.storage"},
                                                 {"Access Modes", access_modes, "spec.accessModes"},
                                                 {"Reclaim Policy", text, "spec.persistentVolumeReclaimPolicy"},
                                                 {"Status", phase_or_terminating, ""},
                                                 {"Claim", volume_claim, ""},
                                                 {"StorageClass", class_name, ""},
                                                 {"VolumeAttributesClass", text_or, "spec.volumeAttributesClassName <unset>"},
                                                 {"Reason", text, "status.reason"},
                                                 kAge,
                                                 wide("VolumeMode", text_or, "spec.volumeMode <unset>")});
constexpr auto kLeases = std::to_array<Column>({kName, {"Holder", text, "spec.holderIdentity"}, kAge});
constexpr auto kSlices = std::to_array<Column>(
    {kName, {"AddressType", text, "addressType"}, {"Ports", slice_ports, ""}, {"Endpoints", slice_endpoints, ""}, kAge});
constexpr auto kDisruptionBudgets = std::to_array<Column>({kName,
                                                           {"Min Available", text_or, "spec.minAvailable N/A"},
                                                           {"Max Unavailable", text_or, "spec.maxUnavailable N/A"},
                                                           number("Allowed Disruptions", "status.disruptionsAllowed"),
                                                           kAge});
constexpr auto kPriorityClasses = std::to_array<Column>({kName,
                                                         number("Value", "value"),
                                                         {"Global-Default", boolean, "globalDefault", "boolean"},
                                                         kAge,
                                                         {"PreemptionPolicy", text, "preemptionPolicy"}});
constexpr auto kDefinitions = std::to_array<Column>({kName,
                                                     {"Scope", text, "spec.scope"},
                                                     {"Versions", crd_versions, ""},
                                                     {"Created At", created_at, "", "date"},
                                                     wide("Group", text, "spec.group"),
                                                     wide("Kind", text, "spec.names.kind"),
                                                     wide("ShortNames", short_names, ""),
                                                     {"Established", condition_true, "Established", "boolean", true}});
constexpr auto kAutoscalers = std::to_array<Column>({kName,
                                                     {"Reference", kind_and_name, "spec.scaleTargetRef"},
                                                     {"Targets", autoscaler_targets, ""},
                                                     {"MinPods", text_or, "spec.minReplicas <unset>"},
                                                     {"MaxPods", integer, "spec.maxReplicas"},
                                                     {"Replicas", integer, "status.currentReplicas"},
                                                     kAge});
constexpr auto kBindings = std::to_array<Column>({kName,
                                                  {"Role", kind_and_name, "roleRef"},
                                                  kAge,
                                                  wide("Users", subjects, "User"),
                                                  wide("Groups", subjects, "Group"),
                                                  wide("ServiceAccounts", subjects, "ServiceAccount")});
constexpr auto kIngresses = std::to_array<Column>({kName,
                                                   {"Class", text_or, "spec.ingressClassName <none>"},
                                                   {"Hosts", ingress_hosts, ""},
                                                   {"Address", ingress_address, ""},
                                                   {"Ports", ingress_ports, ""},
                                                   kAge});
constexpr auto kIngressClasses =
    std::to_array<Column>({kName, {"Controller", text, "spec.controller"}, {"Parameters", kind_and_name, "spec.parameters"}, kAge});
constexpr auto kNetworkPolicies = std::to_array<Column>({kName, {"Pod-Selector", selector, "spec.podSelector"}, kAge});
constexpr auto kStorageClasses = std::to_array<Column>({kName,
                                                        {"Provisioner", text, "provisioner"},
                                                        {"ReclaimPolicy", text, "reclaimPolicy"},
                                                        {"VolumeBindingMode", text, "volumeBindingMode"},
                                                        {"AllowVolumeExpansion", boolean, "allowVolumeExpansion"},
                                                        kAge});
constexpr auto kCsiNodes = std::to_array<Column>({kName, {"Drivers", count, "spec.drivers", "integer"}, kAge});
constexpr auto kCsiDrivers = std::to_array<Column>({kName,
                                                    {"AttachRequired", boolean, "spec.attachRequired", "boolean"},
                                                    {"PodInfoOnMount", boolean, "spec.podInfoOnMount", "boolean"},
                                                    {"StorageCapacity", boolean, "spec.storageCapacity", "boolean"},
                                                    {"TokenRequests", text_or, "spec.tokenRequests <unset>"},
                                                    {"RequiresRepublish", boolean, "spec.requiresRepublish", "boolean"},
                                                    {"Modes", joined, "spec.volumeLifecycleModes"},
                                                    kAge});
constexpr auto kAttachments = std::to_array<Column>({kName,
                                                     {"Attacher", text, "spec.attacher"},
                                                     {"PV", text, "spec.source.persistentVolumeName"},
                                                     {"Node", text, "spec.nodeName"},
                                                     {"Attached", boolean, "status.attached", "boolean"},
                                                     kAge});
constexpr auto kWebhooks = std::to_array<Column>({kName, {"Webhooks", count, "webhooks", "integer"}, kAge});
constexpr auto kValidatingPolicies = std::to_array<Column>(
    {kName, {"Validations", count, "spec.validations", "integer"}, {"ParamKind", text_or, "spec.paramKind.kind <unset>"}, kAge});
constexpr auto kMutatingPolicies = std::to_array<Column>(
    {kName, {"Mutations", count, "spec.mutations", "integer"}, {"ParamKind", text_or, "spec.paramKind.kind <unset>"}, kAge});
constexpr auto kPolicyBindings =
    std::to_array<Column>({kName, {"PolicyName", text, "spec.policyName"}, {"ParamRef", text_or, "spec.paramRef.name <unset>"}, kAge});
constexpr auto kApiServices = std::to_array<Column>({kName, {"Service", api_service, ""}, {"Available", api_service_available, ""}, kAge});
constexpr auto kRevisions =
    std::to_array<Column>({kName, {"Controller", kind_and_name, "metadata.ownerReferences"}, {"Revision", text, "revision"}, kAge});
constexpr auto kRequests = std::to_array<Column>({kName,
                                                  kAge,
                                                  {"SignerName", text, "spec.signerName"},
                                                  {"Requestor", text, "spec.username"},
                                                  {"RequestedDuration", text_or, "spec.expirationSeconds <none>"},
                                                  {"Condition", request_condition, ""}});
constexpr auto kRuntimeClasses = std::to_array<Column>({kName, {"Handler", text, "handler"}, kAge});
constexpr auto kFlowSchemas = std::to_array<Column>({kName,
                                                     {"PriorityLevel", text, "spec.priorityLevelConfiguration.name"},
                                                     {"MatchingPrecedence", integer, "spec.matchingPrecedence"},
                                                     {"DistinguisherMethod", text_or, "spec.distinguisherMethod.type <none>"},
                                                     kAge,
                                                     {"MissingPL", condition_true, "Dangling"}});
constexpr auto kPriorityLevels =
    std::to_array<Column>({kName,
                           {"Type", text, "spec.type"},
                           {"NominalConcurrencyShares", number_or_none, "spec.limited.nominalConcurrencyShares"},
                           {"Queues", number_or_none, "spec.limited.limitResponse.queuing.queues"},
                           {"HandSize", number_or_none, "spec.limited.limitResponse.queuing.handSize"},
                           {"QueueLengthLimit", number_or_none, "spec.limited.limitResponse.queuing.queueLengthLimit"},
                           kAge});
constexpr auto kResourceSlices = std::to_array<Column>(
    {kName, {"Node", text_or, "spec.nodeName <unset>"}, {"Driver", text, "spec.driver"}, {"Pool", text, "spec.pool.name"}, kAge});

constexpr auto kIpAddresses = std::to_array<Column>({kName, {"ParentRef", parent_reference, ""}});
constexpr auto kServiceCidrs = std::to_array<Column>({kName, {"CIDRs", joined, "spec.cidrs"}, kAge});
constexpr auto kComponents =
    std::to_array<Column>({kName, {"Status", component_status, ""}, {"Message", component_message, ""}, {"Error", component_error, ""}});
constexpr auto kAttributeClasses = std::to_array<Column>({kName, {"DriverName", text, "driverName"}, kAge});

struct Entry {
  std::string_view group, resource;
  std::span<const Column> columns;
};

const auto kTables = std::to_array<Entry>({
    {"", "componentstatuses", kComponents},
    {"", "configmaps", kConfigMaps},
    {"", "endpoints", kEndpoints},
    {"", "events", kEvents},
    {"", "namespaces", kNamespaces},
    {"", "nodes", kNodes},
    {"", "persistentvolumeclaims", kClaims},
    {"", "persistentvolumes", kVolumes},
    {"", "pods", kPods},
    {"", "podtemplates", kPodTemplates},
    {"", "replicationcontrollers", kReplicationControllers},
    {"", "resourcequotas", kQuotas},
    {"", "secrets", kSecrets},
    {"", "serviceaccounts", kNameAge},
    {"", "services", kServices},
    {"admissionregistration.k8s.io", "mutatingadmissionpolicies", kMutatingPolicies},
    {"admissionregistration.k8s.io", "mutatingadmissionpolicybindings", kPolicyBindings},
    {"admissionregistration.k8s.io", "mutatingwebhookconfigurations", kWebhooks},
    {"admissionregistration.k8s.io", "validatingadmissionpolicies", kValidatingPolicies},
    {"admissionregistration.k8s.io", "validatingadmissionpolicybindings", kPolicyBindings},
    {"admissionregistration.k8s.io", "validatingwebhookconfigurations", kWebhooks},
    {"apiextensions.k8s.io", "customresourcedefinitions", kDefinitions},
    {"apiregistration.k8s.io", "apiservices", kApiServices},
    {"apps", "controllerrevisions", kRevisions},
    {"apps", "daemonsets", kDaemonSets},
    {"apps", "deployments", kDeployments},
    {"apps", "replicasets", kReplicaSets},
    {"apps", "statefulsets", kStatefulSets},
    {"autoscaling", "horizontalpodautoscalers", kAutoscalers},
    {"batch", "cronjobs", kCronJobs},
    {"batch", "jobs", kJobs},
    {"certificates.k8s.io", "certificatesigningrequests", kRequests},
    {"coordination.k8s.io", "leases", kLeases},
    {"discovery.k8s.io", "endpointslices", kSlices},
    {"events.k8s.io", "events", kEvents},
    {"flowcontrol.apiserver.k8s.io", "flowschemas", kFlowSchemas},
    {"flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations", kPriorityLevels},
    {"networking.k8s.io", "ingressclasses", kIngressClasses},
    {"networking.k8s.io", "ingresses", kIngresses},
    {"networking.k8s.io", "networkpolicies", kNetworkPolicies},
    {"networking.k8s.io", "ipaddresses", kIpAddresses},
    {"networking.k8s.io", "servicecidrs", kServiceCidrs},
    {"node.k8s.io", "runtimeclasses", kRuntimeClasses},
    {"policy", "poddisruptionbudgets", kDisruptionBudgets},
    {"rbac.authorization.k8s.io", "clusterrolebindings", kBindings},
    {"rbac.authorization.k8s.io", "rolebindings", kBindings},
    {"resource.k8s.io", "deviceclasses", kNameAge},
    {"resource.k8s.io", "resourceclaimtemplates", kNameAge},
    {"resource.k8s.io", "resourceslices", kResourceSlices},
    {"scheduling.k8s.io", "priorityclasses", kPriorityClasses},
    {"storage.k8s.io", "csidrivers", kCsiDrivers},
    {"storage.k8s.io", "csinodes", kCsiNodes},
    {"storage.k8s.io", "storageclasses", kStorageClasses},
    {"storage.k8s.io", "volumeattachments", kAttachments},
    {"storage.k8s.io", "volumeattributesclasses", kAttributeClasses},
});

}   // namespace

std::span<const Column> columns_of(std::string_view group, std::string_view resource) {
  const auto found = std::ranges::find_if(kTables, [&](const Entry& entry) { return entry.group == group && entry.resource == resource; });
  return found == kTables.end() ? std::span<const Column>() : found->columns;
}

}   // namespace ebb::sandbox::table
