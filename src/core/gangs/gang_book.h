#pragma once

// Which pods form a gang and how far each gang has come. Events go in with the time and in any order,
// each costs the logarithm of what is known; out come gangs to be tried, who may be placed alone, the
// one gang that capacity is kept for, and statuses to be written. Places nothing itself.

#include "base/result.h"
#include "core/gangs/attempt.h"
#include "core/gangs/gang.h"
#include "core/gangs/gang_entry.h"
#include "core/gangs/turns.h"
#include "model/cluster_action.h"
#include "model/resources.h"

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ebb::core::gangs {

struct Options {
  Duration first_backoff = seconds(1);   // after a try in vain, doubled with each
  Duration most_backoff = seconds(60);
  TurnOptions turns;
  Duration status_interval = seconds(1);   // counts and conditions that change are written together after it; a phase at once
};

class GangBook {
 public:
  explicit GangBook(Options options = {}) : options_(options), turns_(options.turns) {}

  // Events. A group's priority is that of its class, where it names one; otherwise its members'.
  void group_seen(Instant now, const model::PodGroup& group, std::optional<std::int32_t> priority = std::nullopt);
  void group_gone(Instant now, model::PodGroupDialect dialect, const model::ObjectKey& key);
  // A pod that names a group, added or changed; another uid at the same index replaces the one that was there.
  void member_seen(Instant now, Member member);
  // Ignored where the index is another's by now. Also for a pod that names no group any more.
  void member_gone(Instant now, const PodRef& pod);

  std::optional<GangId> find(const GroupRef& group) const;
  std::optional<GangId> gang_of(std::uint32_t pod_index) const;
  const GangEntry& operator[](GangId gang) const { return gangs_[gang]; }
  std::size_t size() const { return by_ref_.size(); }

  // This pending pod may be placed only together with its gang. False for a pod that is in none, for members
  // beyond those that must start together, and for every member of a group of one.
  bool held(std::uint32_t pod_index) const;
  // Why it may not go alone, in a sentence.
  std::string why_held(std::uint32_t pod_index) const;
  // Gangs whose pending members were held and are free now, or the other way round, each once.
  std::vector<GangId> take_changed();
  // Members that wait and could be placed, in the order in which they are tried.
  std::vector<PodRef> pending_members(GangId gang) const;

  bool has_ready(Instant now) const;
  // Those to be tried, by priority, then age, then name; call step first. The one that capacity is kept for stands in its own place.
  const std::set<TurnKey>& ready() const { return ready_; }
  // The gang that capacity is kept for, where it is to be tried before all others of this priority: they have no more of it, or
  // it has waited for many turns.
  std::optional<GangId> ready_holder(std::int32_t priority) const;
  // It is being tried until one of attempt_succeeded and attempt_failed is called. Requires: it is ready.
  void take(Instant now, GangId gang);
  Attempt attempt(GangId gang) const;
  // The members that found a node are told by member_seen as assumed, before or after.
  void attempt_succeeded(Instant now, GangId gang);
  // No room: it waits until capacity_freed or wake, and takes part in the turns for capacity.
  void attempt_failed(Instant now, GangId gang, std::string reason);
  // It had room, but what was decided could not be carried out: it is tried again after a back-off.
  void bind_failed(Instant now, GangId gang, std::string reason);
  // No room either, but others leave for it: it takes no part in the turns, and is tried again when they have left, at
  // once and whatever its back-off, or when the places it was to have are lost.
  void makes_room(Instant now, GangId gang, std::string reason);
  void room_is_made(Instant now, GangId gang);
  void room_is_lost(Instant now, GangId gang, std::string reason);
  // Something has changed so that a gang that waits for capacity could be placed.
  void wake(Instant now, GangId gang);
  void capacity_freed(Instant now);

  // An error says which of the group's minResources exceeds what is free. Never a refusal of a group that states none, nor of
  // one of which some have a node already.
  Status fits(GangId gang, const model::Resources& free) const;
  // Volcano's step from Pending to Inqueue, after which its controller makes the pods: groups that state
  // minResources pass in order while `room`, less what passed before and has not started, is enough for them.
  void enqueue(Instant now, const model::Resources& room);
  bool wants_enqueue() const { return !to_enqueue_.empty(); }

  // The one gang that capacity is kept for, if any: call step first.
  struct Reservation {
    GangId gang = 0;
    Instant until;
  };
  std::optional<Reservation> reservation() const;

  // Lets what is due at this time happen: turns end, back-offs are over.
  void step(Instant now);
  // When step, a try or take_statuses has something to do without any event.
  std::optional<Instant> next_wake() const;

  // Statuses that differ from what the objects say, at most `most`; the others come with the next call.
  std::vector<model::SetPodGroupStatus> take_statuses(Instant now, std::size_t most = std::numeric_limits<std::size_t>::max());

  // A status did not arrive: it is looked at again.
  void status_failed(Instant now, const GroupRef& group);

  GangExplanation explain(GangId gang) const;

 private:
  struct MemberEntry {
    Member member;
    GangId gang = 0;
  };

  GangId gang_for(const GroupRef& group);
  void erase_if_unused(Instant now, GangId gang);
  void count(const MemberEntry& entry, std::int32_t sign);

  // What follows from a gang's counts and its group; gang_settle.cc.
  void settle(Instant now, GangId gang);
  GangPhase settled_phase(Instant now, GangId gang) const;
  void stand_in_queues(Instant now, GangId gang);
  void leave_queues(GangId gang);
  void want_enqueueing(GangId gang);
  void follow_turn(Instant now);
  TurnKey turn_key(GangId gang) const;
  Duration backoff(std::int32_t failures) const;
  void failed(Instant now, GangId gang, std::string reason, bool lacked_room);
  void keep_for_enqueued(GangEntry& entry);
  void release_enqueued(GangEntry& entry);

  // gang_status.cc
  void mark_status(Instant now, GangId gang);
  void clear_status(GangId gang);
  void take_status(Instant now, GangId gang, std::vector<model::SetPodGroupStatus>& out);
  std::string waiting_sentence(const GangEntry& entry) const;

  Options options_;
  std::deque<GangEntry> gangs_;
  std::vector<GangId> unused_;
  std::map<GroupRef, GangId> by_ref_;
  std::vector<std::optional<MemberEntry>> members_;   // by the caller's index
  std::set<GangId> changed_;

  std::set<TurnKey> ready_;
  std::set<std::pair<Instant, GangId>> backing_off_;
  std::set<GangId> waiting_;   // for capacity
  Turns turns_;
  std::optional<GangId> last_holder_;

  std::set<TurnKey> to_enqueue_;
  model::Resources enqueued_for_;   // of all that were let pass and have not started

  std::set<GangId> status_due_;
  std::set<std::pair<Instant, GangId>> status_later_;
};

}   // namespace ebb::core::gangs
