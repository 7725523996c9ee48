#pragma once

// metrics.k8s.io: what nodes and pods use now, as the sandbox measures it. Read-only, stored nowhere.

#include "sandbox/api/call.h"
#include "sandbox/api/make_api.h"
#include "sandbox/api/target.h"

namespace ebb::sandbox {

class Usage final {
 public:
  explicit Usage(MetricsSource source) : source_(std::move(source)) {}

  bool served() const { return source_.snapshot && source_.nodes && source_.pods; }
  // The two resources, for discovery.
  static std::vector<ServedKind> kinds();
  Answer<Reply> handle(const ServedKind& kind, const Target& target, const Call& call) const;

 private:
  json::array node_items(const UsageSnapshot& snapshot) const;
  json::array pod_items(const UsageSnapshot& snapshot, const std::string& ns) const;

  MetricsSource source_;
};

}   // namespace ebb::sandbox
