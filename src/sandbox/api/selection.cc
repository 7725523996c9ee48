#include "sandbox/api/selection.h"

#include <algorithm>
#include <array>
#include <optional>

namespace ebb::sandbox {

namespace {

// events.k8s.io names the same fields otherwise.
constexpr auto kEventNames = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"reportingController", "reportingComponent"},
    {"deprecatedSource", "source"},
});

std::string storage_label(const ServedKind& kind, std::string_view label) {
  if (kind.place != Place{"", "events"}) return std::string(label);
  if (label.starts_with("regarding.")) return "involvedObject." + std::string(label.substr(10));
  for (const auto& [theirs, ours] : kEventNames) {
    if (label == theirs) return std::string(ours);
  }
  return std::string(label);
}

// Splits at commas that no backslash protects.
std::vector<std::string> terms_of(std::string_view text) {
  std::vector<std::string> terms(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      terms.back() += text[i];
      terms.back() += text[++i];
    } else if (text[i] == ',') {
      terms.emplace_back();
    } else {
      terms.back() += text[i];
    }
  }
  std::erase(terms, std::string());
  return terms;
}

std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

}   // namespace

Answer<Selection::FieldTerm> Selection::term(const ServedKind& kind, std::string_view text, std::string_view whole) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return bad_request(fmt::format("invalid selector: '{}'; can't understand '{}'", whole, text));
  }
  FieldTerm made;
  std::string_view label = text.substr(0, equals);
  std::string_view value = text.substr(equals + 1);
  if (label.ends_with('!')) {
    label.remove_suffix(1);
    made.equal = false;
  } else if (value.starts_with('=')) {
    value.remove_prefix(1);
  }
  made.value = unescaped(value);
  if (label == "metadata.name") {
    made.field = kName;
  } else if (label == "metadata.namespace" && kind.kind.namespaced) {
    made.field = kNamespace;
  } else {
    const auto at = std::ranges::find(kind.fields, storage_label(kind, label), &SelectableField::label);
    if (at == kind.fields.end()) {
      return bad_request(fmt::format(
          "Unable to find \"{}, Resource={}\" that match label selector \"\", field selector \"{}\": field label not supported: {}",
          kind.kind.group + "/" + kind.kind.version, kind.kind.resource, whole, label));
    }
    made.field = static_cast<int>(at - kind.fields.begin());
  }
  return made;
}

Answer<Selection> Selection::parse(const ServedKind& kind, std::string_view label_selector, std::string_view field_selector) {
  Selection selection;
  auto labels = model::parse_label_selector(label_selector);
  if (!labels) return bad_request(fmt::format("unable to parse requirement: {}", labels.error().message));
  selection.labels_ = *std::move(labels);
  for (const std::string& text : terms_of(field_selector)) {
    EBB_TRY(FieldTerm made, term(kind, text, field_selector));
    selection.fields_.push_back(std::move(made));
  }
  return selection;
}

bool Selection::matches(const Stored& object) const {
  const bool fields = std::ranges::all_of(fields_, [&object](const FieldTerm& term) {
    static const std::string kNothing;
    const std::string& value = term.field == kName        ? object.key.name
                               : term.field == kNamespace ? object.key.ns
                               : static_cast<std::size_t>(term.field) < object.fields.size()
                                   ? object.fields[static_cast<std::size_t>(term.field)]
                                   : kNothing;
    return (value == term.value) == term.equal;
  });
  return fields && labels_.matches(object.labels);
}

std::string_view Selection::only_name() const {
  const auto at = std::ranges::find_if(fields_, [](const FieldTerm& term) { return term.field == kName && term.equal; });
  return at == fields_.end() ? std::string_view() : std::string_view(at->value);
}

std::string_view Selection::only_namespace() const {
  const auto at = std::ranges::find_if(fields_, [](const FieldTerm& term) { return term.field == kNamespace && term.equal; });
  return at == fields_.end() ? std::string_view() : std::string_view(at->value);
}

}   // namespace ebb::sandbox
