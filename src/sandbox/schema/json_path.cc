#include "sandbox/schema/json_path.h"

#include <charconv>

namespace ebb::sandbox {

namespace {

using Found = std::vector<const json::value*>;

class Path {
 public:
  explicit Path(std::string_view text) : text_(text) {}

  Result<Found> find(const json::value& root) {
    if (text_.starts_with('{') && text_.ends_with('}')) text_ = text_.substr(1, text_.size() - 2);
    if (text_.starts_with('$')) text_.remove_prefix(1);
    Found here{&root};
    while (!text_.empty()) {
      if (text_.front() == '.') {
        text_.remove_prefix(1);
        if (text_.empty()) break;   // a path that ends in a dot is its prefix
        if (text_.front() == '[') continue;
        EBB_TRY(const std::string name, read_name());
        here = name == "*" ? all(here) : members(here, name);
      } else if (text_.front() == '[') {
        EBB_TRY(here, bracket(here));
      } else {
        return fail(Errc::invalid, "a step of a JSON path starts with '.' or '[': {}", text_);
      }
    }
    return here;
  }

 private:
  Result<std::string> read_name() {
    std::string name;
    while (!text_.empty() && text_.front() != '.' && text_.front() != '[') {
      if (text_.front() == '\\' && text_.size() > 1) text_.remove_prefix(1);
      name += text_.front();
      text_.remove_prefix(1);
    }
    if (name.empty()) return fail(Errc::invalid, "a JSON path has an empty step");
    return name;
  }

  Result<Found> bracket(const Found& here) {
    const std::size_t end = text_.starts_with("[?(") ? text_.find(")]") : text_.find(']');
    if (end == std::string_view::npos) return fail(Errc::invalid, "a JSON path does not close its bracket: {}", text_);
    const bool filter = text_.starts_with("[?(");
    const std::string_view inside = filter ? text_.substr(3, end - 3) : text_.substr(1, end - 1);
    text_.remove_prefix(end + (filter ? 2 : 1));
    if (filter) return filtered(here, inside);
    if (inside == "*") return all(here);
    if (inside.size() >= 2 && (inside.front() == '\'' || inside.front() == '"'))
      return members(here, unescaped(inside.substr(1, inside.size() - 2)));
    std::int64_t index = 0;
    const auto [rest, error] = std::from_chars(inside.data(), inside.data() + inside.size(), index);
    if (error != std::errc() || rest != inside.data() + inside.size()) return fail(Errc::invalid, "no index in a JSON path: [{}]", inside);
    return elements(here, index);
  }

  static std::string unescaped(std::string_view text) {
    std::string name;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size()) ++i;
      name += text[i];
    }
    return name;
  }

  static Found members(const Found& here, std::string_view name) {
    Found found;
    for (const json::value* value : here) {
      if (const json::value* member = find_member(*value, name)) found.push_back(member);
    }
    return found;
  }

  static Found all(const Found& here) {
    Found found;
    for (const json::value* value : here) {
      if (const json::array* array = value->if_array()) {
        for (const json::value& item : *array) found.push_back(&item);
      } else if (const json::object* object = value->if_object()) {
        for (const auto& member : *object) found.push_back(&member.value());
      }
    }
    return found;
  }

  static Found elements(const Found& here, std::int64_t index) {
    Found found;
    for (const json::value* value : here) {
      const json::array* array = value->if_array();
      if (!array) continue;
      const std::int64_t at = index < 0 ? index + static_cast<std::int64_t>(array->size()) : index;
      if (at >= 0 && at < static_cast<std::int64_t>(array->size())) found.push_back(&(*array)[static_cast<std::size_t>(at)]);
    }
    return found;
  }

  // @.path == "text", or != ; a bare @.path asks for existence.
  static Result<Found> filtered(const Found& here, std::string_view condition) {
    const std::size_t equal = condition.find("==");
    const std::size_t unequal = condition.find("!=");
    const std::size_t op = std::min(equal, unequal);
    std::string_view left = trimmed(condition.substr(0, op));
    if (!left.starts_with('@')) return fail(Errc::invalid, "a filter of a JSON path starts with @: {}", condition);
    left.remove_prefix(1);
    std::string_view right = op == std::string_view::npos ? std::string_view() : trimmed(condition.substr(op + 2));
    if (right.size() >= 2 && (right.front() == '"' || right.front() == '\'')) right = right.substr(1, right.size() - 2);
    Found found;
    for (const json::value* value : all(here)) {
      EBB_TRY(const Found at, Path(left).find(*value));
      const bool same = !at.empty() && text_of(*at.front()) == right;
      const bool passes = op == std::string_view::npos ? !at.empty() : equal < unequal ? same : !at.empty() && !same;
      if (passes) found.push_back(value);
    }
    return found;
  }

  static std::string text_of(const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
  }

  static std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
  }

  std::string_view text_;
};

}   // namespace

Result<std::vector<const json::value*>> find_by_json_path(const json::value& root, std::string_view path) { return Path(path).find(root); }

}   // namespace ebb::sandbox
