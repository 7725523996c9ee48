#pragma once

// An API for the tests of what stands in front of it: nothing but requests. Whoever derives says
// what they answer.

#include "sandbox/api/api.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ebb::sandbox {

class RequestsOnly : public Api {
 public:
  Result<json::object> get(const ResourceId&, const model::ObjectKey&) override { return nothing(); }
  std::vector<std::shared_ptr<const Stored>> list(const ResourceId&) override { return {}; }
  Result<json::object> create(const ResourceId&, json::object, const Caller&, Instant) override { return nothing(); }
  Result<json::object> update(const ResourceId&, json::object, std::string_view, const Caller&, Instant) override { return nothing(); }
  Result<json::object> patch(const ResourceId&, const model::ObjectKey&, PatchType, const json::value&, std::string_view, const Caller&,
                             Instant) override {
    return nothing();
  }
  Status remove(const ResourceId&, const model::ObjectKey&, const DeleteOptions&, const Caller&, Instant) override { return {}; }
  void observe(std::function<void(const Change&)>) override {}

 private:
  static Result<json::object> nothing() { return fail(Errc::not_found, "nothing is kept here"); }
};

inline Piece piece_of(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

}   // namespace ebb::sandbox
