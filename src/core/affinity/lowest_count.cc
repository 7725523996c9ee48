#include "core/affinity/lowest_count.h"

#include "base/check.h"

#include <algorithm>

namespace ebb::core::affinity {

void LowestCount::join(std::int32_t count) {
  EBB_CHECK(count >= 0);
  const auto at = static_cast<std::size_t>(count);
  if (at >= having_.size()) having_.resize(at + 1, 0);
  ++having_[at];
  lowest_ = members_ == 0 ? at : std::min(lowest_, at);
  ++members_;
}

void LowestCount::leave(std::int32_t count) {
  const auto at = static_cast<std::size_t>(count);
  EBB_CHECK(at < having_.size() && having_[at] > 0);
  --having_[at];
  --members_;
  while (!having_.empty() && having_.back() == 0) having_.pop_back();
  if (members_ == 0) lowest_ = 0;
  while (lowest_ < having_.size() && having_[lowest_] == 0) ++lowest_;
}

void LowestCount::move(std::int32_t from, std::int32_t to) {
  join(to);
  leave(from);
}

}   // namespace ebb::core::affinity
