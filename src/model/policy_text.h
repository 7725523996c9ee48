#pragma once

// What both policy documents have in common when they are read as text: exactly one document, read
// strictly, and its findings beside those of the YAML itself.

#include "model/policy_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace ebb::model {

// The value, if nothing is wrong with it; findings in the order of their lines.
template <class T>
Parsed<T> finished(Parsed<T> parsed, T value) {
  std::ranges::stable_sort(parsed.findings, {}, &Finding::line);
  if (parsed.findings.empty()) parsed.value = std::move(value);
  return parsed;
}

// The one document in the text, if there is one. `what` is its name in messages. Adds to `findings`.
const YamlNode* only_document(const YamlText& text, int first_line, std::string_view what, Findings& findings);

YamlText parse_policy_yaml(std::string_view text, int first_line);

template <class T, class Read>
Parsed<T> parse_one_document(std::string_view text, int first_line, std::string_view what, Read read) {
  const YamlText yaml = parse_policy_yaml(text, first_line);
  Parsed<T> parsed;
  parsed.findings = yaml.findings;
  if (const YamlNode* document = only_document(yaml, first_line, what, parsed.findings)) {
    Parsed<T> inner = read(*document);
    parsed.value = std::move(inner.value);
    std::ranges::move(inner.findings, std::back_inserter(parsed.findings));
  }
  std::ranges::stable_sort(parsed.findings, {}, &Finding::line);
  if (!parsed.findings.empty()) parsed.value.reset();
  return parsed;
}

}   // namespace ebb::model
