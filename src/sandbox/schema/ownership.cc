#include "sandbox/schema/ownership.h"

#include "sandbox/schema/list_key.h"

#include <algorithm>
#include <set>

namespace ebb::sandbox {

namespace {

std::size_t size_of(const json::value* value) {
  if (!value) return 0;
  if (const json::object* object = value->if_object()) return object->size();
  if (const json::array* array = value->if_array()) return array->size();
  return 0;
}

bool is_empty_container(const json::value& value) { return value.is_null() || (value.is_object() && value.get_object().empty()); }

Form form_of_pair(const Schema& schema, const json::value* a, const json::value* b) {
  const Form left = a ? form_of(schema, *a) : Form::leaf;
  const Form right = b ? form_of(schema, *b) : Form::leaf;
  if (!a) return right;
  if (!b) return left;
  return left == right ? left : Form::leaf;
}

// Elements by their step. A step that occurs twice stands for all of its elements together.
using Elements = std::map<std::string, std::vector<const json::value*>, std::less<>>;

Elements elements_of(const Schema& list, const json::value* value) {
  Elements elements;
  if (!value || !value->is_array()) return elements;
  for (const json::value& item : value->get_array()) elements[element_step(list, item)].push_back(&item);
  return elements;
}

void add(Comparison& whole, const std::string& step, Comparison part) {
  whole.added.insert(step, std::move(part.added));
  whole.modified.insert(step, std::move(part.modified));
  whole.removed.insert(step, std::move(part.removed));
}

Comparison compare_pair(const Schema& schema, const json::value* before, const json::value* after);

void compare_members(const Schema& schema, const json::value* before, const json::value* after, Comparison& result) {
  const json::object none;
  const json::object& was = before && before->is_object() ? before->get_object() : none;
  const json::object& is = after && after->is_object() ? after->get_object() : none;
  for (const auto& [key, value] : was)
    add(result, fmt::format("f:{}", std::string_view(key)), compare_pair(schema_of_member(schema, key), &value, is.if_contains(key)));
  for (const auto& [key, value] : is) {
    if (!was.contains(key))
      add(result, fmt::format("f:{}", std::string_view(key)), compare_pair(schema_of_member(schema, key), nullptr, &value));
  }
}

Comparison compare_repeated(const Schema& element, const std::vector<const json::value*>& was, const std::vector<const json::value*>& is) {
  const auto equal = [](const json::value* a, const json::value* b) { return *a == *b; };
  Comparison part;
  if (was.size() > 1 && is.size() > 1) {
    part.modified.member = !std::ranges::equal(was, is, equal);
  } else if (was.size() > 1) {
    if (!is.empty()) part = compare_pair(element, nullptr, is.front());
    part.removed.member = true;
  } else {
    if (!was.empty()) part = compare_pair(element, was.front(), nullptr);
    part.added.member = true;
  }
  return part;
}

void compare_elements(const Schema& schema, const json::value* before, const json::value* after, Comparison& result) {
  const Elements was = elements_of(schema, before);
  const Elements is = elements_of(schema, after);
  std::set<std::string> steps;
  for (const Elements* elements : {&was, &is}) {
    for (const auto& entry : *elements) steps.insert(entry.first);
  }
  const std::vector<const json::value*> none;
  for (const std::string& step : steps) {
    const auto left = was.find(step);
    const auto right = is.find(step);
    const auto& a = left == was.end() ? none : left->second;
    const auto& b = right == is.end() ? none : right->second;
    if (a.size() > 1 || b.size() > 1)
      add(result, step, compare_repeated(*schema.element, a, b));
    else
      add(result, step, compare_pair(*schema.element, a.empty() ? nullptr : a.front(), b.empty() ? nullptr : b.front()));
  }
}

Comparison compare_pair(const Schema& schema, const json::value* before, const json::value* after) {
  Comparison result;
  const Form form = form_of_pair(schema, before, after);
  const bool leaf = form == Form::leaf || (size_of(before) == 0 && size_of(after) == 0);
  if (leaf) {
    if (before && after) result.modified.member = *before != *after;
  } else if (form == Form::members) {
    compare_members(schema, before, after, result);
  } else {
    compare_elements(schema, before, after, result);
  }
  if (!before)
    result.added.member = true;
  else if (!after)
    result.removed.member = true;
  return result;
}

json::value merged_elements(const Schema& schema, const json::array& live, const json::array& applied) {
  std::vector<std::string> left, right;
  std::map<std::string, const json::value*, std::less<>> by_left, by_right;
  for (const json::value& item : live) by_left.emplace(left.emplace_back(element_step(schema, item)), &item);
  for (const json::value& item : applied) by_right.emplace(right.emplace_back(element_step(schema, item)), &item);
  std::vector<std::string> shared;
  std::ranges::copy_if(right, std::back_inserter(shared), [&](const std::string& step) { return by_left.contains(step); });

  // Both lists are walked; at an element of both, what only the live one has before it goes first.
  json::array out;
  std::set<std::string, std::less<>> taken;
  std::size_t next_shared = 0;
  const auto take_right = [&](const std::string& step) {
    const auto live_item = by_left.find(step);
    out.push_back(live_item == by_left.end() ? *by_right.at(step) : merged(*schema.element, *live_item->second, *by_right.at(step)));
    taken.insert(step);
    if (next_shared < shared.size() && shared[next_shared] == step) ++next_shared;
  };
  for (std::size_t l = 0, r = 0; l < left.size() || r < right.size();) {
    if (l < left.size() && r < right.size()) {
      if (left[l] == right[r]) {
        take_right(right[r]);
        ++l;
        ++r;
        continue;
      }
      if (by_right.contains(left[l]) && next_shared < shared.size() && shared[next_shared] != left[l]) {
        ++l;
        continue;
      }
    }
    if (l < left.size()) {
      if (!by_right.contains(left[l])) {
        out.push_back(live[l]);
        ++l;
        continue;
      }
      if (taken.contains(left[l])) ++l;
    }
    if (r < right.size()) {
      if (!taken.contains(right[r])) take_right(right[r]);
      ++r;
    }
  }
  return out;
}

}   // namespace

FieldSet field_set_of(const Schema& schema, const json::value& value) {
  FieldSet set;
  const Form form = form_of(schema, value);
  if (form == Form::leaf) {
    set.member = true;
  } else if (form == Form::members && value.is_object()) {
    for (const auto& [key, member] : value.get_object()) {
      FieldSet child = field_set_of(schema_of_member(schema, key), member);
      if (is_empty_container(member) || !schema.find(key)) child.member = true;
      set.insert(fmt::format("f:{}", std::string_view(key)), std::move(child));
    }
  } else if (form == Form::elements && value.is_array()) {
    for (const json::value& item : value.get_array()) {
      FieldSet child = field_set_of(*schema.element, item);
      child.member = true;
      FieldSet& here = set.children[element_step(schema, item)];
      here = united(here, child);
    }
  }
  return set;
}

Comparison compare(const Schema& schema, const json::value& before, const json::value& after) {
  return compare_pair(schema, &before, &after);
}

json::value merged(const Schema& schema, const json::value& live, const json::value& applied) {
  const Form form = form_of_pair(schema, &live, &applied);
  if (form == Form::leaf || (size_of(&live) == 0 && size_of(&applied) == 0)) return applied;
  if (applied.is_null()) return live;
  if (live.is_null()) return applied;
  if (form == Form::elements) return merged_elements(schema, live.get_array(), applied.get_array());
  json::object out = live.get_object();
  for (const auto& [key, value] : applied.get_object()) {
    if (json::value* here = out.if_contains(key))
      *here = merged(schema_of_member(schema, key), *here, value);
    else
      out.emplace(key, value);
  }
  return out;
}

json::value without_paths(const Schema& schema, const json::value& value, const FieldSet& set) {
  const Form form = form_of(schema, value);
  if (form == Form::members && value.is_object()) {
    json::object out;
    for (const auto& [key, member] : value.get_object()) {
      const auto found = set.children.find(fmt::format("f:{}", std::string_view(key)));
      if (found == set.children.end()) {
        out.emplace(key, member);
      } else if (!found->second.member) {
        json::value rest = without_paths(schema_of_member(schema, key), member, found->second);
        if (size_of(&rest) != 0 || size_of(&member) == 0) out.emplace(key, std::move(rest));
      }
    }
    return out;
  }
  if (form == Form::elements && value.is_array()) {
    json::array out;
    for (const json::value& item : value.get_array()) {
      const auto found = set.children.find(element_step(schema, item));
      if (found == set.children.end())
        out.push_back(item);
      else if (!found->second.member)
        out.push_back(without_paths(*schema.element, item, found->second));
    }
    return out;
  }
  return value;
}

FieldSet with_named_fields(const Schema& schema, const FieldSet& set) {
  FieldSet result;
  result.member = set.member;
  for (const auto& [step, child] : set.children) {
    const bool named = step.starts_with("f:");
    const std::string_view name = std::string_view(step).substr(2);
    const Schema& below = named ? schema_of_member(schema, name) : (schema.element ? *schema.element : schema_of_member(schema, {}));
    FieldSet filled = with_named_fields(below, child);
    if (named && !child.children.empty() && schema.find(name)) filled.member = true;
    result.insert(step, std::move(filled));
  }
  return result;
}

}   // namespace ebb::sandbox
