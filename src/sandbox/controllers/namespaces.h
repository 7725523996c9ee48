#pragma once

// The life of a namespace. While it lives it has the ServiceAccount `default` and the ConfigMap
// kube-root-ca.crt. When it is deleted, everything in it is deleted, pods first, custom resources
// too; its conditions say what is left and why; when nothing is left, it may go.

#include "sandbox/api/controller.h"
#include "sandbox/controllers/client.h"
#include "sandbox/controllers/common_view.h"
#include "sandbox/controllers/work_queue.h"

#include <cstdint>
#include <map>
#include <string>

namespace ebb::sandbox::control {

class NamespaceController final : public Controller {
 public:
  explicit NamespaceController(View view);
  std::string_view name() const override { return "namespace-controller"; }
  void observe(const Change& change) override;
  Instant run(Instant now) override;

 private:
  // What is still there after a round of deletions.
  struct Remains {
    std::map<std::string, std::int64_t> resources;    // "pods." -> how many
    std::map<std::string, std::int64_t> finalizers;   // name -> on how many objects
    std::string failure;
    std::size_t budget = 500;   // deletions left to this round
  };

  Status sync(const std::string& ns, Instant now);
  Status furnish(const std::string& ns, Instant now);
  Status empty(const json::object& ns, Instant now);
  void remove_all(const ResourceId& resource, const std::string& ns, Remains& remains, Instant now);
  Status write_conditions(const std::string& ns, const Remains& remains, Instant now);

  View view_;
  Client client_;
  WorkQueue<std::string> queue_;
  std::map<std::string, bool> ending_;   // every namespace
  Instant last_run_;
};

}   // namespace ebb::sandbox::control
