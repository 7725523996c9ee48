#include "model/cpu_set.h"

#include <charconv>
#include <iterator>

namespace ebb::model {
namespace {

Result<int> cpu_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0)
    return fail(Errc::invalid, "'{}' is not the number of a CPU", text);
  if (number >= CpuSet::kMaxCpus) return fail(Errc::too_large, "CPU {} is beyond the {} that can be told apart", number, CpuSet::kMaxCpus);
  return number;
}

}   // namespace

Result<CpuSet> CpuSet::parse(std::string_view text) {
  CpuSet set;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    if (comma != std::string_view::npos && text.empty()) return fail(Errc::invalid, "a list of CPUs ends in a comma");
    const std::size_t dash = part.find('-');
    EBB_TRY(const int first, cpu_number(part.substr(0, dash)));
    int last = first;
    if (dash != std::string_view::npos) {
      EBB_TRY(last, cpu_number(part.substr(dash + 1)));
      if (last < first) return fail(Errc::invalid, "'{}' runs backwards", part);
    }
    for (int cpu = first; cpu <= last; ++cpu) set.add(cpu);
  }
  return set;
}

std::string CpuSet::to_string() const {
  std::string text;
  int first = -1;
  int last = -1;
  const auto flush = [&] {
    if (first < 0) return;
    if (!text.empty()) text += ',';
    if (first == last)
      fmt::format_to(std::back_inserter(text), "{}", first);
    else
      fmt::format_to(std::back_inserter(text), "{}-{}", first, last);
  };
  for_each([&](int cpu) {
    if (first >= 0 && cpu == last + 1) {
      last = cpu;
      return;
    }
    flush();
    first = last = cpu;
  });
  flush();
  return text;
}

std::vector<int> CpuSet::list() const {
  std::vector<int> cpus;
  cpus.reserve(static_cast<std::size_t>(size()));
  for_each([&](int cpu) { cpus.push_back(cpu); });
  return cpus;
}

}   // namespace ebb::model
