// docs/scheduler-configuration.md names every plugin with the weight that the program has for it.

#include "model/profile/scheduler_configuration.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace ebb::model {
namespace {

// The line of the plugins' tables that begins with the plugin, alone or in a list.
std::string row_of(const std::string& page, std::string_view plugin) {
  std::size_t from = page.find("## Plugins");
  while ((from = page.find(plugin, from)) != std::string::npos) {
    const std::size_t begin = page.rfind('\n', from) + 1;
    const std::string line = page.substr(begin, page.find('\n', from) - begin);
    if (line.starts_with("| ") && line.find(plugin) < line.find('|', 2)) return line;
    from += plugin.size();
  }
  return {};
}

TEST(ConfigurationDocs, NameEveryPluginWithItsWeight) {
  std::ifstream in(fmt::format("{}/docs/scheduler-configuration.md", EBB_SOURCE_DIR), std::ios::binary);
  const std::string page{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  for (const PluginInfo& info : plugin_table()) {
    const std::string row = row_of(page, info.name);
    EXPECT_FALSE(row.empty()) << info.name;
    const bool shown = info.origin != PluginOrigin::unsupported;
    const std::string weight = info.default_weight == 0 ? " | | " : fmt::format(" | {} | ", info.default_weight);
    EXPECT_TRUE(!shown || row.contains(weight)) << row << " should say" << weight;
  }
}

}   // namespace
}   // namespace ebb::model
