#pragma once

// The uids of objects that went not long ago. Events of one object come in order, but for those that
// were under way when a watch was lost: a late one must not bring the object back.

#include "model/names.h"

#include <deque>
#include <string>
#include <unordered_set>

namespace ebb::core::placement {

class GoneUids {
 public:
  bool contains(const model::Uid& uid) const { return uids_.contains(uid.v); }

  void add(const model::Uid& uid) {
    if (uid.empty() || !uids_.insert(uid.v).second) return;
    order_.push_back(uid.v);
    if (order_.size() <= kRemembered) return;
    uids_.erase(order_.front());
    order_.pop_front();
  }

 private:
  static constexpr std::size_t kRemembered = 4096;

  std::unordered_set<std::string> uids_;
  std::deque<std::string> order_;
};

}   // namespace ebb::core::placement
