#pragma once

// Why no node takes a pod, counted per reason and with one node as example. The message is written
// in the default scheduler's manner, because people and programs read it that way:
// "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu."

#include "core/placement/filter.h"
#include "model/names.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ebb::core::placement {

struct Refusal {
  Filter filter = Filter::resources;
  std::string reason;
  std::int32_t nodes = 0;
  model::NodeName example;   // the first by name

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

struct Refusals {
  std::int32_t nodes = 0;      // that exist
  std::int32_t fitting = 0;    // of these, that refuse nothing
  std::vector<Refusal> list;   // by filter, then reason

  void count(Filter filter, std::string reason, const model::NodeName& node, std::int32_t times = 1);
  FilterSet filters() const;
  std::string message() const;
  friend bool operator==(const Refusals&, const Refusals&) = default;
};

}   // namespace ebb::core::placement
