#include "world/workload.h"

#include "model/duration.h"
#include "model/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace ebb::world {
namespace {

using Apply = Status (*)(Workload&, std::string_view);

Result<std::int64_t> number(std::string_view text, std::int64_t high, std::string_view what) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0 || value > high) {
    return fail(Errc::invalid, "\"{}\" is not {} between 0 and {}", text, what, high);
  }
  return value;
}

Result<Permille> percent(std::string_view text) {
  EBB_TRY(const std::int64_t value, number(text, 1000, "a percentage"));
  return Permille{value * 10};
}

// "3", "0.5" or "500m" seconds.
Result<Duration> seconds_of(std::string_view text) {
  EBB_TRY(const MilliCpu thousandths, model::parse_cpu(text));
  if (thousandths.v < 0 || thousandths.v > 1'000'000'000) return fail(Errc::invalid, "\"{}\" is not between 0 and 1000000 seconds", text);
  return milliseconds(thousandths.v);
}

Status load_low(Workload& w, std::string_view text) {
  EBB_TRY(w.cpu.low, percent(text));
  return {};
}
Status load_high(Workload& w, std::string_view text) {
  EBB_TRY(w.cpu.high, percent(text));
  return {};
}
Status load_period(Workload& w, std::string_view text) {
  EBB_TRY(w.cpu.period, model::parse_duration(text, model::DurationUnits::with_days));
  return {};
}
Status cpu_max(Workload& w, std::string_view text) {
  EBB_TRY(w.cpu_max, model::parse_cpu(text));
  return {};
}
Status memory(Workload& w, std::string_view text) {
  EBB_TRY(w.memory, percent(text));
  return {};
}
Status work(Workload& w, std::string_view text) {
  EBB_TRY(const Duration time, seconds_of(text));
  w.work = CpuTime{time.v};
  return {};
}
Status run_for(Workload& w, std::string_view text) {
  EBB_TRY(w.run_for, seconds_of(text));
  return {};
}
Status exit_code(Workload& w, std::string_view text) {
  EBB_TRY(const std::int64_t code, number(text, 255, "an exit code"));
  w.exit_code = static_cast<std::int32_t>(code);
  return {};
}
Status fail_times(Workload& w, std::string_view text) {
  EBB_TRY(const std::int64_t times, number(text, 1'000'000, "a count"));
  w.fail_times = static_cast<std::int32_t>(times);
  return {};
}
Status start(Workload& w, std::string_view text) {
  EBB_TRY(w.start, seconds_of(text));
  return {};
}
Status stop(Workload& w, std::string_view text) {
  EBB_TRY(w.stop, seconds_of(text));
  return {};
}

struct Key {
  std::string_view name;
  Apply apply;
};
constexpr auto kKeys = std::to_array<Key>({
    {"cpu-max", cpu_max},
    {"exit-code", exit_code},
    {"fail-times", fail_times},
    {"load-high", load_high},
    {"load-low", load_low},
    {"load-period", load_period},
    {"memory", memory},
    {"run-seconds", run_for},
    {"start-seconds", start},
    {"stop-seconds", stop},
    {"work-cpu-seconds", work},
});

}   // namespace

bool matches(const WorkloadRule& rule, const WorkloadSubject& subject) {
  if (!rule.ns.empty() && rule.ns != subject.ns) return false;
  if (rule.qos && *rule.qos != subject.qos) return false;
  for (const auto& [key, value] : rule.labels) {
    const auto found = subject.labels.find(key);
    if (found == subject.labels.end() || found->second != value) return false;
  }
  if (rule.owner_kind.empty() && rule.owner_name.empty()) return true;
  return std::ranges::any_of(subject.owners, [&](const auto& owner) {
    return (rule.owner_kind.empty() || rule.owner_kind == owner.first) && (rule.owner_name.empty() || rule.owner_name == owner.second);
  });
}

Workload choose_workload(const std::vector<WorkloadRule>& rules, const WorkloadSubject& subject) {
  const auto found = std::ranges::find_if(rules, [&](const WorkloadRule& rule) { return matches(rule, subject); });
  return found == rules.end() ? Workload{} : found->workload;
}

std::vector<WorkloadRule> default_rules(Duration day, Instant trough) {
  const LoadCurve all{.low = Permille{1000}, .high = Permille{1000}, .period = {}, .trough = trough};
  const LoadCurve half{.low = Permille{500}, .high = Permille{500}, .period = {}, .trough = trough};
  const LoadCurve wave{.low = Permille{150}, .high = Permille{450}, .period = day, .trough = trough};
  std::vector<WorkloadRule> rules(4);
  rules[0].owner_kind = "Job";
  rules[0].workload = {.cpu = all, .memory = Permille{1000}, .work = cpu_seconds(3)};
  rules[1].qos = model::QosClass::hls;
  rules[1].workload = {.cpu = half};
  rules[2].qos = model::QosClass::ls;
  rules[2].workload = {.cpu = wave};
  rules[3].qos = model::QosClass::be;
  rules[3].workload = {.cpu = all, .memory = Permille{1000}};
  return rules;
}

Status refine(Workload& workload, const model::Annotations& annotations) {
  const bool constant = annotations.contains("sandbox.openfuyao.io/load-low") && !annotations.contains("sandbox.openfuyao.io/load-high");
  Status first_wrong;
  for (auto it = annotations.lower_bound(kAnnotationPrefix); it != annotations.end() && it->first.starts_with(kAnnotationPrefix); ++it) {
    const std::string_view name = std::string_view(it->first).substr(kAnnotationPrefix.size());
    const auto key = std::ranges::find(kKeys, name, &Key::name);
    Status status = key == kKeys.end() ? fail(Errc::invalid, "no such setting of a simulated workload") : key->apply(workload, it->second);
    if (!status && first_wrong) first_wrong = std::unexpected(std::move(status).error().with(fmt::format("annotation {}", it->first)));
  }
  if (constant) workload.cpu.high = workload.cpu.low;
  workload.cpu.high = std::max(workload.cpu.high, workload.cpu.low);
  return first_wrong;
}

}   // namespace ebb::world
