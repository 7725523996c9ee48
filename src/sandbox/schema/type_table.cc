#include "sandbox/schema/type_table.h"

#include "base/check.h"

#include <algorithm>

namespace ebb::sandbox {

extern const std::string_view kBuiltinTypes;   // builtin_types.cc, made of builtin_types.txt

namespace {

std::string_view take(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return head;
}

std::vector<std::string> comma_list(std::string_view text) {
  std::vector<std::string> words;
  if (text == "-") return words;
  while (!text.empty()) words.emplace_back(take(text, ','));
  return words;
}

std::optional<Shape> scalar_shape(char letter) {
  switch (letter) {
    case 's': return Shape::string;
    case 'b': return Shape::boolean;
    case 'i': return Shape::int32;
    case 'l': return Shape::int64;
    case 'n': return Shape::number;
    case 'y': return Shape::bytes;
    case 'q': return Shape::quantity;
    case 't': return Shape::time;
    case 'u': return Shape::micro_time;
    case 'd': return Shape::duration;
    case 'x': return Shape::int_or_string;
    case 'o': return Shape::opaque;
    case '*': return Shape::any;
    default: return std::nullopt;
  }
}

class TableParser {
 public:
  Result<TypeTable> parse(std::string_view text) {
    table_.pool = std::make_shared<SchemaPool>();
    std::size_t number = 0;
    while (!text.empty()) {
      const std::string_view line = take(text, '\n');
      ++number;
      if (auto read = read_line(line); !read)
        return std::unexpected(std::move(read).error().with(fmt::format("type table, line {}", number)));
    }
    for (const auto& [name, node] : table_.types) {
      if (!defined_.contains(name)) return fail(Errc::invalid, "type table: {} is used and not defined", name);
    }
    return std::move(table_);
  }

 private:
  Status read_line(std::string_view line) {
    if (line.empty() || line.front() == '#') return {};
    if (line.front() == ' ') return read_field(line.substr(1));
    const std::string_view word = take(line, ' ');
    if (word == "kind") return read_kind(line);
    if (word != "type") return fail(Errc::invalid, "neither kind nor type: {}", word);
    const std::string_view name = take(line, ' ');
    current_ = named(name);
    defined_[std::string(name)] = true;
    current_->atomic = line == "a";
    return {};
  }

  Status read_kind(std::string_view line) {
    KindRow row;
    row.group = take(line, ' ');
    if (row.group == "-") row.group.clear();
    row.version = take(line, ' ');
    row.resource = take(line, ' ');
    row.kind = take(line, ' ');
    row.singular = take(line, ' ');
    row.namespaced = take(line, ' ') == "N";
    row.subresources = comma_list(take(line, ' '));
    row.short_names = comma_list(take(line, ' '));
    row.categories = comma_list(take(line, ' '));
    row.verbs = comma_list(take(line, ' '));
    row.type = line;
    if (row.type.empty()) return fail(Errc::invalid, "a kind has eleven words");
    table_.kinds.push_back(std::move(row));
    return {};
  }

  Status read_field(std::string_view line) {
    if (!current_) return fail(Errc::invalid, "a field before any type");
    Field field;
    std::string_view name = take(line, ' ');
    if (name.ends_with('.')) field.when_empty = WhenEmpty::drop;
    if (name.ends_with('+')) field.when_empty = WhenEmpty::write;
    if (field.when_empty != WhenEmpty::keep) name.remove_suffix(1);
    if (name.ends_with('!')) {
      field.required = true;
      name.remove_suffix(1);
    }
    field.name = name;
    EBB_TRY(field.type, read_type(take(line, ' ')));
    while (!line.empty()) {
      std::string_view word = take(line, ' ');
      if (word.front() == '=') {
        boost::system::error_code error;
        field.default_value = json::parse(word.substr(1), error);
        if (error) return fail(Errc::invalid, "the default of {} is not JSON: {}", field.name, word);
        continue;
      }
      word.remove_prefix(1);
      const std::string_view strategy = take(word, ':');
      field.patch_merge = strategy.find("merge") != std::string_view::npos;
      field.patch_retain_keys = strategy.find("retainKeys") != std::string_view::npos;
      field.patch_replace = strategy == "replace";
      field.merge_key = word;
    }
    current_->fields.push_back(std::move(field));
    std::ranges::inplace_merge(current_->fields, std::prev(current_->fields.end()), {}, &Field::name);
    return {};
  }

  Result<const Schema*> read_type(std::string_view word) {
    if (word.empty()) return fail(Errc::invalid, "a field without a type");
    if (word.front() == '@') return named(word.substr(1));
    if (word.front() == '[' || word.front() == '{') {
      const bool list = word.front() == '[';
      const std::size_t end = word.find(list ? ']' : '}');
      if (end == std::string_view::npos) return fail(Errc::invalid, "no end of {}", word);
      const std::string_view mark = word.substr(1, end - 1);
      EBB_TRY(const Schema* element, read_type(word.substr(end + 1)));
      Schema& node = table_.pool->add(list ? Shape::list : Shape::map);
      node.element = element;
      node.atomic = !list && mark == "a";
      if (list && mark == "a") node.list_kind = ListKind::atomic;
      if (list && mark == "s") node.list_kind = ListKind::set;
      if (list && mark.starts_with("m:")) {
        node.list_kind = ListKind::map;
        node.list_keys = comma_list(mark.substr(2));
      }
      return &node;
    }
    const std::optional<Shape> shape = scalar_shape(word.front());
    if (!shape || word.size() != 1) return fail(Errc::invalid, "no type: {}", word);
    const Schema*& scalar = scalars_[word.front()];
    if (!scalar) scalar = &table_.pool->add(*shape);
    return scalar;
  }

  Schema* named(std::string_view name) {
    auto found = table_.types.find(name);
    if (found == table_.types.end()) {
      Schema& node = table_.pool->add(Shape::object);
      node.name = name;
      found = table_.types.emplace(name, &node).first;
      writable_[found->first] = &node;
    }
    return writable_[found->first];
  }

  TypeTable table_;
  Schema* current_ = nullptr;
  std::map<std::string, bool, std::less<>> defined_;
  std::map<std::string, Schema*, std::less<>> writable_;
  std::map<char, const Schema*> scalars_;
};

}   // namespace

Result<TypeTable> parse_type_table(std::string_view text) {
  TableParser parser;
  return parser.parse(text);
}

const TypeTable& builtin_type_table() {
  static const TypeTable table = [] {
    Result<TypeTable> parsed = parse_type_table(kBuiltinTypes);
    EBB_CHECK(parsed.has_value());
    return *std::move(parsed);
  }();
  return table;
}

}   // namespace ebb::sandbox
