#include "kube/http.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <charconv>

namespace ebb::kube {

namespace beast = boost::beast;
namespace http = boost::beast::http;

class ResponseReader::Parser final : public http::basic_parser<false> {
 public:
  explicit Parser(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {
    eager(true);
    header_limit(64 * 1024);
    body_limit(boost::none);   // counted here, because a watch is endless but empties its body
  }

  HttpHead head;
  std::string body;
  bool over_limit = false;

 private:
  using Text = beast::string_view;
  using Code = beast::error_code;

  void on_request_impl(http::verb, Text, Text, int, Code&) override {}
  void on_response_impl(int code, Text, int, Code&) override { head.status = code; }
  void on_field_impl(http::field name, Text, Text value, Code&) override {
    const std::string_view text(value.data(), value.size());
    if (name == http::field::content_type) head.content_type = text;
    if (name == http::field::warning && head.warnings.size() < 20) head.warnings.emplace_back(text);
    if (name == http::field::retry_after) {
      std::int64_t seconds = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
      if (error == std::errc{} && end == text.data() + text.size()) head.retry_after_seconds = seconds;
    }
  }
  void on_header_impl(Code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, Code& error) override {
    if (!length) return;
    if (*length > body_bytes_max_) return refuse(error);
    body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length + 64, 16U << 20)));
  }
  std::size_t on_body_impl(Text piece, Code& error) override { return append(piece, error); }
  void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text piece, Code& error) override { return append(piece, error); }
  void on_finish_impl(Code&) override {}

  std::size_t append(Text piece, Code& error) {
    if (piece.size() > body_bytes_max_ - std::min(body.size(), body_bytes_max_)) {
      refuse(error);
      return 0;
    }
    body.append(piece.data(), piece.size());
    return piece.size();
  }
  void refuse(Code& error) {
    over_limit = true;
    error = http::error::body_limit;
  }

  const std::size_t body_bytes_max_;
};

namespace {

bool fits_header(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
}

}   // namespace

Result<std::string> to_wire(const HttpRequest& request) {
  const bool has_space = request.target.contains(' ') || request.method.contains(' ');
  if (has_space || !request.target.starts_with('/')) return fail(Errc::invalid, "request: '{}' is no path", request.target);
  for (const std::string_view value : {request.method, request.target, request.authority, request.user_agent, request.accept,
                                       request.content_type, request.authorization}) {
    if (!fits_header(value)) return fail(Errc::invalid, "request: a control character in a header");
  }
  std::string wire = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\nAccept: {}\r\n", request.method, request.target,
                                 request.authority, request.user_agent, request.accept);
  if (!request.authorization.empty()) wire += fmt::format("Authorization: {}\r\n", request.authorization);
  if (!request.body.empty()) wire += fmt::format("Content-Type: {}\r\n", request.content_type);
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
    wire += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  wire += "\r\n";
  wire += request.body;
  return wire;
}

ResponseReader::ResponseReader(bool answers_head, std::size_t body_bytes_max) : parser_(std::make_unique<Parser>(body_bytes_max)) {
  if (answers_head) parser_->skip(true);
}

ResponseReader::~ResponseReader() = default;

Status ResponseReader::feed(std::string_view bytes) {
  unparsed_.append(bytes);
  std::size_t used = 0;
  while (used < unparsed_.size() && !parser_->is_done()) {
    beast::error_code error;
    used += parser_->put(boost::asio::const_buffer(unparsed_.data() + used, unparsed_.size() - used), error);
    if (error == http::error::need_more) break;
    if (parser_->over_limit) return fail(Errc::too_large, "the answer is larger than allowed");
    if (error) return fail(Errc::unavailable, "the answer is no HTTP: {}", error.message());
  }
  unparsed_.erase(0, used);
  return {};
}

Status ResponseReader::end_of_stream() {
  if (parser_->is_done()) return {};
  beast::error_code error;
  if (parser_->got_some()) parser_->put_eof(error);
  if (error || !parser_->is_done()) return fail(Errc::unavailable, "the server closed the connection before its answer was complete");
  return {};
}

bool ResponseReader::head_done() const { return parser_->is_header_done(); }
bool ResponseReader::done() const { return parser_->is_done(); }
bool ResponseReader::keep_alive() const { return parser_->is_done() && parser_->keep_alive() && unparsed_.empty(); }
bool ResponseReader::started() const { return parser_->got_some() || !unparsed_.empty(); }
const HttpHead& ResponseReader::head() const { return parser_->head; }
std::string& ResponseReader::body() { return parser_->body; }

}   // namespace ebb::kube
