#include "sandbox/server/refusal.h"

#include <boost/json.hpp>

namespace ebb::sandbox {

Response refusal(int code, std::string_view reason, std::string_view message) {
  json::object status{{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object{}}, {"status", "Failure"}};
  status["message"] = message;
  status["reason"] = reason;
  status["code"] = code;
  Response response{.status = code};
  response.body.push_back(std::make_shared<const std::string>(json::serialize(status)));
  return response;
}

}   // namespace ebb::sandbox
