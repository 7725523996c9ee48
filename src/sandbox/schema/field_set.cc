#include "sandbox/schema/field_set.h"

#include <algorithm>

namespace ebb::sandbox {

namespace {

// Steps are compared as text, so what others wrote with spaces or in another order is rewritten.
Result<std::string> canonical_step(std::string_view step) {
  if (step.size() < 2 || step[1] != ':') return fail(Errc::invalid, "no step of fieldsV1: {}", step);
  const std::string_view rest = step.substr(2);
  boost::system::error_code error;
  switch (step.front()) {
    case 'f':
    case 'i': return std::string(step);
    case 'v': {
      const json::value value = json::parse(rest, error);
      if (error) return fail(Errc::invalid, "no value in a step of fieldsV1: {}", step);
      return "v:" + json::serialize(value);
    }
    case 'k': {
      const json::value keys = json::parse(rest, error);
      if (error || !keys.is_object()) return fail(Errc::invalid, "no keys in a step of fieldsV1: {}", step);
      std::map<std::string, json::value> sorted;
      for (const auto& [key, value] : keys.get_object()) sorted[key] = value;
      json::object canonical;
      for (const auto& [key, value] : sorted) canonical.emplace(key, value);
      return "k:" + json::serialize(canonical);
    }
    default: return fail(Errc::invalid, "no step of fieldsV1: {}", step);
  }
}

std::string step_text(const std::string& step) {
  const std::string rest = step.substr(2);
  if (step.front() == 'f') return "." + rest;
  if (step.front() == 'i') return "[" + rest + "]";
  if (step.front() == 'v') return "[=" + rest + "]";
  std::string text;
  boost::system::error_code error;
  const json::value keys = json::parse(rest, error);
  if (error || !keys.is_object()) return "[" + rest + "]";
  for (const auto& [key, value] : keys.get_object())
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", std::string_view(key), json::serialize(value));
  return "[" + text + "]";
}

void collect(const FieldSet& set, std::string& path, std::vector<std::string>& texts) {
  if (set.member) texts.push_back(path);
  for (const auto& [step, child] : set.children) {
    const std::size_t size = path.size();
    path += step_text(step);
    collect(child, path, texts);
    path.resize(size);
  }
}

Result<FieldSet> parse_node(const json::value& fields, int depth) {
  const json::object* object = fields.if_object();
  if (!object) return fail(Errc::invalid, "fieldsV1 is made of objects");
  if (depth > 200) return fail(Errc::invalid, "fieldsV1 is nested too deeply");
  FieldSet set;
  for (const auto& [key, below] : *object) {
    if (key == ".") {
      set.member = true;
      continue;
    }
    EBB_TRY(const std::string step, canonical_step(key));
    EBB_TRY(FieldSet child, parse_node(below, depth + 1));
    if (child.empty()) child.member = true;   // "f:name": {} is the path itself
    set.insert(step, std::move(child));
  }
  return set;
}

}   // namespace

void FieldSet::insert(std::string step, FieldSet child) {
  if (!child.empty()) children.insert_or_assign(std::move(step), std::move(child));
}

FieldSet united(const FieldSet& a, const FieldSet& b) {
  FieldSet result = a;
  result.member = a.member || b.member;
  for (const auto& [step, child] : b.children) {
    FieldSet& here = result.children[step];
    here = united(here, child);
  }
  return result;
}

FieldSet without(const FieldSet& a, const FieldSet& b) {
  FieldSet result;
  result.member = a.member && !b.member;
  for (const auto& [step, child] : a.children) {
    const auto other = b.children.find(step);
    result.insert(step, other == b.children.end() ? child : without(child, other->second));
  }
  return result;
}

FieldSet common(const FieldSet& a, const FieldSet& b) {
  FieldSet result;
  result.member = a.member && b.member;
  for (const auto& [step, child] : a.children) {
    if (const auto other = b.children.find(step); other != b.children.end()) result.insert(step, common(child, other->second));
  }
  return result;
}

FieldSet without_below(const FieldSet& a, const FieldSet& b) {
  FieldSet result;
  if (b.member) return result;
  result.member = a.member;
  for (const auto& [step, child] : a.children) {
    const auto other = b.children.find(step);
    result.insert(step, other == b.children.end() ? child : without_below(child, other->second));
  }
  return result;
}

Result<FieldSet> parse_fields_v1(const json::value& fields) { return parse_node(fields, 0); }

json::object to_fields_v1(const FieldSet& set) {
  json::object object;
  if (set.member && !set.children.empty()) object.emplace(".", json::object());
  for (const auto& [step, child] : set.children) object.emplace(step, to_fields_v1(child));
  return object;
}

std::vector<std::string> path_texts(const FieldSet& set) {
  std::vector<std::string> texts;
  std::string path;
  collect(set, path, texts);
  return texts;
}

}   // namespace ebb::sandbox
