#include "sandbox/api/body.h"

#include "sandbox/api/protobuf.h"

#include <fmt/format.h>

#include <set>

namespace ebb::sandbox {

namespace {

constexpr std::size_t kDepthMax = 500;

// Walks the structure of JSON text that is known to be valid, without making a tree.
class KeyScan {
 public:
  explicit KeyScan(std::string_view text) : text_(text) {}

  std::vector<std::string> run() {
    while (at_ < text_.size()) step(text_[at_]);
    return std::move(found_);
  }

 private:
  struct Level {
    bool is_object = false;
    bool expects_key = false;
    std::size_t index = 0;
    std::string key;
    std::set<std::string_view> seen;
  };

  void step(char c) {
    switch (c) {
      case '"': string(); return;
      case '{': open_object(); break;
      case '[': levels_.emplace_back(); break;
      case '}':
      case ']': levels_.pop_back(); break;
      case ',':
        if (levels_.back().is_object) {
          levels_.back().expects_key = true;
        } else {
          ++levels_.back().index;
        }
        break;
      default: break;
    }
    ++at_;
  }

  void open_object() {
    Level level;
    level.is_object = true;
    level.expects_key = true;
    levels_.push_back(std::move(level));
  }

  void string() {
    const std::size_t begin = ++at_;
    while (text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    const std::string_view content = text_.substr(begin, at_ - begin);
    ++at_;
    if (levels_.empty() || !levels_.back().expects_key) return;
    Level& level = levels_.back();
    level.expects_key = false;
    level.key = content;
    if (!level.seen.insert(content).second) found_.push_back(path());
  }

  std::string path() const {
    std::string path;
    for (const Level& level : levels_) {
      if (level.is_object) {
        path += (path.empty() ? "" : ".") + level.key;
      } else {
        path += fmt::format("[{}]", level.index);
      }
    }
    return path;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Level> levels_;
  std::vector<std::string> found_;
};

}   // namespace

std::string media_type(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  for (char& c : type) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return type;
}

Answer<json::value> parse_body(std::string_view body) {
  if (body.size() > kBodyBytesMax) {
    return generic(413, "RequestEntityTooLarge", fmt::format("limit is {}", kBodyBytesMax));
  }
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::error_code error;
  json::value value = json::parse(body, error, {}, options);
  if (error) return bad_request(fmt::format("couldn't get version/kind; json parse error: {}", error.message()));
  return value;
}

Answer<json::object> parse_object(std::string_view content_type, std::string_view body) {
  const std::string type = media_type(content_type);
  if (type == kProtobufType) return decode_protobuf(body);
  if (!type.empty() && type != "application/json") {
    return generic(415, "UnsupportedMediaType",
                   fmt::format("the body of the request was in an unknown format - accepted media types include: application/json"));
  }
  EBB_TRY(json::value value, parse_body(body));
  if (!value.is_object()) return bad_request("couldn't get version/kind; json parse error: the body is no JSON object");
  return std::move(value.get_object());
}

std::vector<std::string> duplicate_keys(std::string_view text) { return KeyScan(text).run(); }

}   // namespace ebb::sandbox
