#pragma once

// Whose turn it is to have capacity kept. One gang at a time: were room kept for two, each could hold what
// the other lacks. The highest priority first, then who is partly placed, then who is older, then the name;
// who has seen many turns go by is served before all others. A turn ends at a deadline, and a gang whose turn
// ended in vain rests before it may have another.

#include "base/time.h"
#include "core/gangs/gang.h"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace ebb::core::gangs {

struct TurnOptions {
  Duration length = seconds(60);        // of a turn, where the group states no timeout
  Duration cool_down = seconds(30);     // after a turn in vain
  std::uint64_t most_passed_over = 8;   // turns of others; after as many a gang is served by age of waiting
};

// The order in which gangs are tried and have their turn.
struct TurnKey {
  std::int32_t priority = 0;
  bool partial = false;   // some members have a node already
  Instant created;
  GroupRef group;
  GangId gang = 0;

  friend std::strong_ordering operator<=>(const TurnKey& a, const TurnKey& b) {
    if (const auto order = b.priority <=> a.priority; order != 0) return order;
    if (const auto order = b.partial <=> a.partial; order != 0) return order;
    if (const auto order = a.created <=> b.created; order != 0) return order;
    return a.group <=> b.group;
  }
  friend bool operator==(const TurnKey& a, const TurnKey& b) { return (a <=> b) == 0; }
};

class Turns {
 public:
  explicit Turns(TurnOptions options) : options_(options) {}

  struct Holder {
    GangId gang = 0;
    Instant until;
    bool by_age = false;   // others have had so many turns that priority no longer takes it away
  };

  // The gang wants capacity kept; once it does, only its key and length are renewed.
  void want(Instant now, const TurnKey& key, std::optional<Duration> length);
  // It wants it no more: it was placed, or is not there.
  void leave(Instant now, GangId gang);
  // Turns and rests that are over end.
  void step(Instant now);

  const std::optional<Holder>& holder() const { return holder_; }
  bool wants(GangId gang) const { return wishes_.contains(gang); }
  std::optional<Instant> next_wake() const;
  // How often its turn has ended in vain since it began to want one.
  std::uint64_t turns_in_vain(GangId gang) const;

 private:
  struct Wish {
    TurnKey key;
    std::optional<Duration> length;
    std::uint64_t since_turn = 0;
    std::uint64_t in_vain = 0;
    std::optional<Instant> rests_until;
  };

  void choose(Instant now);
  void give(Instant now, GangId gang);
  bool aged(const Wish& wish) const { return turn_ - wish.since_turn >= options_.most_passed_over; }
  void line_up(const Wish& wish);
  void step_out(GangId gang, const Wish& wish);

  TurnOptions options_;
  std::map<GangId, Wish> wishes_;
  std::set<TurnKey> in_order_;                           // those that do not rest
  std::set<std::pair<std::uint64_t, TurnKey>> by_age_;   // the same, by the turn since which they wait
  std::set<std::pair<Instant, GangId>> resting_;
  std::optional<Holder> holder_;
  std::uint64_t turn_ = 0;   // how many have been given
};

}   // namespace ebb::core::gangs
