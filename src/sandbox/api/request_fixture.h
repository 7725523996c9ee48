#pragma once

// What the tests of the API share: a server in memory at a fixed time, and requests in a line.

#include "sandbox/api/make_api.h"
#include "sandbox/api/tree.h"
#include "sandbox/store/stored.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ebb::sandbox {

struct Reader {
  static std::string text(const std::vector<Piece>& pieces) {
    std::string all;
    for (const Piece& piece : pieces) all += *piece;
    return all;
  }
  // The lines of a watch as JSON.
  static std::vector<json::object> lines(const std::vector<Piece>& pieces) {
    std::vector<json::object> events;
    std::string_view rest;
    const std::string all = text(pieces);
    rest = all;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      events.push_back(json::parse(line).as_object());
    }
    return events;
  }
};

struct Answered {
  int status = 0;
  std::string content_type;
  std::string text;
  json::object body;   // empty where the text is no JSON object
  std::multimap<std::string, std::string> headers;

  std::string at(std::string_view dotted) const { return scalar_text(value_at(body, dotted)); }
  std::string reason() const { return at("reason"); }
  std::string message() const { return at("message"); }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    const json::array* items = array_in(body, "items");
    if (items == nullptr) return names;
    for (const json::value& item : *items) names.emplace_back(metadata_text(item.as_object(), "name"));
    return names;
  }
};

class RequestTest : public testing::Test {
 protected:
  static ApiOptions options() {
    ApiOptions options;
    options.now = Instant{seconds(1'700'000'000).v};
    options.seed = 7;
    return options;
  }

  Answered call(std::string_view method, std::string_view url, std::string body = {}, std::string content_type = "application/json") {
    auto answer = api_->handle(request(method, url, std::move(body), std::move(content_type)), now_);
    auto* response = std::get_if<Response>(&answer);
    if (response == nullptr) {
      ADD_FAILURE() << "a watch, not an answer: " << url;
      return {};
    }
    Answered answered;
    answered.status = response->status;
    answered.content_type = response->content_type;
    answered.text = Reader::text(response->body);
    answered.headers = {response->headers.begin(), response->headers.end()};
    json::error_code error;
    json::value value = json::parse(answered.text, error);
    if (!error && value.is_object()) answered.body = std::move(value.get_object());
    return answered;
  }

  std::unique_ptr<Watch> watch(std::string_view url) {
    auto answer = api_->handle(request("GET", url, {}, {}), now_);
    auto* watch = std::get_if<std::unique_ptr<Watch>>(&answer);
    if (watch != nullptr) return std::move(*watch);
    ADD_FAILURE() << Reader::text(std::get<Response>(answer).body);
    return nullptr;
  }

  // "ADDED name" for each event that is there now.
  static std::vector<std::string> events(Watch& watch) {
    std::vector<std::string> texts;
    for (const json::object& event : Reader::lines(watch.take(1 << 20))) {
      const json::object& object = event.at("object").as_object();
      std::string text(text_in(event, "type"));
      const std::string_view name = metadata_text(object, "name");
      if (!name.empty()) text += " " + std::string(name);
      texts.push_back(std::move(text));
    }
    return texts;
  }

  Request request(std::string_view method, std::string_view url, std::string body, std::string content_type) const {
    Request made;
    made.method = method;
    made.path = url.substr(0, url.find('?'));
    if (const auto mark = url.find('?'); mark != std::string_view::npos) made.query = url.substr(mark + 1);
    made.body = std::move(body);
    made.content_type = std::move(content_type);
    made.accept = accept_;
    made.user_agent = "tests/1.0";
    made.user = "tester";
    return made;
  }

  static std::string config_map(std::string_view name, std::string_view metadata = "", std::string_view data = "{}") {
    return fmt::format(R"({{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"{}"{}}},"data":{}}})", name, metadata, data);
  }
  static std::string pod(std::string_view name, std::string_view metadata = "", std::string_view spec = "") {
    return fmt::format(
        R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{}"{}}},"spec":{{"containers":[{{"name":"c","image":"app:1"}}]{}}}}})",
        name, metadata, spec);
  }
  Answered make(std::string_view url, std::string body) {
    Answered made = call("POST", url, std::move(body));
    EXPECT_EQ(made.status, 201) << made.text;
    return made;
  }

  static constexpr std::string_view kConfigMaps = "/api/v1/namespaces/default/configmaps";
  static constexpr std::string_view kPods = "/api/v1/namespaces/default/pods";
  static constexpr std::string_view kMerge = "application/merge-patch+json";

  static std::string at(std::string_view collection, std::string_view rest) { return std::string(collection) + std::string(rest); }

  Instant now_{seconds(1'700'000'000).v};
  std::string accept_ = "application/json";
  std::unique_ptr<Api> api_ = make_api(options());
};

}   // namespace ebb::sandbox
