// Scheduler configurations: whatever the text, either it is refused with lines that it has, or its profiles are whole.

#include "base/check.h"
#include "fuzz_input.h"
#include "model/profile/profile_text.h"

#include <algorithm>

namespace {

using ebb::model::ExtensionPoint;
using ebb::model::Plugin;

void check_profile(const ebb::model::SchedulerProfile& profile) {
  EBB_CHECK(!profile.scheduler_name.empty());
  EBB_CHECK(profile.at(ExtensionPoint::queue_sort).has(Plugin::priority_sort));
  EBB_CHECK(profile.at(ExtensionPoint::bind).has(Plugin::default_binder));
  for (const ebb::model::PluginInfo& info : ebb::model::plugin_table()) {
    if (info.origin == ebb::model::PluginOrigin::ebb) {
      EBB_CHECK(profile.enabled(info.plugin) || !profile.scores(info.plugin));
      continue;
    }
    EBB_CHECK(profile.scores(info.plugin) == profile.at(ExtensionPoint::score).has(info.plugin));
    for (std::size_t i = 0; i < ebb::model::kExtensionPoints; ++i) {
      const auto point = static_cast<ExtensionPoint>(i);
      EBB_CHECK(info.serves(point) || !profile.at(point).has(info.plugin));
    }
  }
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = fuzz_text(bytes, size);
  ebb::model::is_scheduler_configuration(text);
  const ebb::model::ReadConfiguration read = ebb::model::read_scheduler_configuration(text);
  const auto lines = std::ranges::count(text, '\n') + std::ranges::count(text, '\r') + 1;
  for (const ebb::model::Finding& finding : read.findings) EBB_CHECK(finding.line <= lines && !finding.message.empty());
  if (!read.ok()) return 0;
  EBB_CHECK(!read.value.profiles.empty());
  EBB_CHECK(read.value.pod_initial_backoff <= read.value.pod_max_backoff);
  for (const ebb::model::SchedulerProfile& profile : read.value.profiles) check_profile(profile);
  EBB_CHECK(!ebb::model::resolved_text(read.value).empty());
  return 0;
}
