#pragma once

// The resources that the controllers read and write.

#include "sandbox/api/api.h"

namespace ebb::sandbox::control::resources {

inline const ResourceId kPods{"", "v1", "pods"};
inline const ResourceId kNodes{"", "v1", "nodes"};
inline const ResourceId kEvents{"", "v1", "events"};
inline const ResourceId kNamespaces{"", "v1", "namespaces"};
inline const ResourceId kServiceAccounts{"", "v1", "serviceaccounts"};
inline const ResourceId kConfigMaps{"", "v1", "configmaps"};
inline const ResourceId kDeployments{"apps", "v1", "deployments"};
inline const ResourceId kReplicaSets{"apps", "v1", "replicasets"};
inline const ResourceId kJobs{"batch", "v1", "jobs"};
inline const ResourceId kLeases{"coordination.k8s.io", "v1", "leases"};
inline const ResourceId kDisruptionBudgets{"policy", "v1", "poddisruptionbudgets"};
inline const ResourceId kVolumeClaims{"", "v1", "persistentvolumeclaims"};
inline const ResourceId kVolumes{"", "v1", "persistentvolumes"};
inline const ResourceId kStorageClasses{"storage.k8s.io", "v1", "storageclasses"};
inline const ResourceId kCustomResourceDefinitions{"apiextensions.k8s.io", "v1", "customresourcedefinitions"};

// Whether a change concerns that resource, whatever version it is stored in.
inline bool same(const ResourceId& a, const ResourceId& b) { return a.resource == b.resource && a.group == b.group; }

}   // namespace ebb::sandbox::control::resources
