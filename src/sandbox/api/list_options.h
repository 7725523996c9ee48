#pragma once

// What a GET on a collection asks for: selectors, page, resource version, watch. And the continue
// token, which says at which version and after which key the next page goes on.

#include "sandbox/api/query.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ebb::sandbox {

enum class VersionMatch { unset, exact, not_older_than };

struct ListOptions {
  std::string label_selector, field_selector;
  std::int64_t limit = 0;   // 0: everything
  std::string continue_token;
  std::string resource_version;   // as sent; empty: not sent
  std::uint64_t version = 0;      // the same as a number
  VersionMatch match = VersionMatch::unset;
  bool watch = false;
  bool bookmarks = false;
  std::optional<bool> send_initial_events;
  std::optional<std::int64_t> timeout_seconds;

  // Errors: 400 and 422 as upstream words them.
  static Answer<ListOptions> parse(const Query& query);
};

struct ContinueToken {
  std::optional<std::uint64_t> version;   // nothing: whatever is there now
  std::string start;                      // "namespace/name" of the last one sent

  std::string text() const;
  static Answer<ContinueToken> parse(std::string_view text);
};

}   // namespace ebb::sandbox
