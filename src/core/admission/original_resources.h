#pragma once

// What an offline pod asked for natively before its requests and limits were moved to the oversold
// resources, as the annotation that keeps it: JSON, so that whoever limits the pod's containers
// (their cpu.max and memory.max) reads it back.
//
//   {"containers":{"analytics":{"requests":{"cpu":"1","memory":"2Gi"},"limits":{"cpu":"4"}}},
//    "initContainers":{}}

#include "base/result.h"
#include "base/units.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ebb::core {

inline constexpr std::string_view kOriginalResourcesAnnotation = "scheduling.openfuyao.io/original-resources";

struct OriginalAmounts {
  std::optional<MilliCpu> cpu;
  std::optional<Bytes> memory;

  friend bool operator==(const OriginalAmounts&, const OriginalAmounts&) = default;
};

struct OriginalContainer {
  OriginalAmounts requests;
  OriginalAmounts limits;

  friend bool operator==(const OriginalContainer&, const OriginalContainer&) = default;
};

struct OriginalResources {
  std::map<std::string, OriginalContainer, std::less<>> containers;
  std::map<std::string, OriginalContainer, std::less<>> init_containers;

  bool empty() const { return containers.empty() && init_containers.empty(); }
  friend bool operator==(const OriginalResources&, const OriginalResources&) = default;
};

std::string to_json(const OriginalResources& resources);

// Errors: invalid. An annotation is text that anybody may have written.
Result<OriginalResources> parse_original_resources(std::string_view json);

}   // namespace ebb::core
