#pragma once

// Removes pods that nobody else will: those of nodes that no longer exist, those deleted before they
// were bound, and the oldest finished ones beyond a limit.

#include "sandbox/api/controller.h"
#include "sandbox/controllers/client.h"
#include "sandbox/controllers/common_view.h"
#include "sandbox/controllers/work_queue.h"

#include <set>
#include <string>

namespace ebb::sandbox::control {

class PodGarbageCollector final : public Controller {
 public:
  explicit PodGarbageCollector(View view);
  std::string_view name() const override { return "pod-garbage-collector"; }
  void observe(const Change& change) override;
  Instant run(Instant now) override;

 private:
  void on_pod(const SeenPod* after);
  Status sync(const model::ObjectKey& key, Instant now);
  Status remove_lost(const SeenPod& pod, Instant now);
  Status trim_finished(Instant now);

  View view_;
  Client client_;
  WorkQueue<model::ObjectKey> queue_;
  std::set<std::string> nodes_;
  std::set<model::ObjectKey> lost_;   // on no node that exists, seen since the last run
};

}   // namespace ebb::sandbox::control
