#pragma once

// Amounts of every resource a pod asks for or a node has. CPU, memory, ephemeral storage and pod
// count are fields; everything else (kubernetes.io/batch-cpu, nvidia.com/gpu, hugepages-2Mi ...)
// is a scalar by name.

#include "base/units.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace ebb::model {

// The oversold resources. batch-cpu counts milli-cores (1000 = one CPU), batch-memory bytes.
inline constexpr std::string_view kBatchCpu = "kubernetes.io/batch-cpu";
inline constexpr std::string_view kBatchMemory = "kubernetes.io/batch-memory";
// Names accepted on input for the same two.
inline constexpr std::string_view kBeCpu = "kubernetes.io/be-cpu";
inline constexpr std::string_view kBeMemory = "kubernetes.io/be-memory";

// On a node whose oversold resources are Ebb's own, and are Ebb's to take back.
inline constexpr std::string_view kOversoldByAnnotation = "scheduling.openfuyao.io/oversold-by";
inline constexpr std::string_view kOversoldByEbb = "ebb";

struct Resources {
  MilliCpu cpu;
  Bytes memory;
  Bytes ephemeral_storage;
  std::int64_t pods = 0;
  std::map<std::string, std::int64_t, std::less<>> scalars;

  std::int64_t scalar(std::string_view name) const {
    const auto found = scalars.find(name);
    return found == scalars.end() ? 0 : found->second;
  }
  bool has_scalar(std::string_view name) const { return scalars.contains(name); }

  Resources& operator+=(const Resources& other);
  Resources& operator-=(const Resources& other);
  friend bool operator==(const Resources&, const Resources&) = default;
};

// Amounts of those resources only that are named: cpu in thousandths, everything else whole.
using NamedAmounts = std::map<std::string, std::int64_t, std::less<>>;

// The same with be-cpu and be-memory under the names that are published. Where an amount stands under
// both names, the published one counts.
Resources with_published_names(Resources resources);

// For each resource the larger of the two.
Resources max(const Resources& a, const Resources& b);

}   // namespace ebb::model
