#include "world/machine.h"

#include "base/check.h"
#include "world/cpu_share.h"

#include <algorithm>
#include <utility>

namespace ebb::world {
namespace {

// What reclaim can take from a pod: its caches. The rest is its working set.
constexpr Permille kReclaimable{300};
// A pod that asked for nothing still does something.
constexpr model::Use kUnasked{MilliCpu{100}, mebibytes(100)};
constexpr Permille kGoodEnough{950};   // of the wish

CpuTime over(MilliCpu cpu, Duration time) { return CpuTime{static_cast<std::int64_t>(static_cast<Int128>(cpu.v) * time.v / 1000)}; }

model::Use& of_class(model::UseByClass& use, model::QosClass qos) {
  switch (qos) {
    case model::QosClass::hls: return use.hls;
    case model::QosClass::ls: return use.ls;
    case model::QosClass::be: return use.be;
  }
  EBB_UNREACHABLE();
}

bool online(const MachinePod& pod) { return pod.qos != model::QosClass::be; }

model::Use asked(const MachinePod& pod) {
  return {pod.requests.cpu.v > 0 ? pod.requests.cpu : kUnasked.cpu, pod.requests.memory.v > 0 ? pod.requests.memory : kUnasked.memory};
}

}   // namespace

Machine::Machine(MachineShape shape, Instant start, Duration window)
    : shape_(shape), window_(window), now_(start), window_start_(start), exclusive_by_home_(static_cast<std::size_t>(shape.numa_nodes)) {
  EBB_CHECK(shape.numa_nodes > 0 && window.v > 0);
  use_.system = shape.system;
}

Machine::Resident* Machine::find(Handle handle) {
  const auto at = std::ranges::find(pods_, handle, [](const Resident& r) { return r.pod.handle; });
  return at == pods_.end() ? nullptr : &*at;
}
const Machine::Resident* Machine::find(Handle handle) const { return const_cast<Machine*>(this)->find(handle); }

// Exclusive cores go where most are free, other pods where least is asked for.
std::int32_t Machine::choose_home(const MachinePod& pod) const {
  std::vector<MilliCpu> taken(exclusive_by_home_);
  if (pod.tier != CpuTier::exclusive) {
    for (const Resident& r : pods_) {
      if (r.pod.tier != CpuTier::exclusive) taken[static_cast<std::size_t>(r.home)] += asked(r.pod).cpu;
    }
  }
  return static_cast<std::int32_t>(std::ranges::min_element(taken) - taken.begin());
}

// A core of the shared pool must stay: exclusive work never gets the whole machine.
void Machine::settle_tier(Resident& resident) {
  if (resident.pod.tier != CpuTier::exclusive) return;
  if (exclusive_ + resident.pod.requests.cpu > shape_.cpu - cpus(1)) {
    resident.pod.tier = CpuTier::shared;
    return;
  }
  exclusive_ += resident.pod.requests.cpu;
  exclusive_by_home_[static_cast<std::size_t>(resident.home)] += resident.pod.requests.cpu;
}

CpuTier Machine::add(const MachinePod& pod, Instant now) {
  EBB_CHECK(find(pod.handle) == nullptr);
  Resident resident{.pod = pod, .from = now, .counted = now};
  resident.home = choose_home(resident.pod);
  settle_tier(resident);
  pods_.push_back(resident);
  return pods_.back().pod.tier;
}

void Machine::remove(Handle handle) {
  const Resident* resident = find(handle);
  if (resident == nullptr) return;
  if (resident->pod.tier == CpuTier::exclusive) {
    exclusive_ -= resident->pod.requests.cpu;
    exclusive_by_home_[static_cast<std::size_t>(resident->home)] -= resident->pod.requests.cpu;
  }
  pods_.erase(pods_.begin() + (resident - pods_.data()));
}

void Machine::retier(Handle handle, CpuTier tier) {
  Resident* resident = find(handle);
  if (resident == nullptr || resident->pod.tier == tier) return;
  if (resident->pod.tier == CpuTier::exclusive) {
    exclusive_ -= resident->pod.requests.cpu;
    exclusive_by_home_[static_cast<std::size_t>(resident->home)] -= resident->pod.requests.cpu;
  }
  resident->pod.tier = tier;
  settle_tier(*resident);
}

void Machine::wish(Instant at) {
  for (Resident& r : pods_) {
    const Workload& workload = r.pod.workload;
    MilliCpu cpu = share_of(asked(r.pod).cpu, level(workload.cpu, at));
    if (workload.cpu_max) cpu = std::min(cpu, *workload.cpu_max);
    if (r.pod.tier == CpuTier::exclusive) cpu = std::min(cpu, r.pod.requests.cpu);
    if (r.pod.cpu_limit.v > 0) {
      const bool bursts = r.pod.tier == CpuTier::shared && r.pod.qos == model::QosClass::ls;
      cpu = std::min(cpu, bursts ? share_of(r.pod.cpu_limit, knobs_.burst) : r.pod.cpu_limit);
    }
    r.wish = cpu;
  }
}

void Machine::grant_tier(CpuTier tier, MilliCpu capacity) {
  std::vector<CpuClaim> claims;
  for (const Resident& r : pods_) {
    if (r.pod.tier == tier) claims.push_back({.wish = r.wish, .weight = std::max<std::int64_t>(r.pod.requests.cpu.v, 2), .granted = {}});
  }
  split_cpu(capacity, claims);
  auto claim = claims.begin();
  for (Resident& r : pods_) {
    if (r.pod.tier == tier) r.use.cpu = (claim++)->granted;
  }
}

void Machine::grant_cpu() {
  MilliCpu shared;
  for (Resident& r : pods_) {
    if (r.pod.tier == CpuTier::exclusive) r.use.cpu = r.wish;
  }
  const MilliCpu pool = shape_.cpu - exclusive_ - shape_.system.cpu;
  grant_tier(CpuTier::shared, pool);
  for (const Resident& r : pods_) {
    if (r.pod.tier == CpuTier::shared) shared += r.use.cpu;
  }
  const MilliCpu left = std::max(pool - shared, MilliCpu{0});
  grant_tier(CpuTier::reclaimed, knobs_.be_cpu_limit ? std::min(left, *knobs_.be_cpu_limit) : left);
}

void Machine::take_memory() {
  Bytes offline;
  for (Resident& r : pods_) {
    r.use.memory = share_of(asked(r.pod).memory, r.pod.workload.memory);
    if (r.pod.tier == CpuTier::reclaimed) offline += r.use.memory;
  }
  if (!knobs_.be_memory_limit || offline <= *knobs_.be_memory_limit) return;
  const Permille kept = std::max(ratio(*knobs_.be_memory_limit, offline), Permille{1000} - kReclaimable);
  for (Resident& r : pods_) {
    if (r.pod.tier == CpuTier::reclaimed) r.use.memory = share_of(r.use.memory, kept);
  }
}

// Whether and when this run ends by itself up to `until`.
std::optional<Ended> Machine::end_of(const Resident& r, Instant until) const {
  const Workload& workload = r.pod.workload;
  std::optional<Instant> end;
  if (workload.work) {
    const CpuTime open = *workload.work - r.done;
    if (open.v <= 0) {
      end = r.counted;
    } else if (r.use.cpu.v > 0 && over(r.use.cpu, until - r.counted) >= open) {
      end = r.counted + Duration{static_cast<std::int64_t>((static_cast<Int128>(open.v) * 1000 + r.use.cpu.v - 1) / r.use.cpu.v)};
    }
  }
  if (workload.run_for && r.from + *workload.run_for <= until) {
    end = end ? std::min(*end, r.from + *workload.run_for) : r.from + *workload.run_for;
  }
  if (!end) return std::nullopt;
  return Ended{.handle = r.pod.handle, .at = std::min(*end, until), .exit_code = workload.exit_code_of(r.pod.runs_before)};
}

// Counts the step that ends at `until`, during which every pod used what it was granted.
void Machine::count(Instant until, std::vector<Ended>& ended) {
  const Duration step = until - now_;
  used_.cpu += static_cast<Int128>(use_.system.cpu.v) * step.v;
  used_.memory += static_cast<Int128>(use_.system.memory.v) * step.v;
  for (Resident& r : pods_) {
    const auto end = end_of(r, until);
    if (end) ended.push_back(*end);
    const Duration time = std::max((end ? end->at : until) - r.counted, Duration{0});
    r.done += over(r.use.cpu, time);
    used_.cpu += static_cast<Int128>(r.use.cpu.v) * time.v;
    used_.memory += static_cast<Int128>(r.use.memory.v) * time.v;
    if (online(r.pod)) {
      r.window_wanted += over(r.wish, time);
      r.window_granted += over(r.use.cpu, time);
    } else {
      offline_cpu_ += over(r.use.cpu, time);
    }
  }
}

void Machine::close_window() {
  for (Resident& r : pods_) {
    if (r.window_wanted.v > 0) {
      ++violations_.windows;
      if (r.window_granted < share_of(r.window_wanted, kGoodEnough)) ++violations_.violated;
    }
    r.window_wanted = r.window_granted = {};
  }
}

// The kernel's last resort: offline work first, then whoever holds most.
void Machine::kill_for_memory(std::vector<Ended>& ended) {
  Bytes total = use_.all().memory;
  while (total > shape_.memory && !pods_.empty()) {
    const auto victim = std::ranges::max_element(pods_, {}, [](const Resident& r) { return std::pair(!online(r.pod), r.use.memory); });
    total -= victim->use.memory;
    of_class(use_, victim->pod.qos).cpu -= victim->use.cpu;
    of_class(use_, victim->pod.qos).memory -= victim->use.memory;
    ended.push_back({.handle = victim->pod.handle, .at = now_, .exit_code = 137, .out_of_memory = true});
    remove(victim->pod.handle);
  }
}

std::vector<Ended> Machine::advance(Instant now) {
  std::vector<Ended> ended;
  if (now <= now_) return ended;
  wish(now_ + Duration{(now - now_).v / 2});
  grant_cpu();
  take_memory();
  count(now, ended);

  use_ = {.hls = {}, .ls = {}, .be = {}, .system = shape_.system};
  online_short_ = false;
  for (Resident& r : pods_) {
    r.counted = now;
    of_class(use_, r.pod.qos) += r.use;
    if (online(r.pod) && r.use.cpu < share_of(r.wish, kGoodEnough)) online_short_ = true;
  }
  now_ = now;
  if (now_ - window_start_ >= window_) {
    close_window();
    window_start_ = now_;
  }
  for (const Ended& end : ended) remove(end.handle);
  kill_for_memory(ended);
  return ended;
}

std::optional<model::Use> Machine::use_of(Handle handle) const {
  const Resident* resident = find(handle);
  return resident ? std::optional(resident->use) : std::nullopt;
}

std::optional<MilliCpu> Machine::wish_of(Handle handle) const {
  const Resident* resident = find(handle);
  return resident ? std::optional(resident->wish) : std::nullopt;
}

// Each pod's use on its home; what a home cannot hold runs on the others.
std::vector<model::NumaNodeReport> Machine::numa() const {
  const std::int64_t homes = shape_.numa_nodes;
  std::vector<model::NumaNodeReport> nodes(static_cast<std::size_t>(homes));
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    nodes[i].id = static_cast<std::int32_t>(i);
    nodes[i].cpu_capacity = shape_.cpu / homes;
    nodes[i].memory_capacity = shape_.memory / homes;
    nodes[i].use.system = {shape_.system.cpu / homes, shape_.system.memory / homes};
  }
  const auto place = [&](const Resident& r, auto amount_of, auto capacity_of) {
    auto open = amount_of(r.use);
    for (std::size_t step = 0; step < nodes.size() && open.v > 0; ++step) {
      auto& node = nodes[(static_cast<std::size_t>(r.home) + step) % nodes.size()];
      const bool last = step + 1 == nodes.size();
      const auto room = std::max(capacity_of(node) - amount_of(node.use.all()), decltype(open){0});
      const auto part = last ? open : std::min(open, room);
      amount_of(of_class(node.use, r.pod.qos)) += part;
      open -= part;
    }
  };
  for (const Resident& r : pods_) {
    place(r, [](auto&& use) -> decltype(auto) { return (use.cpu); }, [](const auto& node) { return node.cpu_capacity; });
    place(r, [](auto&& use) -> decltype(auto) { return (use.memory); }, [](const auto& node) { return node.memory_capacity; });
  }
  return nodes;
}

}   // namespace ebb::world
