#pragma once

// Events live for an hour after they were last written, as in a real control plane, whose storage
// forgets them then. What is done for an event is a place in an ordered queue, no matter how many
// there are.

#include "sandbox/api/controller.h"
#include "sandbox/controllers/client.h"
#include "sandbox/controllers/work_queue.h"

#include <set>

namespace ebb::sandbox {

class EventExpiry final : public Controller {
 public:
  // Takes in the events that exist already, by the time their writers gave them.
  explicit EventExpiry(Api& api);
  std::string_view name() const override { return "event-expiry"; }
  void observe(const Change& change) override;
  Instant run(Instant now) override;

 private:
  control::Client client_;
  control::WorkQueue<model::ObjectKey> queue_;
  std::set<model::ObjectKey> written_;   // since the last run
};

}   // namespace ebb::sandbox
