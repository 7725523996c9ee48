#include "kube/kube_cluster.h"

#include "kube/actions.h"
#include "kube/bounded_queue.h"
#include "kube/deadline.h"
#include "kube/ordered_workers.h"
#include "kube/reflector.h"
#include "model/policy_parser.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <random>
#include <thread>
#include <utility>

namespace ebb::kube {
namespace {

constexpr Duration kMetricsPatience = seconds(10);

struct Watched {
  ObjectType type;
  Resource resource;
  ListQuery query;
  bool may_be_absent = false;
};

// Everything that decisions look at.
std::vector<Watched> watched_resources() {
  const auto named = [](std::string_view name) {
    return ListQuery{.ns = std::string(model::kPolicyNamespace), .field_selector = fmt::format("metadata.name={}", name)};
  };
  return {
      {ObjectType::pod, resources::kPods, {}},
      {ObjectType::node, resources::kNodes, {}},
      {ObjectType::replica_set, resources::kReplicaSets, {}},
      {ObjectType::deployment, resources::kDeployments, {}},
      {ObjectType::job, resources::kJobs, {}},
      {ObjectType::cron_job, resources::kCronJobs, {}},
      {ObjectType::stateful_set, resources::kStatefulSets, {}},
      {ObjectType::daemon_set, resources::kDaemonSets, {}},
      {ObjectType::replication_controller, resources::kReplicationControllers, {}},
      {ObjectType::priority_class, resources::kPriorityClasses, {}},
      {ObjectType::name_space, resources::kNamespaces, {}},
      {ObjectType::service, resources::kServices, {}},
      {ObjectType::disruption_budget, resources::kDisruptionBudgets, {}},
      {ObjectType::volume_claim, resources::kVolumeClaims, {}},
      {ObjectType::volume, resources::kVolumes, {}},
      {ObjectType::storage_class, resources::kStorageClasses, {}},
      {ObjectType::csi_node, resources::kCsiNodes, {}},
      {ObjectType::csi_driver, resources::kCsiDrivers, {}},
      {ObjectType::csi_storage_capacity, resources::kCsiStorageCapacities, {}},
      {ObjectType::pod_group, resources::kPodGroups, {}, true},
      {ObjectType::volcano_pod_group, resources::kVolcanoPodGroups, {}, true},
      {ObjectType::plugins_pod_group, resources::kPluginsPodGroups, {}, true},
      {ObjectType::volcano_queue, resources::kVolcanoQueues, {}, true},
      {ObjectType::node_resource_topology, resources::kNodeResourceTopologies, {}, true},
      {ObjectType::numatopology, resources::kNumatopologies, {}, true},
      {ObjectType::policy_config_map, resources::kConfigMaps, named(model::kPolicyConfigMap)},
      {ObjectType::node_config_map, resources::kConfigMaps, named(model::kNodeConfigMap)},
      {ObjectType::colocation_policy, resources::kColocationPolicies, {}, true},
      {ObjectType::node_report, resources::kNodeReports, {}, true},
  };
}

model::ClusterEvent gone_event(const GoneObject& gone) {
  switch (gone.type) {
    case ObjectType::pod: return model::PodGone{.key = gone.key, .uid = gone.uid};
    case ObjectType::node: return model::NodeGone{.name = model::NodeName(gone.key.name)};
    case ObjectType::node_report: return model::ReportGone{.node = model::NodeName(gone.key.name)};
    case ObjectType::priority_class: return model::PriorityClassGone{.name = gone.key.name};
    case ObjectType::policy_config_map: return model::PolicyDocumentGone{.source = model::PolicySource::policy_config_map, .key = gone.key};
    case ObjectType::node_config_map: return model::PolicyDocumentGone{.source = model::PolicySource::node_config_map, .key = gone.key};
    case ObjectType::colocation_policy: return model::PolicyDocumentGone{.source = model::PolicySource::policy_resource, .key = gone.key};
    case ObjectType::name_space: return model::NamespaceGone{.name = gone.key.name};
    case ObjectType::service: return model::ServiceGone{.key = gone.key};
    case ObjectType::disruption_budget: return model::DisruptionBudgetGone{.key = gone.key};
    case ObjectType::volume_claim: return model::VolumeClaimGone{.key = gone.key};
    case ObjectType::volume: return model::VolumeGone{.name = gone.key.name};
    case ObjectType::storage_class: return model::StorageClassGone{.name = gone.key.name};
    case ObjectType::csi_node: return model::CsiNodeGone{.node = model::NodeName(gone.key.name)};
    case ObjectType::csi_driver: return model::CsiDriverGone{.name = gone.key.name};
    case ObjectType::csi_storage_capacity: return model::CsiStorageCapacityGone{.key = gone.key};
    case ObjectType::pod_group: return model::PodGroupGone{.dialect = model::PodGroupDialect::kubernetes, .key = gone.key};
    case ObjectType::volcano_pod_group: return model::PodGroupGone{.dialect = model::PodGroupDialect::volcano, .key = gone.key};
    case ObjectType::plugins_pod_group: return model::PodGroupGone{.dialect = model::PodGroupDialect::scheduler_plugins, .key = gone.key};
    case ObjectType::volcano_queue: return model::QueueGone{.name = gone.key.name};
    case ObjectType::node_resource_topology:
      return model::NodeTopologyGone{.source = model::TopologySource::node_resource_topology, .node = model::NodeName(gone.key.name)};
    case ObjectType::numatopology:
      return model::NodeTopologyGone{.source = model::TopologySource::numatopology, .node = model::NodeName(gone.key.name)};
    default: return model::OwnerGone{.kind = std::string(kind_of(gone.type)), .key = gone.key, .uid = gone.uid};
  }
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "ebb";
}

KubeClusterOptions with_defaults(KubeClusterOptions options) {
  if (!options.now) {
    options.now = [] {
      const auto since = std::chrono::system_clock::now().time_since_epoch();
      return Instant{std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
    };
  }
  if (!options.note) options.note = [](const ClusterNote&) {};
  if (options.instance.empty()) options.instance = host_name();
  if (options.seed == 0) options.seed = std::uint64_t{std::random_device{}()} << 32 | std::random_device{}();
  return options;
}

}   // namespace

class KubeCluster::Impl final {
 public:
  Impl(Client& client, KubeClusterOptions options);
  ~Impl();

  std::vector<model::ClusterEvent> take_events(std::size_t max, Duration patience);
  void submit(std::uint64_t id, model::ClusterAction action);
  std::vector<model::ActionDone> take_results();
  void finish_actions(Duration real);

 private:
  ReflectorSink sink_for(const Watched& watched);
  void one_listed();
  void metrics_listed();
  void poll_metrics();
  bool poll_once(Decoder& decoder, const Resource& resource);
  void done(std::uint64_t id, Status status, std::string object);

  Client& client_;
  const KubeClusterOptions options_;
  Stop stop_;
  ActionPerformer performer_;
  BoundedQueue<model::ClusterEvent> events_;
  std::mutex results_mutex_;
  std::vector<model::ActionDone> results_;
  std::atomic<std::size_t> unlisted_;
  std::atomic<bool> metrics_listed_{false};
  OrderedWorkers workers_;
  std::vector<std::thread> threads_;
};

KubeCluster::Impl::Impl(Client& client, KubeClusterOptions options)
    : client_(client),
      options_(with_defaults(std::move(options))),
      performer_(client, {.controller = options_.controller, .instance = options_.instance, .now = options_.now}),
      events_(options_.events_max),
      unlisted_(0),
      workers_(options_.workers, options_.actions_max) {
  Rng rng(options_.seed);
  const std::vector<Watched> all = watched_resources();
  unlisted_ = all.size() + 1;   // and the first look at the metrics, which may find none
  for (const Watched& watched : all) {
    ReflectorOptions reflector{
        .type = watched.type, .resource = watched.resource, .query = watched.query, .may_be_absent = watched.may_be_absent};
    reflector.pace = options_.pace;
    reflector.seed = rng.next();
    threads_.emplace_back([this, watched, reflector] { Reflector(client_, reflector, sink_for(watched)).run(stop_); });
  }
  threads_.emplace_back([this] { poll_metrics(); });
  // A metrics server that hangs must not keep everybody waiting.
  threads_.emplace_back([this] {
    if (!stop_.wait_for(kMetricsPatience)) metrics_listed();
  });
}

KubeCluster::Impl::~Impl() {
  stop_.request();
  events_.close();
  for (std::thread& thread : threads_) thread.join();
}

ReflectorSink KubeCluster::Impl::sink_for(const Watched& watched) {
  ReflectorSink sink;
  sink.seen = [this](Decoded object) { return events_.push(std::move(object.seen)); };
  sink.gone = [this](const GoneObject& gone) {
    if (gone.type == ObjectType::pod) performer_.forget_pod(gone.uid);
    return events_.push(gone_event(gone));
  };
  sink.listed = [this] { one_listed(); };
  sink.trouble = [this, resource = watched.resource.plural](const Error& error) {
    options_.note(
        {.event = error.code == Errc::invalid ? "object_left_out" : "watch_failed", .object = resource, .message = error.message});
  };
  return sink;
}

void KubeCluster::Impl::one_listed() {
  if (unlisted_.fetch_sub(1) == 1) events_.push(model::Synced{});
}

void KubeCluster::Impl::metrics_listed() {
  if (!metrics_listed_.exchange(true)) one_listed();
}

bool KubeCluster::Impl::poll_once(Decoder& decoder, const Resource& resource) {
  auto page = list_decoded(client_, decoder, resource, {}, &stop_);
  if (!page) {
    // Not installed, or installed and without a server behind it: nobody measures here.
    const bool absent = page.error().code == Errc::not_found || page.error().code == Errc::cancelled;
    if (!absent) options_.note({.event = "metrics_failed", .object = resource.plural, .message = page.error().message});
    return true;
  }
  for (Decoded& object : page->items) {
    if (!events_.push(std::move(object.seen))) return false;
  }
  return true;
}

void KubeCluster::Impl::poll_metrics() {
  Decoder nodes(ObjectType::node_metrics);
  Decoder pods(ObjectType::pod_metrics);
  for (bool first = true; poll_once(nodes, resources::kNodeMetrics) && poll_once(pods, resources::kPodMetrics); first = false) {
    if (first) metrics_listed();
    if (stop_.wait_for(options_.pace.poll_interval(options_.metrics_interval))) return;
  }
}

std::vector<model::ClusterEvent> KubeCluster::Impl::take_events(std::size_t max, Duration patience) {
  // Never shorter than 5 ms, so that a fast clock does not make the caller spin.
  const Duration real = patience <= Duration{} ? Duration{} : std::max(options_.pace.real(patience), milliseconds(5));
  return events_.take(max, real);
}

void KubeCluster::Impl::submit(std::uint64_t id, model::ClusterAction action) {
  std::string key = ActionPerformer::key_of(action);
  const auto urgency =
      std::holds_alternative<model::PostEvent>(action) ? OrderedWorkers::Urgency::later : OrderedWorkers::Urgency::pressing;
  const bool taken =
      workers_.submit(key, urgency, [this, id, key, action = std::move(action)] { done(id, performer_.perform(action, &stop_), key); });
  if (!taken) done(id, fail(Errc::overloaded, "too many actions wait already"), std::move(key));
}

void KubeCluster::Impl::done(std::uint64_t id, Status status, std::string object) {
  model::ActionDone result{.id = id, .error = {}};
  if (!status) {
    if (status.error().code != Errc::cancelled)
      options_.note({.event = "action_refused", .object = std::move(object), .message = status.error().message});
    result.error = std::move(status).error();
  }
  {
    const std::lock_guard lock(results_mutex_);
    results_.push_back(std::move(result));
  }
  events_.wake();
}

std::vector<model::ActionDone> KubeCluster::Impl::take_results() {
  const std::lock_guard lock(results_mutex_);
  return std::exchange(results_, {});
}

void KubeCluster::Impl::finish_actions(Duration real) {
  const Deadline deadline = Deadline::after(real);
  workers_.drain([&] { return deadline.passed(); });
}

KubeCluster::KubeCluster(Client& client, KubeClusterOptions options) : impl_(std::make_unique<Impl>(client, std::move(options))) {}
KubeCluster::~KubeCluster() = default;
std::vector<model::ClusterEvent> KubeCluster::take_events(std::size_t max, Duration patience) { return impl_->take_events(max, patience); }
void KubeCluster::submit(std::uint64_t id, model::ClusterAction action) { impl_->submit(id, std::move(action)); }
std::vector<model::ActionDone> KubeCluster::take_results() { return impl_->take_results(); }
void KubeCluster::finish_actions(Duration real) { impl_->finish_actions(real); }

}   // namespace ebb::kube
