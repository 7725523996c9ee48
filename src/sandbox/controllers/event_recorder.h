#pragma once

// Events that controllers write about objects, as `kubectl describe` and `kubectl get events` show
// them. The same thing said again raises a count instead of making a new object; after ten different
// messages of one reason about one object the others share one event; and a flood is cut off after a
// burst, with one let through every few minutes after it.

#include "base/time.h"
#include "sandbox/api/api.h"
#include "sandbox/controllers/client.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace ebb::sandbox::control {

class EventRecorder final {
 public:
  explicit EventRecorder(Api& api) : client_(api, "event-recorder") {}

  struct Said {
    std::string_view component;   // who says it: "job-controller"
    std::string_view type;        // Normal, Warning
    std::string_view reason;
    std::string message;
  };
  // A failure to write an event is nobody's failure: it is left out.
  void record(const json::object& about, const Said& said, Instant now);

 private:
  struct Known {
    std::string name;
    std::int64_t count = 0;
  };
  struct Bucket {
    std::int64_t tokens = 25;
    Instant refilled;
  };
  struct Similar {
    std::set<std::string> messages;
    Instant last;
  };
  bool admit(const std::string& flood_key, Instant now);
  bool too_similar(const std::string& flood_key, const std::string& message, Instant now);
  bool count_again(const Known& known, const std::string& ns, const std::string& message, Instant now);

  Client client_;
  std::map<std::string, Known> known_;
  std::map<std::string, Bucket> buckets_;
  std::map<std::string, Similar> similar_;
  std::uint64_t serial_ = 0;
};

}   // namespace ebb::sandbox::control
