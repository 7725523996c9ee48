#pragma once

// Which pods a pod is spread from where it says nothing about spreading: those of its services and of
// its ReplicaSet or StatefulSet. (kube-scheduler's DefaultSelector)

#include "model/label_selector.h"
#include "model/names.h"
#include "model/owner.h"
#include "model/pod.h"

#include <map>
#include <optional>
#include <string>

namespace ebb::core::placement {

class DefaultSpread {
 public:
  // True where something may have changed for pods of its namespace.
  bool service_seen(const model::ObjectKey& key, model::Labels selector);
  bool service_gone(const model::ObjectKey& key);

  // None: nothing selects the pod. `owner`: its controller, where that is known.
  std::optional<model::LabelSelector> selector(const model::Pod& pod, const model::Owner* owner) const;

 private:
  std::map<model::ObjectKey, model::Labels> services_;
};

}   // namespace ebb::core::placement
