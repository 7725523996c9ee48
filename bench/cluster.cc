#include "bench/cluster.h"

#include "core/placement/queue_book.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace ebb::bench {
namespace {

constexpr std::string_view kMeasured = "measured-";
constexpr int kPatience = 20;   // rounds of a second in which whoever was left over is tried again

bool is_measured(const model::ObjectKey& pod) { return pod.name.starts_with(kMeasured); }

std::string gang_name(std::size_t step, std::int64_t number) { return fmt::format("gang-{}-{}", step, number); }

std::int64_t percentile(std::vector<std::int64_t>& values, std::size_t percent) {
  if (values.empty()) return 0;
  const std::size_t rank = std::min(values.size() - 1, values.size() * percent / 100);
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(rank));
  return values[rank];
}

}   // namespace

Measurement Cluster::run() {
  set_up();
  for (std::size_t i = 0; i < workload_.steps.size(); ++i) run_step(i);
  Measurement out{.nodes = workload_.node_count(), .pods = expected_, .placed = placed_};
  out.wall_nanos = meter_.wall_nanos();
  out.cpu_nanos = meter_.cpu_nanos();
  out.instructions = meter_.instructions().value_or(-1);
  out.p50_nanos = percentile(decisions_, 50);
  out.p99_nanos = percentile(decisions_, 99);
  out.digest = placement_.digest();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  out.peak_rss_bytes = std::int64_t{usage.ru_maxrss} * 1024;
  return out;
}

void Cluster::set_up() {
  for (const NamespaceSet& set : workload_.namespaces) {
    for (std::int64_t i = 0; i < set.count; ++i) incoming_.push_back(model::NamespaceSeen{fmt::format("{}-{}", set.prefix, i), set.labels});
  }
  for (const auto& [key, selector] : workload_.services) incoming_.push_back(model::ServiceSeen{key, selector});
  for (const model::Queue& queue : workload_.queues) incoming_.push_back(model::QueueSeen{queue});
  for (const NodeSet& set : workload_.nodes) {
    for (std::int64_t i = 0; i < set.count; ++i) {
      model::Node node = set.like;
      node.name = model::NodeName(set.count == 1 ? set.name : fmt::format("{}-{}", set.name, i));
      node.uid = model::Uid("uid-" + node.name.v);
      node.labels["kubernetes.io/hostname"] = node.name.v;
      for (const auto& [key, values] : set.labels) node.labels[key] = values[static_cast<std::size_t>(i) % values.size()];
      incoming_.push_back(model::NodeSeen{std::move(node)});
    }
  }
  incoming_.push_back(model::Synced{});
  deliver();
  decide();
  answer();
}

void Cluster::run_step(std::size_t index) {
  const PodStep& step = workload_.steps[index];
  meter_.switch_on(step.measured);
  if (step.measured) {
    expected_ += step.count;
    decisions_.reserve(static_cast<std::size_t>(expected_));
  }
  const std::int64_t before = placed_;
  for (std::int64_t number = 0; number < step.count;) {
    const std::int64_t end = std::min(step.count, number + step.batch);
    for (; number < end; ++number) come(step, index, number);
    deliver();
    decide();
    answer();
    now_ = now_ + milliseconds(2);
  }
  for (int round = 0; step.measured && placed_ - before < step.count && round < kPatience; ++round) {
    now_ = now_ + seconds(1);
    decide();
    answer();
  }
  meter_.switch_on(false);
}

void Cluster::come(const PodStep& step, std::size_t index, std::int64_t number) {
  if (step.gang > 0 && number % step.gang == 0) {
    model::PodGroup group{.dialect = model::PodGroupDialect::kubernetes};
    group.key = {step.namespaces.front(), gang_name(index, number / step.gang)};
    group.uid = model::Uid("uid-" + group.key.name);
    group.created = now_;
    group.min_member = static_cast<std::int32_t>(step.gang);
    incoming_.push_back(model::PodGroupSeen{std::move(group)});
  }
  for (const Churn& one : step.churn) {
    if (number % one.every == one.every / 2) churn(one, number / one.every);
  }
  incoming_.push_back(model::PodSeen{make_pod(step, index, number)});
}

// With `recreate` one comes and goes by turns; otherwise they only come.
void Cluster::churn(const Churn& churn, std::int64_t number) {
  const bool goes = churn.recreate && number % 2 == 1;
  const std::string name = fmt::format("churn-{}", churn.recreate ? number / 2 : number);
  switch (churn.kind) {
    case Churn::Kind::pod: {
      model::Pod pod = templates_.find(churn.like)->second;
      pod.key = {"churn", name};
      pod.uid = model::Uid("uid-pod-" + name);
      pod.created = now_;
      if (goes) return incoming_.push_back(model::PodGone{pod.key, pod.uid});
      return incoming_.push_back(model::PodSeen{std::move(pod)});
    }
    case Churn::Kind::node: {
      model::Node node;
      node.name = model::NodeName(name);
      node.uid = model::Uid("uid-node-" + name);
      node.ready = true;
      if (goes) return incoming_.push_back(model::NodeGone{node.name});
      return incoming_.push_back(model::NodeSeen{std::move(node)});
    }
    case Churn::Kind::service:
      if (goes) return incoming_.push_back(model::ServiceGone{{"churn", name}});
      return incoming_.push_back(model::ServiceSeen{{"churn", name}, {{"app", "foo"}}});
  }
}

model::Pod Cluster::make_pod(const PodStep& step, std::size_t index, std::int64_t number) const {
  model::Pod pod = templates_.find(step.like)->second;
  const auto turn = static_cast<std::size_t>(number);
  pod.key.ns = step.namespaces[turn % step.namespaces.size()];
  pod.key.name = fmt::format("{}{}-{}", step.measured ? kMeasured : "before-", index, number);
  pod.uid = model::Uid("uid-" + pod.key.name);
  pod.created = now_;
  if (step.gang > 0) pod.pod_group = gang_name(index, number / step.gang);
  if (!step.queues.empty()) pod.annotations.emplace(core::placement::kQueueAnnotation, step.queues[turn % step.queues.size()]);
  return pod;
}

void Cluster::deliver() {
  meter_.run([&] {
    for (Incoming& one : incoming_) {
      if (auto* const done = std::get_if<model::ActionDone>(&one)) {
        placement_.step(now_, *done, actions_);
      } else {
        placement_.step(now_, std::get<model::ClusterEvent>(std::move(one)), actions_);
      }
    }
  });
  incoming_.clear();
}

// One decision at a time, so that each has a time of its own. A gang is one decision, shared by its members.
void Cluster::decide() {
  meter_.run([&] {
    for (bool more = true; more;) {
      const std::size_t before = actions_.size();
      const std::size_t active = placement_.counts().active;
      const std::int64_t begin = Meter::now_nanos();
      placement_.schedule(now_, actions_, 1);
      const std::int64_t took = Meter::now_nanos() - begin;
      more = actions_.size() != before || placement_.counts().active != active;
      if (!meter_.on()) continue;
      std::int64_t pods = 0;
      for (std::size_t i = before; i < actions_.size(); ++i) pods += std::holds_alternative<model::Bind>(actions_[i].action) ? 1 : 0;
      for (std::int64_t i = 0; i < pods; ++i) decisions_.push_back(took / pods);
    }
  });
}

void Cluster::answer() {
  while (!actions_.empty()) {
    const core::placement::Actions asked = std::exchange(actions_, {});
    for (const core::placement::NumberedAction& action : asked) answer(action);
    deliver();
    decide();
  }
}

void Cluster::answer(const core::placement::NumberedAction& action) {
  incoming_.push_back(model::ActionDone{action.id, std::nullopt});
  if (const auto* const bind = std::get_if<model::Bind>(&action.action)) {
    model::Pod pod = known(bind->pod);
    pod.node = bind->node;
    if (is_measured(pod.key)) ++placed_;
    incoming_.push_back(model::PodSeen{std::move(pod)});
  } else if (const auto* const evict = std::get_if<model::Evict>(&action.action)) {
    incoming_.push_back(model::PodGone{evict->pod, evict->uid});
  } else if (const auto* const nominate = std::get_if<model::Nominate>(&action.action)) {
    model::Pod pod = known(nominate->pod);
    pod.nominated_node = nominate->node;
    incoming_.push_back(model::PodSeen{std::move(pod)});
  } else if (const auto* const mark = std::get_if<model::MarkUnschedulable>(&action.action)) {
    model::Pod pod = known(mark->pod);
    pod.unschedulable_condition = true;
    incoming_.push_back(model::PodSeen{std::move(pod)});
  }
}

model::Pod Cluster::known(const model::ObjectKey& key) const { return placement_.pods()[*placement_.pods().find(key)].pod; }

}   // namespace ebb::bench
