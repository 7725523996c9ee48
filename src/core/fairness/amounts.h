#pragma once

// Amounts of several resources as short dense vectors. A resource is a small number that the caller
// hands out (the scheduler's own table of resources); what is not named is zero. Bounds are amounts
// that may also be left unstated, which is something else than zero: a cap of zero forbids.

#include "base/wide.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace ebb::core::fairness {

using ResourceId = std::uint32_t;

class Amounts {
 public:
  Amounts() = default;
  Amounts(std::initializer_list<std::int64_t> by_resource) {
    for (const std::int64_t amount : by_resource) values_.push_back(std::max<std::int64_t>(amount, 0));
  }

  std::int64_t operator[](ResourceId resource) const { return resource < values_.size() ? values_[resource] : 0; }
  // Less than nothing is nothing.
  void set(ResourceId resource, std::int64_t amount) {
    if (resource >= values_.size()) values_.resize(resource + 1);
    values_[resource] = std::max<std::int64_t>(amount, 0);
  }
  // One more than the largest resource that may be named.
  std::size_t size() const { return values_.size(); }
  bool zero() const {
    return std::all_of(values_.begin(), values_.end(), [](std::int64_t amount) { return amount == 0; });
  }

  friend bool operator==(const Amounts& a, const Amounts& b) {
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
      if (a[static_cast<ResourceId>(i)] != b[static_cast<ResourceId>(i)]) return false;
    }
    return true;
  }

 private:
  std::vector<std::int64_t> values_;
};

class Bounds {
 public:
  static constexpr std::int64_t kUnstated = -1;

  Bounds() = default;
  Bounds(std::initializer_list<std::int64_t> by_resource) : values_(by_resource) {
    for (std::int64_t& amount : values_) amount = std::max(amount, kUnstated);
  }

  bool states(ResourceId resource) const { return resource < values_.size() && values_[resource] >= 0; }
  // The stated amount, else the one given.
  std::int64_t value_or(ResourceId resource, std::int64_t otherwise) const { return states(resource) ? values_[resource] : otherwise; }
  void set(ResourceId resource, std::int64_t amount) {
    if (resource >= values_.size()) values_.resize(resource + 1, kUnstated);
    values_[resource] = std::max<std::int64_t>(amount, 0);
  }
  std::size_t size() const { return values_.size(); }

 private:
  std::vector<std::int64_t> values_;
};

// Sums over any number of pods: 2^64 pods of 2^63 do not overflow it.
using Sum = Int128;

}   // namespace ebb::core::fairness
