#include "model/finding.h"

#include <fmt/format.h>

#include <algorithm>

namespace ebb::model {
namespace {

constexpr std::size_t kKeyShown = 80;

constexpr bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// Cuts at a character's beginning, never inside one.
std::string_view shortened(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end;
  return text.substr(0, end);
}

}   // namespace

std::string to_string(const Finding& finding) {
  std::string text;
  if (finding.line > 0) text += fmt::format("line {}: ", finding.line);
  if (!finding.path.empty()) text += finding.path + ": ";
  return text + finding.message;
}

std::string summary(const Findings& findings, std::size_t bytes_max) {
  constexpr std::size_t kRoomForRest = 24;   // "; and 1234567 more"
  std::string text;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const std::string next = (i == 0 ? "" : "; ") + to_string(findings[i]);
    const bool last = i + 1 == findings.size();
    if (text.size() + next.size() + (last ? 0 : kRoomForRest) > bytes_max) {
      if (i > 0) return text + std::string(shortened(fmt::format("; and {} more", findings.size() - i), bytes_max - text.size()));
      constexpr std::string_view kCut = "...";
      return std::string(shortened(next, bytes_max - std::min(bytes_max, kCut.size()))) + std::string(shortened(kCut, bytes_max));
    }
    text += next;
  }
  return text;
}

std::string path_of(std::string_view path, std::string_view key) {
  if (key.empty() || !std::ranges::all_of(key, is_plain)) {
    const bool cut = key.size() > kKeyShown;
    return fmt::format("{}[\"{}{}\"]", path, shortened(key, kKeyShown), cut ? "..." : "");
  }
  const std::string_view shown = shortened(key, kKeyShown);
  return path.empty() ? std::string(shown) : fmt::format("{}.{}", path, shown);
}

std::string path_of(std::string_view path, std::size_t index) { return fmt::format("{}[{}]", path, index); }

}   // namespace ebb::model
