#include "sandbox/schema/name_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace ebb::sandbox::names {

namespace {

constexpr std::string_view kLabelWords =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric "
    "character (e.g. "
    "'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kSubdomainWords =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
    "alphanumeric character "
    "(e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr std::string_view kLabel1035Words =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an "
    "alphanumeric character "
    "(e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kNamePartWords =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or "
    "'my.name',  or "
    "'123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr std::string_view kLabelValueWords =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character "
    "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
constexpr std::string_view kConfigKeyWords =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex "
    "used for validation "
    "is '[-._a-zA-Z0-9]+')";

bool lower(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool alphanumeric(char c) { return lower(c) || (c >= 'A' && c <= 'Z'); }
bool part(char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; }

bool is_label(std::string_view text) {
  return !text.empty() && lower(text.front()) && lower(text.back()) &&
         std::ranges::all_of(text, [](char c) { return lower(c) || c == '-'; });
}

bool is_subdomain(std::string_view text) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text = text.substr(dot + 1);
  }
}

bool is_name_part(std::string_view text) {
  return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back()) && std::ranges::all_of(text, part);
}

Problems checked(std::string_view text, std::size_t most, bool well_formed, std::string_view words) {
  Problems problems;
  if (text.size() > most) problems.push_back(fmt::format("must be no more than {} characters", most));
  if (!well_formed) problems.emplace_back(words);
  return problems;
}

}   // namespace

Problems subdomain(std::string_view text) { return checked(text, 253, is_subdomain(text), kSubdomainWords); }
Problems label(std::string_view text) { return checked(text, 63, is_label(text), kLabelWords); }

Problems label_1035(std::string_view text) {
  const bool letter = !text.empty() && text.front() >= 'a' && text.front() <= 'z';
  return checked(text, 63, letter && is_label(text), kLabel1035Words);
}

Problems qualified(std::string_view text) {
  Problems problems;
  const std::size_t slash = text.find('/');
  std::string_view name = text;
  if (slash != std::string_view::npos) {
    const std::string_view prefix = text.substr(0, slash);
    name = text.substr(slash + 1);
    if (name.find('/') != std::string_view::npos) {
      problems.push_back(
          fmt::format("a qualified name {} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')", kNamePartWords));
      return problems;
    }
    if (prefix.empty())
      problems.emplace_back("prefix part must be non-empty");
    else {
      for (const std::string& problem : subdomain(prefix)) problems.push_back("prefix part " + problem);
    }
  }
  if (name.empty())
    problems.emplace_back("name part must be non-empty");
  else if (name.size() > 63)
    problems.emplace_back("name part must be no more than 63 characters");
  if (!is_name_part(name)) problems.push_back(fmt::format("name part {}", kNamePartWords));
  return problems;
}

Problems label_value(std::string_view text) { return checked(text, 63, text.empty() || is_name_part(text), kLabelValueWords); }

Problems config_key(std::string_view text) {
  Problems problems = checked(text, 253, !text.empty() && std::ranges::all_of(text, part), kConfigKeyWords);
  if (text == "." || text == "..")
    problems.push_back(fmt::format("must not be '{}'", text));
  else if (text.starts_with(".."))
    problems.emplace_back("must not start with '..'");
  return problems;
}

Problems path_segment(std::string_view text) {
  Problems problems;
  if (text == "." || text == "..") problems.push_back(fmt::format("may not be '{}'", text));
  for (const char bad : {'/', '%'}) {
    if (text.find(bad) != std::string_view::npos) problems.push_back(fmt::format("may not contain '{}'", bad));
  }
  return problems;
}

Problems port_name(std::string_view text) {
  Problems problems;
  if (text.size() > 15) problems.emplace_back("must be no more than 15 characters");
  if (!std::ranges::all_of(text, [](char c) { return lower(c) || c == '-'; })) {
    problems.emplace_back("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (std::ranges::none_of(text, [](char c) { return c >= 'a' && c <= 'z'; }))
    problems.emplace_back("must contain at least one letter (a-z)");
  if (text.find("--") != std::string_view::npos) problems.emplace_back("must not contain consecutive hyphens");
  if (!text.empty() && (text.front() == '-' || text.back() == '-')) problems.emplace_back("must not begin or end with a hyphen");
  return problems;
}

Problems environment(std::string_view text) {
  const bool good = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~' && c != '='; });
  return checked(text, SIZE_MAX, good, "a valid environment variable name must consist only of printable ASCII characters other than '='");
}

Problems percent(std::string_view text) {
  const bool good = text.size() > 1 && text.back() == '%' &&
                    std::ranges::all_of(text.substr(0, text.size() - 1), [](char c) { return c >= '0' && c <= '9'; });
  return checked(text, SIZE_MAX, good,
                 "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for "
                 "validation is '[0-9]+%')");
}

Problems namespace_name(std::string_view text) {
  Problems problems = label(text);
  if (text.find('.') != std::string_view::npos) problems.assign(1, "must not contain dots");
  return problems;
}

std::string prefix_of(std::string_view generate_name) {
  std::string name(generate_name);
  if (name.size() > 1 && name.back() == '-') name.back() = 'a';
  return name;
}

}   // namespace ebb::sandbox::names
