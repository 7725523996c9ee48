#include "model/yaml.h"

#include "base/check.h"
#include "model/json_tree.h"
#include "model/text_encoding.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

namespace ebb::model {
namespace {

constexpr std::string_view kMergeKey = "<<";
constexpr std::size_t kFindingsMax = 200;   // nobody reads more

// What an expanded subtree costs, so that an alias is refused before it is copied.
struct Cost {
  std::size_t nodes = 0;
  std::size_t bytes = 0;

  Cost& operator+=(Cost other) {
    nodes += other.nodes;
    bytes += other.bytes;
    return *this;
  }
};

bool is_octal(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with("0o")) return true;
  return text.size() > 1 && text.front() == '0' && std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '_'; });
}

// Turns the parser's events into trees. Once something is wrong beyond the one place (too deep, too
// large), it lets the remaining events pass by.
class Builder final : public YAML::EventHandler {
 public:
  Builder(std::string_view text, const YamlOptions& options, YamlText& out) : text_(text), options_(options), out_(out) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    anchors_.clear();
    const std::size_t begin = position(mark);
    if (begun_ && !separated(last_position_, begin)) {
      find(mark, "the document ended before this; the next one begins with '---'");
      given_up_ = true;   // the parser may offer the same place for ever
    }
    last_position_ = begin;
    begun_ = true;
  }
  void OnDocumentEnd() override {}

  bool given_up() const { return given_up_; }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (given_up_) return;
    note_anchor(mark, anchor);
    add({.line = line(mark), .plain = true}, anchor, {.nodes = 1});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    if (given_up_) return;
    check_indentation(mark);
    note_anchor(mark, anchor);
    YamlNode node{.line = line(mark), .plain = tag == "?", .text = value};
    take_tag(mark, tag, node);
    if (!node.plain) node.text_line = literal_text_line(mark);
    const bool numeric = options_.strict && node.plain && is_octal(value);
    if (numeric)
      find(mark,
           fmt::format("'{}' is read as octal by some and as decimal by others: write it without the leading zero, or in quotes", value));
    add(std::move(node), anchor, {.nodes = 1, .bytes = value.size()});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (given_up_) return;
    if (options_.strict) find(mark, "aliases (*name) are not allowed here: write the value out");
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      find(mark, "this alias stands inside the value that it names");
      add({.line = line(mark), .plain = true}, 0, {.nodes = 1});
      return;
    }
    const auto& [node, cost] = found->second;
    if (!affordable(cost))
      return give_up(mark,
                     fmt::format("the aliases expand to more than {} values or {} bytes", options_.nodes_max, options_.expanded_bytes_max));
    if (depth() + depth_of(node) > options_.depth_max) return give_up(mark, too_deep());
    add(node, 0, cost);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, style, YamlKind::sequence);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, style, YamlKind::mapping);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    Cost cost{.nodes = 1};
    bool flow = false;
    bool has_key = false;
    YamlNode key;
    std::map<std::string, int, std::less<>> seen;   // keys and their lines
  };

  int line(const YAML::Mark& mark) const { return std::max(mark.line, 0) + options_.first_line; }
  int depth() const { return static_cast<int>(open_.size()); }
  std::size_t position(const YAML::Mark& mark) const { return std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), text_.size()); }
  std::string too_deep() const { return fmt::format("nested deeper than {} levels", options_.depth_max); }

  static int depth_of(const YamlNode& node) {
    int below = 0;
    for (const YamlNode& item : node.items) below = std::max(below, depth_of(item));
    for (const YamlEntry& entry : node.entries) below = std::max(below, depth_of(entry.value));
    return below + 1;
  }

  std::string path() const {
    std::string path;
    for (const Open& open : open_) {
      if (open.node.is_sequence()) {
        path = path_of(path, open.node.items.size());
      } else if (open.has_key) {
        path = path_of(path, open.key.text);
      }
    }
    return path;
  }

  void find(const YAML::Mark& mark, std::string message) { find(line(mark), path(), std::move(message)); }
  void find(int at, std::string where, std::string message) {
    if (out_.findings.size() < kFindingsMax) out_.findings.push_back({at, std::move(where), std::move(message)});
  }
  void give_up(const YAML::Mark& mark, std::string message) {
    find(mark, std::move(message));
    given_up_ = true;
  }

  bool affordable(Cost cost) const {
    return total_.nodes + cost.nodes <= options_.nodes_max && total_.bytes + cost.bytes <= options_.expanded_bytes_max;
  }

  // A later document needs a line of its own that says so: this parser takes what follows a complete
  // document without one for the next.
  bool separated(std::size_t from, std::size_t to) const {
    if (is_separator(text_.substr(to), "---")) return true;
    for (std::size_t at = from; at < to; ++at) {
      at = text_.find('\n', at);
      if (at == std::string_view::npos || at >= to) return false;
      const std::string_view rest = text_.substr(at + 1);
      if (is_separator(rest, "---") || is_separator(rest, "...")) return true;
    }
    return false;
  }

  static bool is_separator(std::string_view rest, std::string_view mark) {
    return rest.starts_with(mark) &&
           (rest.size() == mark.size() || std::string_view(" \t\n").find(rest[mark.size()]) != std::string_view::npos);
  }

  // A tab looks like some spaces, and nobody knows how many. Inside brackets it means nothing.
  void check_indentation(const YAML::Mark& mark) {
    const std::size_t at = position(mark);
    last_position_ = at;
    const bool in_flow = !open_.empty() && open_.back().flow;
    if (in_flow || at == 0) return;
    const std::size_t newline = text_.rfind('\n', at - 1);
    const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
    const std::string_view before = text_.substr(begin, at - begin);
    const std::string_view indentation = before.substr(0, std::min(before.find_first_not_of(" \t"), before.size()));
    if (indentation.find('\t') != std::string_view::npos) find(mark, "a tab in the indentation: YAML is indented with spaces only");
  }

  void note_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0 && options_.strict) find(mark, "anchors (&name) are not allowed here");
  }

  void take_tag(const YAML::Mark& mark, const std::string& tag, YamlNode& node) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    node.tag = tag;
    const std::size_t at = property_end(mark);
    node.plain = at < text_.size() && std::string_view("\"'|>").find(text_[at]) == std::string_view::npos;
    if (options_.strict) find(mark, fmt::format("tags are not allowed here (found {})", tag));
  }

  // Where the value itself begins, past "&anchor" and "!tag".
  std::size_t property_end(const YAML::Mark& mark) {
    constexpr std::string_view kBlank = " \t\n";
    std::size_t at = position(mark);
    while (at < text_.size() && (text_[at] == '&' || text_[at] == '!')) {
      at = std::min(text_.find_first_of(kBlank, at), text_.size());
      at = std::min(text_.find_first_not_of(kBlank, at), text_.size());
    }
    return at;
  }

  // The lines of "key: |" stand in the text as they are; those of a folded or quoted scalar do not.
  int literal_text_line(const YAML::Mark& mark) {
    const std::size_t at = property_end(mark);
    if (at >= text_.size() || text_[at] != '|') return 0;
    const auto start = static_cast<std::ptrdiff_t>(position(mark));
    const auto extra = std::count(text_.begin() + start, text_.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    return line(mark) + static_cast<int>(extra) + 1;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value style, YamlKind kind) {
    if (given_up_) return;
    check_indentation(mark);
    note_anchor(mark, anchor);
    Open opened{.node = {.kind = kind, .line = line(mark)}, .anchor = anchor};
    if (!tag.empty() && tag != "?" && tag != "!") {
      opened.node.tag = tag;
      if (options_.strict) find(mark, fmt::format("tags are not allowed here (found {})", tag));
    }
    opened.flow = style == YAML::EmitterStyle::Flow;
    if (depth() >= options_.depth_max) return give_up(mark, too_deep());
    open_.push_back(std::move(opened));
  }

  void close() {
    if (given_up_) return;
    Open closed = std::move(open_.back());
    open_.pop_back();
    total_.nodes -= std::min(total_.nodes, closed.cost.nodes - 1);   // add() counts the whole again
    total_.bytes -= std::min(total_.bytes, closed.cost.bytes);
    add(std::move(closed.node), closed.anchor, closed.cost);
  }

  void add(YamlNode node, YAML::anchor_t anchor, Cost cost) {
    total_ += cost;
    if (!affordable({})) {
      find(node.line, path(), fmt::format("more than {} values or {} bytes", options_.nodes_max, options_.expanded_bytes_max));
      given_up_ = true;
      return;
    }
    if (anchor != 0) {
      total_ += cost;   // the copy that aliases are made of
      anchors_.insert_or_assign(anchor, std::pair(node, cost));
    }
    if (open_.empty()) {
      out_.documents.push_back(std::move(node));
      return;
    }
    Open& parent = open_.back();
    parent.cost += cost;
    if (parent.node.is_sequence()) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.has_key) {
      parent.has_key = false;
      const bool nothing_written = node.is_null() && node.text.empty();
      if (nothing_written) node.line = parent.key.line;   // the parser says where it looked for a value
      put(parent, std::move(node));
    } else {
      take_key(parent, std::move(node));
    }
  }

  void take_key(Open& parent, YamlNode key) {
    parent.has_key = true;
    if (!key.is_scalar()) {
      find(key.line, path(), "a key must be text");
      key = {.line = key.line, .text = fmt::format("?{}", parent.node.entries.size())};
    } else if (options_.strict && key.plain && key.text == kMergeKey) {
      parent.has_key = false;   // the path is the mapping's
      find(key.line, path(), "merge keys (<<) are not allowed here: write the fields out");
      parent.has_key = true;
    }
    parent.key = std::move(key);
  }

  void put(Open& parent, YamlNode value) {
    if (parent.key.plain && parent.key.text == kMergeKey) return merge(parent, value);
    const auto [seen, first] = parent.seen.try_emplace(parent.key.text, parent.key.line);
    if (!first && seen->second != 0) {
      find(parent.key.line, path_of(path(), parent.key.text), fmt::format("this key stands twice, first on line {}", seen->second));
      return;
    }
    if (!first) {   // known from a merge: what is written wins
      seen->second = parent.key.line;
      std::ranges::find(parent.node.entries, parent.key.text, [](const YamlEntry& e) -> const std::string& { return e.key.text; })->value =
          std::move(value);
      return;
    }
    parent.node.entries.push_back({std::move(parent.key), std::move(value)});
  }

  // "<<: *base" or a list of such, of which the earlier ones win.
  void merge(Open& parent, const YamlNode& from) {
    if (from.is_sequence()) {
      for (const YamlNode& item : from.items) {
        if (!item.is_mapping()) return find(from.line, path(), "<< needs a mapping or a list of mappings");
        merge(parent, item);
      }
      return;
    }
    if (!from.is_mapping()) return find(from.line, path(), "<< needs a mapping or a list of mappings");
    for (const YamlEntry& entry : from.entries) {
      if (parent.seen.try_emplace(entry.key.text, 0).second) parent.node.entries.push_back(entry);
    }
  }

  std::string_view text_;
  const YamlOptions& options_;
  YamlText& out_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, std::pair<YamlNode, Cost>> anchors_;
  Cost total_;
  std::size_t last_position_ = 0;
  bool begun_ = false;
  bool given_up_ = false;
};

// The parser's own word for it, unless the line shows a more likely reason.
std::string explain(std::string_view text, int line_from_zero, const std::string& said) {
  std::size_t begin = 0;
  for (int i = 0; i < line_from_zero && begin < text.size(); ++i) begin = std::min(text.find('\n', begin), text.size() - 1) + 1;
  const std::string_view rest = text.substr(std::min(begin, text.size()));
  const std::string_view indentation = rest.substr(0, std::min(rest.find_first_not_of(" \t"), rest.size()));
  if (indentation.find('\t') != std::string_view::npos) return "a tab in the indentation: YAML is indented with spaces only";
  return fmt::format("this is not valid YAML: {}", said);
}

}   // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found = std::ranges::find(entries, key, [](const YamlEntry& entry) -> std::string_view { return entry.key.text; });
  return found == entries.end() ? nullptr : &found->value;
}

bool YamlNode::is_null() const {
  return is_scalar() && plain && tag.empty() && (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL");
}

YamlText parse_yaml(std::string_view text, const YamlOptions& options) {
  YamlText out;
  if (text.size() > options.bytes_max) {
    out.findings.push_back({0, "", fmt::format("the text has {} bytes, at most {} are read", text.size(), options.bytes_max)});
    return out;
  }
  const auto clean = clean_text(text);
  if (const auto* bad = std::get_if<BadText>(&clean)) {
    out.findings.push_back({bad->line_from_zero + options.first_line, "", bad->message});
    return out;
  }
  const auto& normal = std::get<std::string>(clean);

  const std::size_t first = normal.find_first_not_of(" \t\n");
  if (first != std::string::npos && (normal[first] == '{' || normal[first] == '[')) {
    if (auto json = parse_json(normal, options)) return *std::move(json);
  }

  Builder builder(normal, options, out);
  try {
    std::istringstream in(normal);
    YAML::Parser parser(in);
    while (!builder.given_up() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    const int at = std::max(error.mark.line, 0);
    Finding broken{at + options.first_line, "", explain(normal, at, error.msg)};
    const auto same = [&](const Finding& known) { return known.line == broken.line && known.message == broken.message; };
    if (std::ranges::none_of(out.findings, same)) out.findings.push_back(std::move(broken));
  }
  return out;
}

std::string describe(const YamlNode& node) {
  constexpr std::size_t kShown = 60;
  if (node.is_mapping()) return "a mapping";
  if (node.is_sequence()) return "a list";
  if (node.is_null()) return "nothing";
  const std::string_view shown = std::string_view(node.text).substr(0, kShown);
  const std::string quoted = json_quoted(shown);
  if (node.plain && node.text.size() <= kShown) return node.text;
  return node.text.size() > kShown ? fmt::format("{}...", quoted) : quoted;
}

}   // namespace ebb::model
