#pragma once

// A node as Ebb's decisions see it.

#include "base/time.h"
#include "model/names.h"
#include "model/pod.h"
#include "model/resources.h"

#include <string>
#include <vector>

namespace ebb::model {

struct Taint {
  std::string key;
  std::string value;
  TaintEffect effect = TaintEffect::no_schedule;

  friend bool operator==(const Taint&, const Taint&) = default;
};

// An image that is already on the node, under all its names: "registry/name:tag" and by digest.
struct NodeImage {
  std::vector<std::string> names;
  Bytes size;

  friend bool operator==(const NodeImage&, const NodeImage&) = default;
};

struct Node {
  NodeName name;
  Uid uid;
  std::string resource_version;
  Labels labels;
  Annotations annotations;
  std::vector<Taint> taints;
  bool unschedulable = false;
  bool ready = false;
  Resources capacity;
  Resources allocatable;
  std::vector<NodeImage> images;

  // Its oversold resources were published by Ebb: nobody else's are taken back.
  bool oversold_by_ebb() const {
    const auto by = annotations.find(kOversoldByAnnotation);
    return by != annotations.end() && by->second == kOversoldByEbb;
  }
  friend bool operator==(const Node&, const Node&) = default;
};

// Toleration rules of Kubernetes: key, operator, value and effect.
bool tolerates(const Toleration& toleration, const Taint& taint);
// The first taint of these effects that no toleration covers; nullptr if there is none.
const Taint* untolerated_taint(const std::vector<Taint>& taints, const std::vector<Toleration>& tolerations, bool no_schedule_too = true);

}   // namespace ebb::model
