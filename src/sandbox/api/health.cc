#include "sandbox/api/health.h"

namespace ebb::sandbox {

json::object server_version() {
  return {{"major", "1"},
          {"minor", "37"},
          {"emulationMajor", "1"},
          {"emulationMinor", "37"},
          {"minCompatibilityMajor", "1"},
          {"minCompatibilityMinor", "36"},
          {"gitVersion", kGitVersion},
          {"gitCommit", "0000000000000000000000000000000000000000"},
          {"gitTreeState", "clean"},
          {"buildDate", "1970-01-01T00:00:00Z"},
          {"goVersion", "none"},
          {"compiler", "clang"},
          {"platform", "linux/amd64"}};
}

Response root_paths() {
  return json_response(200, json::object{{"paths", json::array{"/api", "/api/v1", "/apis", "/healthz", "/livez", "/metrics", "/openapi/v2",
                                                               "/openapi/v3", "/readyz", "/version"}}});
}

bool is_health_path(const std::vector<std::string>& segments) {
  if (segments.empty() || segments.size() > 2) return false;
  const bool known = segments[0] == "healthz" || segments[0] == "livez" || segments[0] == "readyz";
  return known && (segments.size() == 1 || segments[1] == "ping");
}

Answer<Response> health_response(const std::vector<std::string>& segments, const Query& query) {
  // Whoever gets an answer has reached the one thread that does everything: there is nothing else to check.
  std::string text = "ok";
  if (query.has("verbose") && segments.size() == 1) text = fmt::format("[+]ping ok\n{} check passed\n", segments[0]);
  Response response = piece_response(200, piece(std::move(text)));
  response.content_type = "text/plain; charset=utf-8";
  return response;
}

}   // namespace ebb::sandbox
