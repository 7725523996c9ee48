#include "cli/cluster/read_cluster.h"

#include "kube/kube_cluster.h"

#include <fmt/format.h>

#include <chrono>
#include <mutex>

namespace ebb::cli {
namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kEventsAtOnce = 10'000;

// The last thing that went wrong while the cluster was read, for the message when it takes too long.
class LastNote {
 public:
  void set(const kube::ClusterNote& note) {
    const std::lock_guard lock(mutex_);
    text_ = fmt::format("{}: {}", note.object, note.message);
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_ = "it does not answer";
};

}   // namespace

Status read_cluster(kube::Client& client, const std::function<void(model::ClusterEvent)>& take) {
  // What will never work is found out at once; the watches below would try again until patience is over.
  EBB_TRY([[maybe_unused]] const auto answer, client.request({.target = "/api/v1/nodes?limit=1"}));
  LastNote note;
  kube::KubeClusterOptions options;
  options.note = [&note](const kube::ClusterNote& one) { note.set(one); };
  kube::KubeCluster cluster(client, std::move(options));
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  for (bool synced = false; !synced;) {
    for (model::ClusterEvent& event : cluster.take_events(kEventsAtOnce, milliseconds(200))) {
      synced = synced || std::holds_alternative<model::Synced>(event);
      take(std::move(event));
    }
    if (!synced && std::chrono::steady_clock::now() > give_up) {
      return fail(Errc::unavailable, "reading the cluster takes too long: {}", note.text());
    }
  }
  return {};
}

}   // namespace ebb::cli
