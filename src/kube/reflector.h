#pragma once

// Keeps somebody informed of every object of one resource: lists them in pages, then watches, resumes
// where a broken watch ended, and lists again when the server no longer knows that place. What a new
// list no longer holds is told as gone, so nothing is lost however long we were away.

#include "kube/client.h"
#include "kube/decode.h"
#include "kube/objects.h"
#include "kube/pace.h"
#include "kube/stop.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace ebb::kube {

struct ReflectorOptions {
  ObjectType type = ObjectType::pod;
  Resource resource;
  ListQuery query;
  bool may_be_absent = false;   // a custom resource that need not be installed: 404 is an empty list
  Pace pace;
  std::uint64_t seed = 1;
  Duration absent_retry = seconds(5);
  Backoff::Limits backoff{.first = milliseconds(500), .most = seconds(30)};
  Duration watch_min = minutes(5);   // a watch is ended and resumed after a random time between these
  Duration watch_max = minutes(10);
  Duration silence_max = minutes(3);   // bookmarks come about every minute; not scaled, as the watch times
};

struct GoneObject {
  ObjectType type = ObjectType::pod;
  model::ObjectKey key;
  model::Uid uid;
};

// Called on the reflector's thread. Each returns false to stop the reflector.
struct ReflectorSink {
  std::function<bool(Decoded)> seen;
  std::function<bool(GoneObject)> gone;
  std::function<void()> listed;                // once, when the first list has been told in full
  std::function<void(const Error&)> trouble;   // a list or watch failed (it is tried again), an object was left out
};

class Reflector final {
 public:
  Reflector(Client& client, ReflectorOptions options, ReflectorSink sink);

  void run(const Stop& stop);   // until stopped

 private:
  enum class Outcome { go_on, list_again, stopped };
  struct Known {
    model::Uid uid;
    std::string resource_version;
    bool in_list = false;
  };

  Outcome list(const Stop& stop);
  Outcome watch(const Stop& stop);
  Outcome take(WatchEvent event);
  bool tell_seen(Decoded object);
  bool tell_gone(const model::ObjectKey& key, const Known& known);
  bool forget_unlisted();
  void first_list_done();
  Outcome wait_after(const Error& error, const Stop& stop);

  Client& client_;
  const ReflectorOptions options_;
  const ReflectorSink sink_;
  Decoder decoder_;
  Rng rng_;
  Backoff backoff_;
  std::map<model::ObjectKey, Known> known_;
  std::string resource_version_;   // up to where we know everything
  bool listed_ = false;
};

}   // namespace ebb::kube
