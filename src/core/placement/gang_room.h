#pragma once

// Room that is being made for gangs: where their members are to go, who has to be gone first, and until when
// it is kept. A gang has all of its places or none, so that several can wait like this and none lacks what
// another holds.

#include "core/gangs/gang.h"
#include "core/placement/gang_fit.h"
#include "model/names.h"

#include <map>
#include <utility>
#include <vector>

namespace ebb::core::placement {

struct GangRoom {
  gangs::GroupRef group;
  Places places;   // kept, and the members nominated to them
  std::vector<std::pair<PodIndex, model::Uid>> awaited;
  Instant until;
  bool refused = false;   // somebody's eviction was: that one stays
  // Given up. Remembered as long as somebody is still on the way out, or a while where one does not go: nobody else is evicted
  // for the gang meanwhile.
  bool over = false;
};

using GangRooms = std::map<gangs::GangId, GangRoom>;

}   // namespace ebb::core::placement
