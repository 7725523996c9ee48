#include "cli/scheduler/scheduler_loop.h"

#include "kube/kube_cluster.h"
#include "services/scheduler.h"

#include <chrono>

namespace ebb::cli {
namespace {

constexpr Duration kFinish = seconds(2);   // for what was decided already

std::int64_t milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
}

}   // namespace

Instant system_now() {
  return Instant{std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

void run_scheduler_loop(kube::Client& client, const SchedulerLoopOptions& options, EventLog& log, const kube::Stop& stop) {
  const auto start = std::chrono::steady_clock::now();
  kube::KubeClusterOptions cluster_options{.pace = options.pace, .now = options.now};
  cluster_options.controller = options.profiles.front().scheduler_name;
  cluster_options.note = [&log](const kube::ClusterNote& note) {
    log.write(LogLevel::warning, note.event, {{"object", std::string_view(note.object)}, {"message", std::string_view(note.message)}});
  };
  kube::KubeCluster cluster(client, std::move(cluster_options));

  services::SchedulerOptions scheduler_options;
  scheduler_options.placement.profiles = options.profiles;
  scheduler_options.placement.first_backoff = options.pod_initial_backoff;
  scheduler_options.placement.most_backoff = options.pod_max_backoff;
  scheduler_options.placement.publish_oversold = options.publish_oversold;
  services::SchedulerService scheduler(cluster, std::move(scheduler_options));
  for (bool synced = false; !stop.requested();) {
    scheduler.run_once(options.now());
    if (synced || !scheduler.placement().synced()) continue;
    synced = true;
    const auto counts = scheduler.placement().counts();
    log.write(LogLevel::info, "scheduler_synced",
              {{"nodes", static_cast<std::int64_t>(counts.nodes)},
               {"pods", static_cast<std::int64_t>(counts.pods)},
               {"after_ms", milliseconds_since(start)}});
  }
  cluster.finish_actions(kFinish);
}

}   // namespace ebb::cli
