#include "cli/scheduler_thread.h"

#include "kube/client.h"
#include "kube/kube_cluster.h"
#include "kube/kubeconfig.h"
#include "kube/pace.h"
#include "services/scheduler.h"
#include "telemetry/event_log.h"

#include <atomic>
#include <thread>

namespace ebb::cli {
namespace {

class Running final : public SchedulerThread {
 public:
  Running(std::unique_ptr<kube::Client> client, const sandbox::Clock& clock)
      : clock_(clock),
        log_(
            LogLevel::warning, [&clock] { return clock.now(); }, standard_error_sink()),
        client_(std::move(client)),
        cluster_(*client_, options()),
        thread_([this] { main(); }) {}

  ~Running() override {
    stopping_ = true;
    client_->close();
    thread_.join();
  }

 private:
  kube::KubeClusterOptions options() {
    kube::KubeClusterOptions options;
    options.pace.speed = Permille{clock_.speed() * 1000};
    options.now = [this] { return clock_.now(); };
    options.note = [this](const kube::ClusterNote& note) {
      log_.write(LogLevel::warning, note.event, {{"object", note.object}, {"message", note.message}});
    };
    return options;
  }

  void main() {
    services::SchedulerOptions options;
    // Nobody else is there to place the pods that name no scheduler.
    options.placement.profiles.push_back(model::default_profile(model::kDefaultSchedulerName));
    options.patience = milliseconds(20);
    services::SchedulerService scheduler(cluster_, options);
    while (!stopping_) static_cast<void>(scheduler.run_once(clock_.now()));
  }

  const sandbox::Clock& clock_;
  EventLog log_;
  std::unique_ptr<kube::Client> client_;
  kube::KubeCluster cluster_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}   // namespace

Result<std::unique_ptr<SchedulerThread>> SchedulerThread::start(const std::string& kubeconfig, const sandbox::Clock& clock) {
  EBB_TRY(auto access, kube::parse_kubeconfig({{.path = "the sandbox's kubeconfig", .text = kubeconfig}}));
  EBB_TRY(auto client, kube::Client::make(std::move(access)));
  return std::make_unique<Running>(std::move(client), clock);
}

}   // namespace ebb::cli
