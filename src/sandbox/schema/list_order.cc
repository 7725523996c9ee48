#include "sandbox/schema/list_order.h"

#include <algorithm>
#include <vector>

namespace ebb::sandbox {

namespace {

constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

bool same(const json::value& a, const json::value& b, std::string_view key) {
  if (key.empty()) return a == b;
  const json::value* mark = find_member(b, key);
  return mark && has_key(a, key, *mark);
}

std::size_t index_of(const json::array& list, const json::value& element, std::string_view key) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (same(list[i], element, key)) return i;
  }
  return kNowhere;
}

struct Placed {
  const json::value* element;
  std::size_t rank;     // in the order that is asked for, or in the old one
  std::size_t before;   // where the element was, or kNowhere
};

}   // namespace

bool has_key(const json::value& element, std::string_view key, const json::value& mark) {
  const json::value* found = find_member(element, key);
  return found && *found == mark;
}

json::array in_order(const json::array& list, const json::array& order, const json::array& before, std::string_view key) {
  std::vector<Placed> asked;
  std::vector<Placed> others;
  for (const json::value& element : list) {
    const std::size_t rank = index_of(order, element, key);
    const std::size_t was = index_of(before, element, key);
    if (rank != kNowhere)
      asked.push_back({&element, rank, was});
    else
      others.push_back({&element, was, was});
  }
  std::ranges::stable_sort(asked, {}, &Placed::rank);
  std::ranges::stable_sort(others, {}, &Placed::rank);
  json::array result;
  auto next = others.begin();
  for (const Placed& one : asked) {
    while (next != others.end() && next->before != kNowhere && one.before != kNowhere && next->before < one.before)
      result.push_back(*(next++)->element);
    result.push_back(*one.element);
  }
  for (; next != others.end(); ++next) result.push_back(*next->element);
  return result;
}

bool follows_order(const json::array& list, const json::array& order, std::string_view key) {
  std::size_t last = 0;
  for (const json::value& element : list) {
    const json::value* directive = find_member(element, "$patch");
    if (directive) continue;
    const std::size_t at = index_of(order, element, key);
    if (at == kNowhere || at < last) return false;
    last = at;
  }
  return true;
}

}   // namespace ebb::sandbox
