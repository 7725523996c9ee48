#include "sandbox/api/registry.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace ebb::sandbox {

namespace {

struct VersionRank {
  int stage = 0;   // 3 stable, 2 beta, 1 alpha, 0 not of this form
  int major = 0, minor = 0;
};

bool take_number(std::string_view& text, int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

VersionRank rank(std::string_view text) {
  VersionRank rank;
  if (!text.starts_with("v")) return {};
  text.remove_prefix(1);
  if (!take_number(text, rank.major)) return {};
  if (text.empty()) return {3, rank.major, 0};
  const int stage = text.starts_with("beta") ? 2 : text.starts_with("alpha") ? 1 : 0;
  if (stage == 0) return {};
  text.remove_prefix(stage == 2 ? 4 : 5);
  if (!take_number(text, rank.minor) || !text.empty()) return {};
  return {stage, rank.major, rank.minor};
}

}   // namespace

bool version_precedes(std::string_view a, std::string_view b) {
  const VersionRank left = rank(a);
  const VersionRank right = rank(b);
  if (left.stage != right.stage) return left.stage > right.stage;
  if (left.stage == 0) return a < b;
  if (left.major != right.major) return left.major > right.major;
  return left.minor > right.minor;
}

void Registry::add(ServedKind kind) {
  ++generation_;
  Key key{kind.kind.group, kind.kind.version, kind.kind.resource};
  kinds_[std::move(key)] = std::make_shared<const ServedKind>(std::move(kind));
}

void Registry::remove_custom(std::string_view definition_name) {
  ++generation_;
  std::erase_if(kinds_, [definition_name](const auto& entry) { return entry.second->custom_name == definition_name; });
}

ServedKindPtr Registry::find(std::string_view group, std::string_view version, std::string_view resource) const {
  const auto at = kinds_.find(Key{group, version, resource});
  return at == kinds_.end() ? nullptr : at->second;
}

ServedKindPtr Registry::at_place(const Place& place) const {
  ServedKindPtr found;
  for (const auto& [key, kind] : kinds_) {
    if (kind->place != place) continue;
    if (kind->kind.group == kind->kind.storage_group && kind->kind.version == kind->kind.storage_version) return kind;
    found = kind;
  }
  return found;
}

ServedKindPtr Registry::of_kind(std::string_view group, std::string_view kind) const {
  for (const auto& [key, served] : kinds_) {
    if (served->kind.group == group && served->kind.kind == kind && served->stored) return served;
  }
  return nullptr;
}

std::vector<ServedKindPtr> Registry::all() const {
  std::vector<ServedKindPtr> all;
  all.reserve(kinds_.size());
  for (const auto& [key, kind] : kinds_) all.push_back(kind);
  return all;
}

std::vector<std::string> Registry::groups() const {
  std::set<std::string> groups;
  for (const auto& [key, kind] : kinds_) groups.insert(std::get<0>(key));
  return {groups.begin(), groups.end()};
}

std::vector<std::string> Registry::versions(std::string_view group) const {
  std::vector<std::string> versions;
  for (auto at = kinds_.lower_bound(Key{group, "", ""}); at != kinds_.end() && std::get<0>(at->first) == group; ++at) {
    if (versions.empty() || versions.back() != std::get<1>(at->first)) versions.push_back(std::get<1>(at->first));
  }
  std::ranges::sort(versions, version_precedes);
  return versions;
}

std::vector<ServedKindPtr> Registry::resources(std::string_view group, std::string_view version) const {
  std::vector<ServedKindPtr> found;
  for (auto at = kinds_.lower_bound(Key{group, version, ""}); at != kinds_.end(); ++at) {
    if (std::get<0>(at->first) != group || std::get<1>(at->first) != version) break;
    found.push_back(at->second);
  }
  return found;
}

}   // namespace ebb::sandbox
