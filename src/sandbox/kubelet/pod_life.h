#pragma once

// The life of one pod on its node, without the node: containers are created, init containers run one
// after the other, sidecars stay, the workload runs, ends, is restarted with growing pauses, is
// stopped. Time is handed in; what the caller must do on the machine comes back as a step.
//
//   creating -> initializing -> running <-> backing_off
//       \             \            \            \
//        `-------------`------------`------------`--> stopping -> finished

#include "base/time.h"
#include "sandbox/api/controller.h"
#include "sandbox/kubelet/pod_spec.h"
#include "world/machine.h"
#include "world/workload.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::sandbox {

enum class ContainerStage { waiting, running, terminated };

struct ContainerEnd {
  std::int32_t exit_code = 0;
  std::string reason;   // Completed, Error, OOMKilled
  Instant started, finished;
};

struct ContainerRun {
  ContainerStage stage = ContainerStage::waiting;
  std::string waiting_reason = "ContainerCreating";
  Instant started;
  ContainerEnd end;                   // of this run, when terminated
  std::optional<ContainerEnd> last;   // of the run before
  std::int32_t restarts = 0;
};

enum class PodStage { creating, initializing, running, backing_off, stopping, finished };

class PodLife {
 public:
  // What happened and what the machine must do now.
  struct Step {
    bool start_workload = false;
    bool stop_workload = false;
    bool back_off = false;      // the pause before the next run is long enough to be told
    bool all_stopped = false;   // a deleted pod has stopped: its object can go
    bool containers_started = false;
  };

  PodLife(PodSpec spec, const world::Workload& workload, Instant now);
  // A pod that ran already when the simulation began goes on where it was.
  static PodLife adopted(PodSpec spec, const world::Workload& workload, Instant now);
  // A pod that its node refused, or that ended before the simulation began.
  static PodLife refused(PodSpec spec, std::string reason, std::string message, Instant now);

  // The instant at which step() wants to be called; kNever: only something from outside goes on.
  Instant due() const { return due_; }
  Step step(Instant now);
  Step workload_ended(const world::Ended& ended);
  // Deleted or evicted: within `grace`, and as fast as the workload can.
  Step stop(Instant now, Duration grace);
  // activeDeadlineSeconds is over, and the like: stopped, and Failed with this reason.
  Step fail(Instant now, std::string reason, std::string message);

  const PodSpec& spec() const { return spec_; }
  const world::Workload& workload() const { return workload_; }
  PodStage stage() const { return stage_; }
  std::string_view phase() const;
  bool ready() const;
  bool initialized() const;
  bool terminal() const { return stage_ == PodStage::finished; }
  std::int32_t restarts() const;
  std::int32_t runs() const { return runs_; }
  Instant start_time() const { return start_time_; }
  const std::string& reason() const { return reason_; }
  const std::string& message() const { return message_; }
  const std::vector<ContainerRun>& containers() const { return containers_; }
  const std::vector<ContainerRun>& init_containers() const { return init_; }
  Instant changed_ready() const { return ready_since_; }

 private:
  Step next_init(Instant now);
  Step start_containers(Instant now);
  Step restart_or_finish(Instant at, std::int32_t exit_code);
  void end_running(Instant at, std::int32_t exit_code);
  Step finish_stop(Instant now);
  Duration pause() const;

  PodSpec spec_;
  world::Workload workload_;
  PodStage stage_ = PodStage::creating;
  Instant due_ = kNever;
  Instant start_time_;
  Instant ready_since_;
  std::size_t init_at_ = 0;
  std::vector<ContainerRun> init_, containers_;
  std::int32_t runs_ = 0;      // of the workload, finished ones
  std::int32_t crashes_ = 0;   // in a row: what the next pause grows with
  std::int32_t stop_code_ = 0;
  bool deleting_ = false;
  std::string phase_override_, reason_, message_;
};

}   // namespace ebb::sandbox
