#pragma once

// Every pod as the controllers need it, parsed once per change, and found by the controller that
// owns it, by its node, or by having no owner. 50,000 pods cost their own changes only.

#include "base/time.h"
#include "model/names.h"
#include "sandbox/api/api.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/store/stored.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace ebb::sandbox::control {

enum class Phase : std::uint8_t { pending, unknown, running, succeeded, failed };   // in the order victims are chosen

struct SeenPod {
  std::shared_ptr<const Stored> stored;   // shared with the store; the last of both frees it
  OwnerReference controller;
  std::string node;
  Phase phase = Phase::pending;
  bool ready = false;
  bool deleting = false;
  bool job_tracked = false;         // has the finalizer by which a Job counts it
  bool restarts_in_place = false;   // restartPolicy OnFailure or Always
  std::int32_t restarts = 0;        // of all containers together
  std::int32_t restarts_max = 0;    // of the one that restarted most
  std::int32_t deletion_cost = 0;
  std::int32_t completion_index = -1;
  Instant created;
  Instant ready_since;
  Instant finished;   // when its last container ended, as far as that is known

  const model::ObjectKey& key() const { return stored->key; }
  const std::string& uid() const { return stored->uid; }
  bool terminal() const { return phase == Phase::succeeded || phase == Phase::failed; }
  bool active() const { return !terminal() && !deleting; }
  bool available(Instant now, Duration min_ready) const { return ready && (min_ready.v == 0 || ready_since + min_ready <= now); }
};

using PodSet = std::map<model::ObjectKey, const SeenPod*>;

class PodIndex final {
 public:
  // Either may be null: a pod that came, or one that went. Called after the index was brought up to date.
  using Listener = std::function<void(const SeenPod* before, const SeenPod* after)>;

  void apply(const Change& change, const json::object& parsed);
  void listen(Listener listener) { listeners_.push_back(std::move(listener)); }

  const SeenPod* find(const model::ObjectKey& key) const;
  const PodSet& controlled_by(const std::string& uid) const;
  const PodSet& without_controller() const { return orphans_; }   // ordered by namespace
  const PodSet& on_node(const std::string& node) const;           // the empty name: not bound yet
  const std::map<std::string, PodSet>& by_node() const { return by_node_; }
  const PodSet& terminal() const { return terminal_; }
  // Calls back for every pod of a namespace.
  void each_in(const std::string& ns, const std::function<void(const SeenPod&)>& visit) const;

 private:
  void link(const SeenPod& pod);
  void unlink(const SeenPod& pod);

  std::map<model::ObjectKey, SeenPod> pods_;
  std::unordered_map<std::string, PodSet> by_controller_;
  std::map<std::string, PodSet> by_node_;
  PodSet orphans_, terminal_;
  std::vector<Listener> listeners_;
};

SeenPod see_pod(std::shared_ptr<const Stored> stored, const json::object& pod);

}   // namespace ebb::sandbox::control
