#pragma once

// What happens to the demo's workloads during one run, seen as any client of the cluster sees it.
// Pure: looks at snapshots, remembers extremes.

#include "cli/cluster/cluster_snapshot.h"
#include "cli/demo/demo_report.h"
#include "cli/demo/live_view.h"

#include <cstdint>
#include <set>

namespace ebb::cli {

inline const model::ObjectKey kOnlineDeployment{"production", "online-web-service"};
inline const model::ObjectKey kCheckoutDeployment{"production", "checkout"};
inline const model::ObjectKey kOfflineJob{"offline", "data-analytics-job"};

class RunObserver {
 public:
  struct Wanted {
    std::int64_t online = 5;
    std::int64_t checkout = 34;
    std::int64_t offline = 50;
    std::int64_t parallelism = 10;
  };
  explicit RunObserver(Wanted wanted) : wanted_(wanted) {}

  void look(const ClusterSnapshot& snapshot);

  bool services_run() const { return online_running_ >= wanted_.online && checkout_running_ >= wanted_.checkout; }
  bool job_done() const { return offline_completed_ >= wanted_.offline; }
  // Counters only; times and what machines measure are the caller's.
  DemoRun run() const;
  LiveFrame frame(const ClusterSnapshot& snapshot) const;

 private:
  void count_online(const model::Pod& pod);
  void count_offline(const model::Pod& pod);

  Wanted wanted_;
  std::int64_t online_running_ = 0;
  std::int64_t online_container_restarts_ = 0;
  std::set<model::Uid> online_started_;
  std::int64_t checkout_running_ = 0;
  std::int64_t offline_running_ = 0;
  std::int64_t offline_max_running_ = 0;
  std::int64_t offline_completed_ = 0;
  std::set<model::Uid> offline_stopped_;   // taken away before they were done
};

}   // namespace ebb::cli
