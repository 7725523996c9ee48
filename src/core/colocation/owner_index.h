#pragma once

// The workloads that own pods, by uid, and the way from a pod up to the workload a user wrote.

#include "model/owner.h"
#include "model/pod.h"

#include <map>
#include <vector>

namespace ebb::core {

class OwnerIndex {
 public:
  void upsert(model::Owner owner);
  void erase(const model::Uid& uid);
  const model::Owner* find(const model::Uid& uid) const;

  // Controllers from the nearest up, as far as they are known. The pointers hold until the next
  // upsert or erase of that owner.
  std::vector<const model::Owner*> chain(const model::Pod& pod) const;

 private:
  std::map<model::Uid, model::Owner> owners_;
};

}   // namespace ebb::core
