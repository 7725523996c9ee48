#include "core/gangs/attempt.h"

#include "base/check.h"

#include <numeric>
#include <utility>

namespace ebb::core::gangs {

std::int32_t Need::total() const { return std::accumulate(of_task.begin(), of_task.end(), of_any); }

Attempt::Attempt(GangId gang, Need need, std::vector<AttemptMember> members)
    : gang_(gang), need_(std::move(need)), members_(std::move(members)), left_(need_.of_task.size(), 0) {
  for (const AttemptMember& member : members_) ++left_[member.task];
}

bool Attempt::hopeless() const {
  std::int32_t spare = 0;
  for (std::size_t task = 0; task < left_.size(); ++task) {
    const std::int32_t over = left_[task] - need_.of_task[task];
    if (over < 0) return true;
    spare += over;
  }
  return spare < need_.of_any;
}

const AttemptMember* Attempt::next() {
  if (quorum() || hopeless()) return nullptr;
  while (at_ < members_.size() && !useful(members_[at_])) --left_[members_[at_++].task];
  return at_ < members_.size() ? &members_[at_] : nullptr;
}

void Attempt::placed() {
  EBB_CHECK(at_ < members_.size());
  const std::uint32_t task = members_[at_++].task;
  --left_[task];
  if (need_.of_task[task] > 0) {
    --need_.of_task[task];
  } else if (need_.of_any > 0) {
    --need_.of_any;
  }
}

void Attempt::refused() {
  EBB_CHECK(at_ < members_.size());
  --left_[members_[at_++].task];
}

}   // namespace ebb::core::gangs
