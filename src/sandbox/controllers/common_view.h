#pragma once

// What all controllers of one control plane share: the API, the kinds, the pods and the ownership
// graph as they are now, and the writer of events. The first controller in the list keeps it up to
// date, so the others, which hear of a change after it, always see the state that the change made.

#include "base/time.h"
#include "sandbox/api/api.h"
#include "sandbox/controllers/controllers.h"
#include "sandbox/controllers/event_recorder.h"
#include "sandbox/controllers/kind_table.h"
#include "sandbox/controllers/object_graph.h"
#include "sandbox/controllers/pod_index.h"
#include "sandbox/store/stored.h"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace ebb::sandbox::control {

// Remembers the last object it parsed: one change is looked at by several controllers in turn.
class LastParsed final {
 public:
  const json::object& of(const std::shared_ptr<const Stored>& stored) {
    if (stored != last_) {
      object_ = stored->parse();
      last_ = stored;
    }
    return object_;
  }

 private:
  std::shared_ptr<const Stored> last_;
  json::object object_;
};

struct CommonView {
  CommonView(Api& server, ControllerOptions chosen) : api(server), options(std::move(chosen)), events(server) {}

  Api& api;
  ControllerOptions options;
  EventRecorder events;
  LastParsed parsed;
  KindTable kinds;
  PodIndex pods;
  ObjectGraph objects;
  std::vector<std::function<void()>> on_new_kind;
};

// Held by every controller of the plane; the last of them frees it.
using View = std::shared_ptr<CommonView>;

}   // namespace ebb::sandbox::control
