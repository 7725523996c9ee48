// The text form of label selectors, as k8s.io/apimachinery labels.Parse accepts it.
//
//   selector    = [requirement ("," requirement)*]
//   requirement = ["!"] key | key ("=" | "==" | "!=" | ">" | "<") [value] | key ("in" | "notin") "(" [value] ("," [value])* ")"

#include "model/label_selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ebb::model {
namespace {

enum class Kind { end, word, comma, open, close, bang, equal, double_equal, not_equal, greater, less };

struct Token {
  Kind kind = Kind::end;
  std::string_view text;
  std::size_t position = 0;
};

struct Symbol {
  std::string_view text;
  Kind kind;
};

// The longer ones first: "==" is not two "=".
constexpr auto kSymbols = std::to_array<Symbol>({
    {"==", Kind::double_equal},
    {"!=", Kind::not_equal},
    {"=", Kind::equal},
    {"!", Kind::bang},
    {">", Kind::greater},
    {"<", Kind::less},
    {",", Kind::comma},
    {"(", Kind::open},
    {")", Kind::close},
});

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
constexpr bool is_symbol(char c) { return std::string_view("=!(),><").find(c) != std::string_view::npos; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) { advance(); }

  const Token& peek() const { return token_; }

  Token take() {
    const Token taken = token_;
    advance();
    return taken;
  }

 private:
  void advance() {
    while (position_ < text_.size() && is_space(text_[position_])) ++position_;
    const std::string_view rest = text_.substr(position_);
    token_ = {.kind = Kind::end, .text = rest.substr(0, 0), .position = position_};
    if (rest.empty()) return;
    const auto symbol = std::ranges::find_if(kSymbols, [&](const Symbol& s) { return rest.starts_with(s.text); });
    if (symbol != kSymbols.end()) {
      token_.kind = symbol->kind;
      token_.text = rest.substr(0, symbol->text.size());
    } else {
      const auto end = std::ranges::find_if(rest, [](char c) { return is_space(c) || is_symbol(c); });
      token_.kind = Kind::word;
      token_.text = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    }
    position_ += token_.text.size();
  }

  std::string_view text_;
  std::size_t position_ = 0;
  Token token_;
};

std::unexpected<Error> unexpected_token(const Token& token, std::string_view expected) {
  const std::string found = token.kind == Kind::end ? "the end" : fmt::format("'{}'", token.text);
  return fail(Errc::invalid, "at position {} of the selector: found {}, expected {}", token.position + 1, found, expected);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  Result<LabelSelector> selector() {
    LabelSelector selector;
    if (lexer_.peek().kind == Kind::end) return selector;
    for (;;) {
      EBB_TRY(auto parsed, requirement());
      selector.requirements.push_back(std::move(parsed));
      const Token next = lexer_.take();
      if (next.kind == Kind::end) break;
      if (next.kind != Kind::comma) return unexpected_token(next, "',' or the end");
    }
    std::ranges::stable_sort(selector.requirements, {}, &SelectorRequirement::key);
    return selector;
  }

 private:
  Result<SelectorRequirement> requirement() {
    const bool negated = lexer_.peek().kind == Kind::bang;
    if (negated) lexer_.take();
    const Token key = lexer_.take();
    if (key.kind != Kind::word) return unexpected_token(key, negated ? "a label key after '!'" : "a label key or '!'");
    const Kind next = lexer_.peek().kind;
    if (negated) return checked(key, SelectorOperator::does_not_exist, {});
    if (next == Kind::end || next == Kind::comma) return checked(key, SelectorOperator::exists, {});

    const Token op = lexer_.take();
    switch (op.kind) {
      case Kind::equal:
      case Kind::double_equal: return with_one_value(key, SelectorOperator::in);
      case Kind::not_equal: return with_one_value(key, SelectorOperator::not_in);
      case Kind::greater: return with_one_value(key, SelectorOperator::greater);
      case Kind::less: return with_one_value(key, SelectorOperator::less);
      case Kind::word:
        if (op.text == "in") return with_value_list(key, SelectorOperator::in);
        if (op.text == "notin") return with_value_list(key, SelectorOperator::not_in);
        break;
      default: break;
    }
    return unexpected_token(op, "one of =, ==, !=, in, notin, >, <");
  }

  Result<SelectorRequirement> with_one_value(const Token& key, SelectorOperator op) {
    const Kind next = lexer_.peek().kind;
    if (next == Kind::end || next == Kind::comma) return checked(key, op, {""});
    const Token value = lexer_.take();
    if (value.kind != Kind::word) return unexpected_token(value, "a value");
    return checked(key, op, {std::string(value.text)});
  }

  // An empty place between commas is the empty value. Each value counts once, in sorted order.
  Result<SelectorRequirement> with_value_list(const Token& key, SelectorOperator op) {
    const Token open = lexer_.take();
    if (open.kind != Kind::open) return unexpected_token(open, "'('");
    std::vector<std::string> values;
    for (;;) {
      values.emplace_back(lexer_.peek().kind == Kind::word ? lexer_.take().text : std::string_view());
      const Token next = lexer_.take();
      if (next.kind == Kind::close) break;
      if (next.kind != Kind::comma) return unexpected_token(next, "',' or ')'");
    }
    std::ranges::sort(values);
    values.erase(std::ranges::unique(values).begin(), values.end());
    return checked(key, op, std::move(values));
  }

  static Result<SelectorRequirement> checked(const Token& key, SelectorOperator op, std::vector<std::string> values) {
    auto made = make_requirement(std::string(key.text), op, std::move(values));
    if (!made) return std::unexpected(std::move(made).error().with(fmt::format("at position {} of the selector", key.position + 1)));
    return made;
  }

  Lexer lexer_;
};

}   // namespace

Result<LabelSelector> parse_label_selector(std::string_view text) { return Parser(text).selector(); }

}   // namespace ebb::model
