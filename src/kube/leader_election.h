#pragma once

// One of several equal processes acts, the others wait: a Lease of coordination.k8s.io names the holder,
// who renews it. Times are measured by what we observed on our own monotonic clock, so clocks that
// disagree do no harm; a holder that could not renew in time stops before another may begin.

#include "kube/client.h"
#include "kube/stop.h"
#include "model/names.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ebb::kube {

struct LeaderElectionOptions {
  model::ObjectKey lease{"kube-system", "openfuyao-scheduler"};   // a namespace that always exists
  std::string identity;                                           // unique to this process
  Duration lease_duration = seconds(15);
  Duration renew_deadline = seconds(10);   // shorter than lease_duration
  Duration retry_period = seconds(2);
  std::function<Instant()> now;         // for the times written into the Lease; empty: the system's clock
  std::function<Instant()> monotonic;   // empty: the machine's
};

// Host name and a random number: two processes on one host differ.
std::string election_identity();

class LeaderElection final {
 public:
  LeaderElection(Client& client, LeaderElectionOptions options);

  // Waits until we hold the lease. Errors: cancelled, denied (we may not touch the Lease); anything
  // else is told to `trouble` and tried again.
  Status acquire(const Stop& stop, const std::function<void(const Error&)>& trouble);
  // Renews until stopped. Errors: unavailable when the lease was lost: stop acting at once.
  Status hold(const Stop& stop);
  // Lets the next one begin at once instead of after lease_duration. Best effort.
  void release();

  // One attempt: true when we hold it now. Errors as Client::request, but a lost race is no error.
  Result<bool> try_once(const Stop* stop);
  std::string_view holder() const { return observed_.holder; }   // as last seen

 private:
  struct Record {
    std::string holder;
    std::string resource_version;
    std::int64_t transitions = 0;
    std::string acquire_time;
    std::optional<Duration> duration;   // what the holder says; a released lease says one second
  };

  Result<std::optional<Record>> read(const Stop* stop);
  Result<bool> write(const Record* old, std::string_view holder, Duration duration, const Stop* stop);

  Client& client_;
  const LeaderElectionOptions options_;
  Record observed_;
  Instant observed_at_;   // monotonic: when the record last changed
};

}   // namespace ebb::kube
