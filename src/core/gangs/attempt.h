#pragma once

// One try to place a gang: which members, in which order, and when enough of them have a node. The one
// who places asks for the next member, says whether it found a node, and in the end looks at quorum().

#include "core/gangs/gang.h"

#include <cstdint>
#include <vector>

namespace ebb::core::gangs {

struct AttemptMember {
  PodRef pod;
  std::uint32_t task = 0;    // of Attempt's needs
  std::uint32_t alike = 0;   // members of one number have the same signature and stand together
};

// How many are still needed: so many of each task, and so many more of whichever task.
struct Need {
  std::vector<std::int32_t> of_task;   // number 0 is for members of no task with a minimum
  std::int32_t of_any = 0;

  std::int32_t total() const;
};

class Attempt {
 public:
  Attempt() = default;
  Attempt(GangId gang, Need need, std::vector<AttemptMember> members);

  GangId gang() const { return gang_; }
  // Every pending member, in the order in which they are tried.
  const std::vector<AttemptMember>& members() const { return members_; }
  const Need& need() const { return need_; }   // from here on
  // How many still have to find a node, from here on.
  std::int32_t needed() const { return need_.total(); }

  // The member to be tried next; nullptr once the quorum holds or can no longer be reached. Members that
  // would not bring it nearer are passed over.
  const AttemptMember* next();
  // What became of the one that next() gave last.
  void placed();
  void refused();

  bool quorum() const { return needed() == 0; }
  // Even if all that are left found a node it would not be enough.
  bool hopeless() const;

 private:
  bool useful(const AttemptMember& member) const { return need_.of_any > 0 || need_.of_task[member.task] > 0; }

  GangId gang_ = 0;
  Need need_;
  std::vector<AttemptMember> members_;
  std::size_t at_ = 0;
  std::vector<std::int32_t> left_;   // members not tried yet, by task
};

}   // namespace ebb::core::gangs
