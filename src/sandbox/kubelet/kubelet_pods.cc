// Pods of the simulated kubelets, from the moment they are bound to the moment their objects go.

#include "base/check.h"
#include "sandbox/kubelet/admit.h"
#include "sandbox/kubelet/kubelets.h"
#include "sandbox/kubelet/node_objects.h"
#include "sandbox/kubelet/original_limits.h"
#include "sandbox/kubelet/pod_status.h"
#include "sandbox/store/stored.h"

#include <algorithm>
#include <utility>

namespace ebb::sandbox {
namespace {

const ResourceId kPods{"", "v1", "pods"};
constexpr Duration kRetry = seconds(1);

std::int64_t native_or(std::int64_t native, const model::Resources& all, std::string_view oversold) {
  return native > 0 ? native : all.scalar(oversold);
}

model::QosClass counted_as(const core::Resolved& resolved) {
  if (resolved.offline) return model::QosClass::be;
  return resolved.qos == model::QosClass::hls ? model::QosClass::hls : model::QosClass::ls;
}

std::string topmost_owner(const model::Pod& pod, const std::vector<const model::Owner*>& owners) {
  if (owners.empty()) return fmt::format("Pod {}", model::to_string(pod.key));
  return fmt::format("{} {}", owners.back()->kind, model::to_string(owners.back()->key));
}

bool needs_admission(const PodSpec& spec) { return spec.pod.phase == model::PodPhase::pending && !spec.started; }

}   // namespace

Kubelets::Entry* Kubelets::find(world::Handle handle) {
  const auto at = pods_.find(handle);
  return at == pods_.end() ? nullptr : &at->second;
}

void Kubelets::take_pod(const Noted& noted, Instant now) {
  const auto known = by_key_.find(noted.object->key);
  Entry* entry = known == by_key_.end() ? nullptr : find(known->second);
  const bool same = entry != nullptr && entry->life.spec().pod.uid.v == noted.object->uid;
  if (noted.type == ChangeType::deleted) {
    if (same) forget(known->second);
    return;
  }
  if (entry != nullptr && !same) forget(known->second);   // another pod of the same name took its place
  auto spec = read_pod_spec(*noted.object);
  if (!spec) return;
  const auto node = node_by_name_.find(spec->pod.node.v);
  if (node == node_by_name_.end()) return;
  const auto grace = spec->deletion_time ? std::optional(*spec->deletion_time - now) : std::nullopt;
  if (!same) {
    accept(*std::move(spec), now);
    entry = find(last_handle_);
  }
  if (grace && entry != nullptr) stop_pod(*entry, now, *grace);
}

Kubelets::Entry& Kubelets::insert(Entry entry) {
  const world::Handle handle = entry.handle;
  by_key_[entry.life.spec().pod.key] = handle;
  nodes_[entry.node].pods.push_back(handle);
  return pods_.emplace(handle, std::move(entry)).first->second;
}

// Takes a pod that is bound to one of our nodes: new ones are admitted or refused, others go on.
void Kubelets::accept(PodSpec spec, Instant now) {
  const std::size_t at = node_by_name_.at(spec.pod.node.v);
  SimNode& node = nodes_[at];
  const auto owners = view_.owners(spec.pod);
  const model::Pod pod = spec.pod;
  core::Resolved resolved = core::resolve(pod, owners);

  world::WorkloadSubject subject{.ns = pod.key.ns, .labels = pod.labels, .owners = {}, .qos = counted_as(resolved)};
  if (const model::OwnerRef* owner = pod.controller()) subject.owners.emplace_back(owner->kind, owner->name);
  for (const model::Owner* owner : owners) subject.owners.emplace_back(owner->kind, owner->key.name);
  world::Workload workload = world::choose_workload(rules_, subject);
  if (const Status refined = world::refine(workload, spec.annotations); !refined) {
    events_.about_pod(*api_, pod, node.name, {.warning = true, .reason = "InvalidWorkload", .message = refined.error().message}, now);
  }
  const model::Resources requests = effective_requests(pod);
  const auto originals = resolved.offline ? original_limits(pod, spec.annotations) : std::nullopt;
  const model::Resources limits = originals ? *originals : effective_limits(pod);
  if (const auto most = memory_share_max(requests, limits); originals && most) workload.memory = std::min(workload.memory, *most);
  spec.annotations.clear();   // there are tens of thousands of pods, and nothing else is read from them

  const bool fresh = needs_admission(spec) && !pod.terminal() && !pod.deletion_requested;
  std::optional<PodRejection> rejection;
  if (fresh) {
    const bool port_taken = std::ranges::any_of(pod.containers, [&](const model::Container& c) {
      return std::ranges::any_of(c.host_ports, [&](const model::HostPort& port) { return node.host_port_taken(port); });
    });
    rejection = check_admission(pod, node.node, node.used, port_taken);
  }

  std::string ip = spec.host_network ? node.ip : spec.pod_ip;
  if (ip.empty() && !rejection && !pod.terminal()) ip = node.take_address();
  if (!spec.host_network && !pod.terminal() && !ip.empty()) node.addresses.insert(ip);
  PodLife life = rejection        ? PodLife::refused(std::move(spec), rejection->reason, "Pod was rejected: " + rejection->message, now)
                 : pod.terminal() ? PodLife::refused(std::move(spec), "", "", now)
                 : spec.started   ? PodLife::adopted(std::move(spec), workload, now)
                                  : PodLife(std::move(spec), workload, now);
  Entry& entry = insert({.handle = ++last_handle_,
                         .node = at,
                         .life = std::move(life),
                         .resolved = std::move(resolved),
                         .requests = requests,
                         .limits = limits,
                         .ip = std::move(ip),
                         .job = ClusterView::job_of(pod),
                         .owner = topmost_owner(pod, owners)});
  if (rejection)
    events_.about_pod(*api_, pod, node.name, {.warning = true, .reason = rejection->reason, .message = rejection->message}, now);
  if (pod.terminal()) return;
  if (!rejection) {
    node.used += entry.requests;
    for (const model::Container& c : pod.containers) node.host_ports.insert(c.host_ports.begin(), c.host_ports.end());
    entry.counted = true;
  }
  if (const auto& deadline = entry.life.spec().active_deadline) pod_timers_.push({entry.life.start_time() + *deadline, entry.handle});
  touch(entry);
}

// What an ended pod held is free again; the object may stay for long.
void Kubelets::release(Entry& entry) {
  SimNode& node = nodes_[entry.node];
  node.machine.remove(entry.handle);
  if (!std::exchange(entry.counted, false)) return;
  node.used -= entry.requests;
  node.addresses.erase(entry.ip);
  for (const model::Container& c : entry.life.spec().pod.containers) {
    for (const model::HostPort& port : c.host_ports) {
      if (const auto held = node.host_ports.find(port); held != node.host_ports.end()) node.host_ports.erase(held);
    }
  }
}

void Kubelets::forget(world::Handle handle) {
  Entry* entry = find(handle);
  if (entry == nullptr) return;
  release(*entry);
  if (entry->terminating) view_.count_terminating(entry->job, -1);
  view_.count_restarts(entry->job, -entry->counted_restarts);
  SimNode& node = nodes_[entry->node];
  std::erase(node.pods, handle);
  node.refused_until.erase(entry->life.spec().pod.uid);
  by_key_.erase(entry->life.spec().pod.key);
  pods_.erase(handle);
}

void Kubelets::stop_pod(Entry& entry, Instant now, Duration grace) {
  const bool was_terminating = entry.life.stage() == PodStage::stopping || entry.removable;
  if (!std::exchange(entry.terminating, true)) view_.count_terminating(entry.job, 1);
  const auto step = entry.life.stop(now, grace);
  carry_out(entry, step, now);
  if (!was_terminating && !step.all_stopped) {
    const auto& containers = entry.life.spec().containers;
    for (const ContainerSpec& c : containers) {
      events_.about_pod(*api_, entry.life.spec().pod, nodes_[entry.node].name,
                        {.reason = "Killing", .message = fmt::format("Stopping container {}", c.name)}, now);
    }
  }
}

world::CpuTier Kubelets::tier_of(const Entry& entry, const SimNode& node) const {
  if (!view_.policy_enabled()) return world::CpuTier::shared;
  if (entry.resolved.offline) return node.policy.colocation ? world::CpuTier::reclaimed : world::CpuTier::shared;
  const bool exclusive = entry.resolved.qos == model::QosClass::hls && core::has_exclusive_cores_shape(entry.life.spec().pod);
  return exclusive ? world::CpuTier::exclusive : world::CpuTier::shared;
}

void Kubelets::start_on_machine(Entry& entry, Instant now) {
  SimNode& node = nodes_[entry.node];
  const model::Resources &asked = entry.requests, &limits = entry.limits;
  node.machine.add({.handle = entry.handle,
                    .qos = counted_as(entry.resolved),
                    .tier = tier_of(entry, node),
                    .requests = {MilliCpu{native_or(asked.cpu.v, asked, model::kBatchCpu)},
                                 Bytes{native_or(asked.memory.v, asked, model::kBatchMemory)}},
                    .cpu_limit = MilliCpu{native_or(limits.cpu.v, limits, model::kBatchCpu)},
                    .workload = entry.life.workload(),
                    .runs_before = entry.life.runs()},
                   now);
  for (const ContainerSpec& c : entry.life.spec().containers) node.images.insert(c.image);
}

void Kubelets::tell(Entry& entry, const PodLife::Step& step, Instant now) {
  const SimNode& node = nodes_[entry.node];
  const model::Pod& pod = entry.life.spec().pod;
  for (const ContainerSpec& c : entry.life.spec().containers) {
    if (step.containers_started) {
      events_.about_pod(*api_, pod, node.name,
                        {.reason = "Pulled", .message = fmt::format("Container image \"{}\" already present on machine", c.image)}, now);
      events_.about_pod(*api_, pod, node.name, {.reason = "Created", .message = fmt::format("Container created: {}", c.name)}, now);
      events_.about_pod(*api_, pod, node.name, {.reason = "Started", .message = fmt::format("Container started: {}", c.name)}, now);
    }
    if (step.back_off && &c == &entry.life.spec().containers.front()) {
      events_.about_pod(*api_, pod, node.name,
                        {.warning = true,
                         .reason = "BackOff",
                         .message = fmt::format("Back-off restarting failed container {} in pod {}", c.name, pod.key.name)},
                        now);
    }
  }
}

void Kubelets::carry_out(Entry& entry, const PodLife::Step& step, Instant now) {
  if (step.stop_workload) nodes_[entry.node].machine.remove(entry.handle);
  if (step.start_workload) start_on_machine(entry, now);
  if (entry.life.terminal()) release(entry);
  if (step.all_stopped) entry.removable = true;
  const std::int32_t restarts = entry.life.restarts();
  view_.count_restarts(entry.job, restarts - std::exchange(entry.counted_restarts, restarts));
  tell(entry, step, now);
  touch(entry);
}

// The status is to be written at the end of this run, and the next step is due when the life says so.
void Kubelets::touch(Entry& entry) {
  if (!std::exchange(entry.dirty, true)) dirty_.push_back(entry.handle);
  if (entry.life.due() != kNever) pod_timers_.push({entry.life.due(), entry.handle});
}

void Kubelets::pod_timer(world::Handle handle, Instant now) {
  Entry* entry = find(handle);
  if (entry == nullptr) return;
  if (entry->dirty || entry->removable) {   // a write that failed is due again
    if (entry->dirty && std::ranges::find(dirty_, handle) == dirty_.end()) dirty_.push_back(handle);
    if (entry->life.due() > now) return;
  }
  const auto& deadline = entry->life.spec().active_deadline;
  if (deadline && !entry->life.terminal() && now >= entry->life.start_time() + *deadline) {
    carry_out(*entry, entry->life.fail(now, "DeadlineExceeded", "Pod was active on the node longer than the specified deadline"), now);
    return;
  }
  if (entry->life.due() <= now) carry_out(*entry, entry->life.step(now), now);
}

void Kubelets::write_statuses(Instant now) {
  const std::vector<world::Handle> dirty = std::exchange(dirty_, {});
  for (const world::Handle handle : dirty) {
    Entry* entry = find(handle);
    if (entry == nullptr || !entry->dirty) continue;
    if (!write_status(*entry, now)) pod_timers_.push({now + kRetry, handle});
  }
}

// True: written (and the object removed where it has to go), or there is nothing to write to any more.
bool Kubelets::write_status(Entry& entry, Instant now) {
  const model::Pod& pod = entry.life.spec().pod;
  const bool ended_before = entry.life.terminal() && pod.terminal();
  if (!ended_before) {
    const auto patch = pod_status_patch(entry.life, {.pod_ip = entry.ip, .host_ip = nodes_[entry.node].ip});
    const auto written = api_->patch(kPods, pod.key, PatchType::strategic, patch, "status", caller_, now);
    const bool gone = !written && (written.error().code == Errc::not_found || written.error().code == Errc::conflict);
    if (!written && !gone) return false;
  }
  if (entry.removable) {
    const Status removed = api_->remove(
        kPods, pod.key, {.grace_seconds = 0, .propagation = std::nullopt, .uid = pod.uid.v, .resource_version = {}}, caller_, now);
    if (!removed && removed.error().code != Errc::not_found && removed.error().code != Errc::conflict) return false;
  }
  entry.dirty = false;
  return true;
}

}   // namespace ebb::sandbox
