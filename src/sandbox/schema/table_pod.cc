// What a pod is doing, in one word, from its phase, its containers' states and its deletion.
#include "sandbox/schema/table_kinds.h"

#include "base/result.h"

namespace ebb::sandbox::table {

namespace {

struct Summary {
  std::string reason;
  std::int64_t ready = 0;
  std::int64_t total = 0;
  std::int64_t restarts = 0;
  std::string last_restart;   // timestamps in one form compare as text
};

struct RestartCount {
  std::int64_t count = 0;
  std::string last;

  void add(const json::value& status) {
    if (const json::value* restarts = find_member(status, "restartCount"); restarts && restarts->is_int64()) count += restarts->get_int64();
    const std::string_view finished = string_at(status, "lastState.terminated.finishedAt");
    if (finished > last) last = finished;
  }
};

bool flag(const json::value& value, std::string_view path) {
  const json::value* found = find_path(value, path);
  return found && found->is_bool() && found->get_bool();
}

std::int64_t number(const json::value& value, std::string_view path) {
  const json::value* found = find_path(value, path);
  return found && found->is_int64() ? found->get_int64() : 0;
}

bool condition_is_true(const json::object& pod, std::string_view type) {
  const json::array* conditions = array_at(pod, "status.conditions");
  if (!conditions) return false;
  for (const json::value& condition : *conditions) {
    if (string_at(condition, "type") == type) return string_at(condition, "status") == "True";
  }
  return false;
}

// A sidecar: an init container that stays.
bool is_restartable_init(const json::object& pod, std::string_view name) {
  const json::array* inits = array_at(pod, "spec.initContainers");
  if (!inits) return false;
  for (const json::value& container : *inits) {
    if (string_at(container, "name") == name) return string_at(container, "restartPolicy") == "Always";
  }
  return false;
}

std::string terminated_reason(const json::value& terminated) {
  if (const std::string_view reason = string_at(terminated, "reason"); !reason.empty()) return std::string(reason);
  if (const std::int64_t signal = number(terminated, "signal"); signal != 0) return fmt::format("Signal:{}", signal);
  return fmt::format("ExitCode:{}", number(terminated, "exitCode"));
}

// The first init container that is not done says what the pod waits for. False: all are.
bool add_init(const json::object& pod, Summary& summary, RestartCount& all, RestartCount& sidecars) {
  const json::array* statuses = array_at(pod, "status.initContainerStatuses");
  if (!statuses) return false;
  const json::array* inits = array_at(pod, "spec.initContainers");
  for (std::size_t i = 0; i < statuses->size(); ++i) {
    const json::value& status = (*statuses)[i];
    const bool sidecar = is_restartable_init(pod, string_at(status, "name"));
    all.add(status);
    if (sidecar) sidecars.add(status);
    const json::value* terminated = find_path(status, "state.terminated");
    const std::string_view waiting = string_at(status, "state.waiting.reason");
    if (terminated && number(*terminated, "exitCode") == 0) continue;
    if (sidecar && flag(status, "started")) {
      if (flag(status, "ready")) ++summary.ready;
      continue;
    }
    if (terminated)
      summary.reason = "Init:" + terminated_reason(*terminated);
    else if (!waiting.empty() && waiting != "PodInitializing")
      summary.reason = fmt::format("Init:{}", waiting);
    else
      summary.reason = fmt::format("Init:{}/{}", i, inits ? inits->size() : 0);
    return true;
  }
  return false;
}

void add_containers(const json::object& pod, Summary& summary, RestartCount& restarts) {
  bool running = false;
  std::string failed;
  if (const json::array* statuses = array_at(pod, "status.containerStatuses")) {
    for (std::size_t i = statuses->size(); i-- > 0;) {
      const json::value& status = (*statuses)[i];
      restarts.add(status);
      const json::value* terminated = find_path(status, "state.terminated");
      if (const std::string_view waiting = string_at(status, "state.waiting.reason"); !waiting.empty()) {
        summary.reason = waiting;
      } else if (terminated) {
        summary.reason = terminated_reason(*terminated);
        if (number(*terminated, "exitCode") != 0) failed = summary.reason;
      } else if (flag(status, "ready") && find_path(status, "state.running")) {
        running = true;
        ++summary.ready;
      }
    }
  }
  if (summary.reason != "Completed") return;
  if (running && condition_is_true(pod, "Ready"))
    summary.reason = "Running";
  else if (!failed.empty())
    summary.reason = failed;
  else if (running)
    summary.reason = "NotReady";
}

Summary summarize(const json::object& pod) {
  Summary summary;
  const std::string_view phase = string_at(pod, "status.phase");
  const std::string_view why = string_at(pod, "status.reason");
  summary.reason = why.empty() ? phase : why;
  if (const json::array* conditions = array_at(pod, "status.conditions")) {
    for (const json::value& condition : *conditions) {
      if (string_at(condition, "type") == "PodScheduled" && string_at(condition, "reason") == "SchedulingGated")
        summary.reason = "SchedulingGated";
    }
  }
  if (const json::array* containers = array_at(pod, "spec.containers")) summary.total = static_cast<std::int64_t>(containers->size());
  if (const json::array* inits = array_at(pod, "spec.initContainers")) {
    for (const json::value& init : *inits) summary.total += string_at(init, "restartPolicy") == "Always" ? 1 : 0;
  }
  RestartCount restarts;
  RestartCount sidecars;
  const bool initializing = add_init(pod, summary, restarts, sidecars);
  if (!initializing || condition_is_true(pod, "Initialized")) {
    restarts = sidecars;
    add_containers(pod, summary, restarts);
  }
  summary.restarts = restarts.count;
  summary.last_restart = restarts.last;
  const bool deleted = !string_at(pod, "metadata.deletionTimestamp").empty();
  if (deleted && why == "NodeLost")
    summary.reason = "Unknown";
  else if (deleted && phase != "Succeeded" && phase != "Failed")
    summary.reason = "Terminating";
  return summary;
}

}   // namespace

json::value pod_ready(const Row& row, std::string_view) {
  const Summary summary = summarize(row.object);
  return json::value(std::string_view(fmt::format("{}/{}", summary.ready, summary.total)));
}

json::value pod_status(const Row& row, std::string_view) { return json::value(std::string_view(summarize(row.object).reason)); }

json::value pod_restarts(const Row& row, std::string_view) {
  const Summary summary = summarize(row.object);
  if (summary.restarts == 0 || summary.last_restart.empty()) return json::value(std::string_view(fmt::format("{}", summary.restarts)));
  const json::value last(std::string_view(summary.last_restart));
  return json::value(std::string_view(fmt::format("{} ({} ago)", summary.restarts, human_since(&last, row.now))));
}

json::value pod_gates(const Row& row, std::string_view) {
  const json::array* gates = array_at(row.object, "spec.readinessGates");
  if (!gates || gates->empty()) return "<none>";
  std::size_t met = 0;
  for (const json::value& gate : *gates) met += condition_is_true(row.object, string_at(gate, "conditionType")) ? 1 : 0;
  return json::value(std::string_view(fmt::format("{}/{}", met, gates->size())));
}

}   // namespace ebb::sandbox::table
