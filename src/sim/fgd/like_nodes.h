#pragma once

// Nodes with the same model, the same CPU and devices free and pods of the same kinds look alike to every
// policy. They are kept in groups, so that a request is scored once per group; thousands of nodes start as a
// dozen of them. A group's stamp is never used twice: what was computed for a stamp holds while it stands.

#include "sim/fgd/cluster.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

namespace ebb::sim::fgd {

class LikeNodes {
 public:
  // Gives the group of nodes that look like this one.
  std::size_t join(const SimNode& node);
  void leave(std::size_t group);

  std::uint32_t stamp(std::size_t group) const { return groups_[group].stamp; }

  // Everything computed so far has to be computed again.
  void forget_all();

 private:
  using Look = std::tuple<std::size_t, std::int64_t, std::vector<std::int64_t>, std::map<DeviceKind, std::int32_t>>;
  using Groups = std::map<Look, std::size_t>;
  struct Group {
    std::size_t members = 0;
    std::uint32_t stamp = 0;
    Groups::iterator look;
  };

  Groups by_look_;
  std::vector<Group> groups_;
  std::vector<std::size_t> unused_;
  std::uint32_t last_stamp_ = 0;
};

}   // namespace ebb::sim::fgd
