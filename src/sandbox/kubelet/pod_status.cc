#include "sandbox/kubelet/pod_status.h"

#include "base/rng.h"
#include "model/timestamp.h"

#include <algorithm>
#include <utility>

namespace ebb::sandbox {
namespace {

std::string text(Instant time) { return model::to_timestamp_text(time); }

std::string container_id(const PodLife& life, const ContainerSpec& spec, std::int32_t restarts) {
  return "containerd://" + simulated_digest(fmt::format("{}/{}/{}", life.spec().pod.uid.v, spec.name, restarts));
}

json::object terminated(const ContainerEnd& end, const std::string& id) {
  return {{"terminated",
           {{"exitCode", end.exit_code},
            {"reason", end.reason},
            {"startedAt", text(end.started)},
            {"finishedAt", text(end.finished)},
            {"containerID", id}}}};
}

json::object state_of(const ContainerRun& run, const std::string& id, const PodLife& life) {
  switch (run.stage) {
    case ContainerStage::running: return {{"running", {{"startedAt", text(run.started)}}}};
    case ContainerStage::terminated: return terminated(run.end, id);
    case ContainerStage::waiting: break;
  }
  json::object waiting{{"reason", run.waiting_reason}};
  if (run.waiting_reason == "CrashLoopBackOff") {
    waiting["message"] =
        fmt::format("back-off {}s restarting failed container of pod {}",
                    std::max<std::int64_t>((life.due() - run.last->finished).v / seconds(1).v, 0), model::to_string(life.spec().pod.key));
  }
  return {{"waiting", std::move(waiting)}};
}

json::object container_status(const PodLife& life, const ContainerSpec& spec, const ContainerRun& run, bool init) {
  const bool running = run.stage == ContainerStage::running;
  const bool was_created = running || run.stage == ContainerStage::terminated || run.last;
  const std::string id = container_id(life, spec, run.restarts);
  json::object status{
      {"name", spec.name},
      {"state", state_of(run, id, life)},
      {"lastState", run.last ? terminated(*run.last, container_id(life, spec, std::max(run.restarts - 1, 0))) : json::object{}},
      {"ready", init && !spec.sidecar ? run.stage == ContainerStage::terminated && run.end.exit_code == 0 : running},
      {"restartCount", run.restarts},
      {"image", spec.image},
      {"imageID", was_created ? spec.image + "@sha256:" + simulated_digest(spec.image) : ""},
      {"started", running}};
  if (was_created) status["containerID"] = id;
  return status;
}

json::array container_statuses(const PodLife& life, const std::vector<ContainerSpec>& specs, const std::vector<ContainerRun>& runs,
                               bool init) {
  json::array statuses;
  for (std::size_t i = 0; i < runs.size(); ++i) statuses.push_back(container_status(life, specs[i], runs[i], init));
  return statuses;
}

json::object condition(std::string_view type, bool holds, Instant since, std::string_view reason = {}, std::string_view message = {}) {
  json::object made{{"type", type}, {"status", holds ? "True" : "False"}, {"lastProbeTime", nullptr}, {"lastTransitionTime", text(since)}};
  if (!holds && !reason.empty()) made["reason"] = reason;
  if (!holds && !message.empty()) made["message"] = message;
  return made;
}

std::string unready(const PodLife& life) {
  std::string names;
  for (std::size_t i = 0; i < life.containers().size(); ++i) {
    if (life.containers()[i].stage == ContainerStage::running) continue;
    names += (names.empty() ? "" : " ") + life.spec().containers[i].name;
  }
  return fmt::format("containers with unready status: [{}]", names);
}

json::array conditions(const PodLife& life) {
  const bool done = life.phase() == "Succeeded";
  const std::string_view reason = done ? "PodCompleted" : life.phase() == "Failed" ? "PodFailed" : "ContainersNotReady";
  const std::string message = done || life.containers().empty() ? "" : unready(life);
  const bool created = life.stage() != PodStage::creating && !life.terminal();
  const Instant initialized =
      life.init_containers().empty() || life.containers().empty() ? life.start_time() : life.containers().front().started;
  return {condition("PodReadyToStartContainers", created, life.terminal() ? life.changed_ready() : life.start_time()),
          condition("Initialized", life.initialized() || done, life.initialized() ? initialized : life.start_time(),
                    "ContainersNotInitialized"),
          condition("Ready", life.ready(), life.changed_ready(), reason, message),
          condition("ContainersReady", life.ready(), life.changed_ready(), reason, message)};
}

}   // namespace

std::string simulated_digest(std::string_view of) {
  std::uint64_t seed = 0xcbf29ce484222325u;   // FNV-1a
  for (const char c : of) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  Rng rng(seed);
  return fmt::format("{:016x}{:016x}{:016x}{:016x}", rng.next(), rng.next(), rng.next(), rng.next());
}

json::object pod_status_patch(const PodLife& life, const PodAddresses& addresses) {
  json::object status{{"phase", life.phase()}, {"startTime", text(life.start_time())}, {"hostIP", addresses.host_ip}};
  status["hostIPs"] = json::array{json::object{{"ip", addresses.host_ip}}};
  if (!life.reason().empty()) status["reason"] = life.reason();
  if (!life.message().empty()) status["message"] = life.message();
  if (!addresses.pod_ip.empty() && life.stage() != PodStage::creating && !life.containers().empty()) {
    status["podIP"] = addresses.pod_ip;
    status["podIPs"] = json::array{json::object{{"ip", addresses.pod_ip}}};
  }
  if (!life.containers().empty()) {
    status["conditions"] = conditions(life);
    status["containerStatuses"] = container_statuses(life, life.spec().containers, life.containers(), false);
    if (!life.init_containers().empty()) {
      status["initContainerStatuses"] = container_statuses(life, life.spec().init_containers, life.init_containers(), true);
    }
  }
  return {{"metadata", {{"uid", life.spec().pod.uid.v}}}, {"status", std::move(status)}};
}

}   // namespace ebb::sandbox
