#include "sandbox/kubelet/pod_life.h"

#include <algorithm>
#include <utility>

namespace ebb::sandbox {
namespace {

constexpr Duration kInitRun = milliseconds(200);   // what a simulated init container takes
constexpr Duration kFirstPause = seconds(10);
constexpr Duration kLongestPause = minutes(5);
constexpr Duration kCalm = minutes(10);   // a run this long forgets the crashes before it
constexpr std::int32_t kTerminated = 143, kKilled = 137;

std::vector<ContainerRun> runs_of(const std::vector<ContainerSpec>& specs, std::string_view waiting) {
  std::vector<ContainerRun> runs(specs.size());
  for (std::size_t i = 0; i < specs.size(); ++i) {
    runs[i].waiting_reason = waiting;
    runs[i].restarts = specs[i].restarts;
  }
  return runs;
}

std::string_view end_reason(std::int32_t exit_code) { return exit_code == 0 ? "Completed" : "Error"; }

void run(ContainerRun& container, Instant now) {
  container.stage = ContainerStage::running;
  container.started = now;
}

void end(ContainerRun& container, Instant at, std::int32_t exit_code, std::string_view reason) {
  container.stage = ContainerStage::terminated;
  container.end = {.exit_code = exit_code, .reason = std::string(reason), .started = container.started, .finished = at};
}

bool is_running(const ContainerRun& container) { return container.stage == ContainerStage::running; }

}   // namespace

PodLife::PodLife(PodSpec spec, const world::Workload& workload, Instant now)
    : spec_(std::move(spec)), workload_(workload), start_time_(now), ready_since_(now) {
  const std::string_view waiting = spec_.init_containers.empty() ? "ContainerCreating" : "PodInitializing";
  init_ = runs_of(spec_.init_containers, "PodInitializing");
  containers_ = runs_of(spec_.containers, waiting);
  due_ = now + workload_.start;
}

PodLife PodLife::adopted(PodSpec spec, const world::Workload& workload, Instant now) {
  PodLife life(std::move(spec), workload, now);
  life.start_time_ = life.spec_.started.value_or(now);
  for (std::size_t i = 0; i < life.init_.size(); ++i) {
    run(life.init_[i], life.start_time_);
    if (!life.spec_.init_containers[i].sidecar) end(life.init_[i], life.start_time_, 0, "Completed");
  }
  life.init_at_ = life.init_.size();
  life.runs_ = life.containers_.empty() ? 0 : life.containers_.front().restarts;
  life.due_ = now;   // its next step starts the containers, and with them the workload
  return life;
}

PodLife PodLife::refused(PodSpec spec, std::string reason, std::string message, Instant now) {
  PodLife life(std::move(spec), {}, now);
  life.stage_ = PodStage::finished;
  life.due_ = kNever;
  life.phase_override_ = "Failed";
  life.reason_ = std::move(reason);
  life.message_ = std::move(message);
  life.containers_.clear();
  life.init_.clear();
  return life;
}

std::string_view PodLife::phase() const {
  if (!phase_override_.empty()) return phase_override_;
  if (stage_ == PodStage::creating || stage_ == PodStage::initializing) return "Pending";
  if (stage_ != PodStage::finished) {
    const bool never_ran =
        std::ranges::all_of(containers_, [](const ContainerRun& c) { return c.stage == ContainerStage::waiting && !c.last; });
    return never_ran ? "Pending" : "Running";
  }
  const auto failed = [](const ContainerRun& c) { return c.stage != ContainerStage::terminated || c.end.exit_code != 0; };
  return std::ranges::any_of(containers_, failed) ? "Failed" : "Succeeded";
}

bool PodLife::ready() const { return stage_ == PodStage::running && std::ranges::all_of(containers_, is_running); }

bool PodLife::initialized() const { return init_at_ >= init_.size() && stage_ != PodStage::creating; }

std::int32_t PodLife::restarts() const {
  std::int32_t sum = 0;
  for (const ContainerRun& c : init_) sum += c.restarts;
  for (const ContainerRun& c : containers_) sum += c.restarts;
  return sum;
}

PodLife::Step PodLife::step(Instant now) {
  if (now < due_) return {};
  due_ = kNever;
  switch (stage_) {
    case PodStage::creating:
    case PodStage::initializing: return next_init(now);
    case PodStage::backing_off: return start_containers(now);
    case PodStage::stopping: return finish_stop(now);
    case PodStage::running:
    case PodStage::finished: return {};
  }
  return {};
}

// Ends the init container that ran and starts the following one; sidecars start and stay.
PodLife::Step PodLife::next_init(Instant now) {
  stage_ = PodStage::initializing;
  if (init_at_ < init_.size() && is_running(init_[init_at_])) {
    end(init_[init_at_], now, 0, "Completed");
    ++init_at_;
  }
  while (init_at_ < init_.size()) {
    run(init_[init_at_], now);
    if (!spec_.init_containers[init_at_].sidecar) {
      due_ = now + kInitRun;
      return {};
    }
    ++init_at_;
  }
  return start_containers(now);
}

PodLife::Step PodLife::start_containers(Instant now) {
  for (ContainerRun& container : containers_) {
    if (is_running(container)) continue;
    if (container.stage == ContainerStage::terminated) container.last = container.end;
    if (container.last) ++container.restarts;
    run(container, now);
  }
  stage_ = PodStage::running;
  ready_since_ = now;
  return {.start_workload = true, .containers_started = true};
}

Duration PodLife::pause() const {
  if (crashes_ <= 1) return workload_.start;   // the first time at once
  Duration pause = kFirstPause;
  for (std::int32_t i = 2; i < crashes_ && pause < kLongestPause; ++i) pause = pause * 2;
  return std::min(pause, kLongestPause);
}

PodLife::Step PodLife::workload_ended(const world::Ended& ended) {
  if ((stage_ != PodStage::running && stage_ != PodStage::stopping) || containers_.empty()) return {};
  ContainerRun& worker = containers_.front();
  if (ended.at - worker.started >= kCalm) crashes_ = 0;
  end(worker, ended.at, ended.exit_code, ended.out_of_memory ? "OOMKilled" : end_reason(ended.exit_code));
  ready_since_ = ended.at;
  ++runs_;
  if (stage_ == PodStage::stopping) return {};   // it was done before it had to stop
  return restart_or_finish(ended.at, ended.exit_code);
}

PodLife::Step PodLife::restart_or_finish(Instant at, std::int32_t exit_code) {
  const bool again = spec_.restart == RestartPolicy::always || (spec_.restart == RestartPolicy::on_failure && exit_code != 0);
  if (!again) {
    end_running(at, 0);
    stage_ = PodStage::finished;
    due_ = kNever;
    return {};
  }
  ++crashes_;
  ContainerRun& worker = containers_.front();
  worker.last = worker.end;
  stage_ = PodStage::backing_off;
  due_ = at + pause();
  if (crashes_ > 1) {
    worker.stage = ContainerStage::waiting;
    worker.waiting_reason = "CrashLoopBackOff";
  }
  return {.back_off = crashes_ > 1};
}

void PodLife::end_running(Instant at, std::int32_t exit_code) {
  for (ContainerRun& c : containers_) {
    if (is_running(c)) end(c, at, exit_code, end_reason(exit_code));
  }
  for (ContainerRun& c : init_) {
    if (is_running(c)) end(c, at, 0, "Completed");
  }
}

PodLife::Step PodLife::stop(Instant now, Duration grace) {
  deleting_ = true;
  if (stage_ == PodStage::finished) return {.all_stopped = true};
  if (stage_ == PodStage::stopping) {   // a shorter grace overtakes
    due_ = std::min(due_, now + std::max(grace, Duration{0}));
    return {};
  }
  const bool had_run = stage_ == PodStage::running;
  // A service ends well when it is told to; work that is not done was interrupted.
  stop_code_ = grace < workload_.stop ? kKilled : workload_.ends() ? kTerminated : 0;
  stage_ = PodStage::stopping;
  due_ = now + (had_run ? std::min(std::max(grace, Duration{0}), workload_.stop) : Duration{0});
  return {};
}

PodLife::Step PodLife::fail(Instant now, std::string reason, std::string message) {
  if (stage_ == PodStage::finished || stage_ == PodStage::stopping) return {};
  reason_ = std::move(reason);
  message_ = std::move(message);
  phase_override_ = "Failed";
  end_running(now, kTerminated);
  stage_ = PodStage::finished;
  due_ = kNever;
  ready_since_ = now;
  return {.stop_workload = true};
}

PodLife::Step PodLife::finish_stop(Instant now) {
  end_running(now, stop_code_);
  for (ContainerRun& c : containers_) {
    if (c.stage == ContainerStage::waiting) end(c, now, c.last ? c.last->exit_code : kKilled, "Error");
  }
  stage_ = PodStage::finished;
  ready_since_ = now;
  return {.stop_workload = true, .all_stopped = true};
}

}   // namespace ebb::sandbox
