#pragma once

// A name or number that means one thing only: a PodUid is not a NodeName although both are text.

#include <compare>
#include <string>
#include <utility>

namespace ebb {

template <class Tag, class Rep = std::string>
struct Id {
  Rep v{};

  Id() = default;
  explicit Id(Rep value) : v(std::move(value)) {}
  bool empty() const
    requires requires(const Rep& r) { r.empty(); }
  {
    return v.empty();
  }
  friend auto operator<=>(const Id&, const Id&) = default;
};

}   // namespace ebb
