#pragma once

// What a new pod is turned into, or refused for. A pure function of the pod, its owners and the
// policy in force; the answer is a neutral list of changes that the caller applies to the object in
// its own form. Applying it to its own result changes nothing more.
//
// A pod gets the keys that stand on its owner only. An offline pod's requests and limits of CPU and
// memory become oversold resources, and the originals are kept in an annotation. Kubernetes wants
// request and limit of such a resource to be equal, so both are the original request (the limit
// where there is none); the original limit is enforced from the annotation. Without a policy in
// force a pod is checked for values that do not exist, and left as it is. Pods of kube-system and
// static pods are never touched.

#include "core/admission/original_resources.h"
#include "core/colocation/qos.h"
#include "model/colocation_policy.h"
#include "model/names.h"
#include "model/owner.h"
#include "model/pod.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ebb::core {

// A change to one container's resources, to requests and limits alike.
struct ContainerChange {
  bool init = false;
  std::size_t index = 0;   // in the pod's list of containers, or of init containers
  std::string name;
  std::vector<std::string> removed;   // resource names
  model::Labels set;                  // resource name to quantity text

  friend bool operator==(const ContainerChange&, const ContainerChange&) = default;
};

struct PodChanges {
  model::Annotations annotations;   // to be set
  model::Labels labels;
  std::vector<ContainerChange> containers;

  bool empty() const { return annotations.empty() && labels.empty() && containers.empty(); }
  friend bool operator==(const PodChanges&, const PodChanges&) = default;
};

struct Admission {
  Resolved resolved;                    // as it is once the changes are made
  std::optional<std::string> refusal;   // says what to change; then there are no changes
  PodChanges changes;
  std::vector<std::string> warnings;
};

// `owners`: nearest first. `policy`: nullptr where none is in force.
Admission admit(const model::Pod& pod, std::span<const model::Owner* const> owners, const model::ColocationPolicy* policy);

model::Pod apply(model::Pod pod, const PodChanges& changes);

}   // namespace ebb::core
