#include "sandbox/api/target.h"

namespace ebb::sandbox {

std::optional<Target> parse_target(const std::vector<std::string>& segments) {
  Target target;
  std::size_t at = 0;
  if (segments.size() >= 3 && segments[0] == "api") {
    target.version = segments[1];
    at = 2;
  } else if (segments.size() >= 4 && segments[0] == "apis") {
    target.group = segments[1];
    target.version = segments[2];
    at = 3;
  } else {
    return std::nullopt;
  }
  if (segments[at] == "watch" && at + 1 < segments.size()) {
    target.watch = true;
    ++at;
  }
  // "namespaces" opens a scope, unless the path ends at a namespace or one of its own subresources.
  const std::size_t left = segments.size() - at;
  if (segments[at] == "namespaces" && left > 2 && segments[at + 2] != "status" && segments[at + 2] != "finalize") {
    target.ns = segments[at + 1];
    at += 2;
  }
  target.resource = segments[at++];
  if (at < segments.size()) target.name = segments[at++];
  if (at < segments.size()) target.subresource = segments[at++];
  target.too_deep = at < segments.size();
  return target;
}

}   // namespace ebb::sandbox
