#include "cli/demo/scheduler_probe.h"

#include "sandbox/json/json.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <thread>

namespace ebb::cli {
namespace {

namespace json = boost::json;

std::string pod_text(const SchedulerProbe& probe) {
  const json::object requests{{"cpu", "1m"}, {"memory", "1Mi"}};
  const json::object container{{"name", "probe"}, {"image", "probe"}, {"resources", {{"requests", requests}}}};
  return json::serialize(json::object{{"apiVersion", "v1"},
                                      {"kind", "Pod"},
                                      {"metadata", {{"name", probe.name}}},
                                      {"spec",
                                       {{"schedulerName", probe.scheduler},
                                        {"nodeSelector", {{"scheduling.openfuyao.io/ebb-demo", "fits-nowhere"}}},
                                        {"terminationGracePeriodSeconds", 0},
                                        {"containers", json::array{container}}}}});
}

// Gates are noted by the API server itself, so a condition for that reason is no sign of a scheduler.
bool was_looked_at(const std::string& pod_text) {
  boost::system::error_code error;
  const json::value pod = json::parse(pod_text, error);
  if (error) return false;
  if (!sandbox::string_at(pod, "spec.nodeName").empty()) return true;
  const json::value* conditions = sandbox::find_path(pod, "status.conditions");
  if (conditions == nullptr || !conditions->is_array()) return false;
  return std::ranges::any_of(conditions->get_array(), [](const json::value& condition) {
    return sandbox::string_at(condition, "type") == "PodScheduled" && sandbox::string_at(condition, "reason") != "SchedulingGated";
  });
}

Result<bool> wait_for_an_answer(kube::Client& client, const SchedulerProbe& probe, const std::string& target) {
  const auto give_up = std::chrono::steady_clock::now() + probe.patience;
  for (;;) {
    EBB_TRY(const auto pod, client.request({.target = target}));
    if (was_looked_at(pod.body)) return true;
    if (probe.interrupted && probe.interrupted()) return fail(Errc::cancelled, "interrupted");
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}   // namespace

Result<bool> somebody_schedules(kube::Client& client, const SchedulerProbe& probe) {
  const std::string pods = fmt::format("/api/v1/namespaces/{}/pods", probe.ns);
  const std::string target = fmt::format("{}/{}", pods, probe.name);
  const auto made = client.request({.method = "POST", .target = pods, .body = pod_text(probe)});
  if (!made && made.error().code != Errc::exists) return std::unexpected(Error(made.error()).with("asking for a scheduler"));
  auto answer = wait_for_an_answer(client, probe, target);
  const auto removed = client.request({.method = "DELETE", .target = target + "?gracePeriodSeconds=0"});
  if (!removed && removed.error().code != Errc::not_found) return std::unexpected(Error(removed.error()).with(target));
  return answer;
}

}   // namespace ebb::cli
