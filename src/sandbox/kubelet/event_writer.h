#pragma once

// Events of kubelets. What is said again about the same object is counted in the event that is there,
// and all of them share a budget, of which warnings may use more than the ordinary course of things.

#include "base/time.h"
#include "model/pod.h"
#include "sandbox/api/api.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace ebb::sandbox {

class EventWriter {
 public:
  EventWriter() = default;

  struct Said {
    bool warning = false;
    std::string_view reason;
    std::string message;
  };
  void about_pod(Api& api, const model::Pod& pod, std::string_view node, const Said& said, Instant now);
  void about_node(Api& api, std::string_view node, std::string_view node_uid, const Said& said, Instant now);

 private:
  struct Subject {
    std::string_view kind, ns, name, uid;
  };
  void write(Api& api, const Subject& subject, std::string_view node, const Said& said, Instant now);
  bool admit(bool warning, Instant now);

  struct Known {
    std::string name;
    std::int64_t count = 0;
  };
  bool count_again(Api& api, const std::string& ns, Known& known, Instant now);

  std::map<std::string, Known> known_;   // by all that makes two events the same
  std::int64_t tokens_ = 2000;
  Instant refilled_;
  std::uint64_t serial_ = 0;
};

}   // namespace ebb::sandbox
