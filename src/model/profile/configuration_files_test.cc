// The files of tests/profiles, for which it is known what the real scheduler makes of them: accepted-*.yaml with its resolved
// profiles beside it, and refused-*.yaml. tests/kubernetes/scheduler_profiles.sh asks it again.

#include "model/profile/profile_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace ebb::model {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<fs::path> files_of(std::string_view prefix) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(EBB_SOURCE_DIR) / "tests/profiles")) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(".yaml")) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

TEST(ConfigurationFiles, ComeToTheProfilesOfTheRealScheduler) {
  const auto files = files_of("accepted-");
  ASSERT_GE(files.size(), 40u);
  for (const fs::path& file : files) {
    const ReadConfiguration read = read_scheduler_configuration(text_of(file));
    EXPECT_TRUE(read.ok()) << file << summary(read.findings, 1000);
    const std::string real = text_of(file.string() + ".real");
    ASSERT_FALSE(real.empty()) << file;
    EXPECT_EQ(resolved_text(read.value), real) << file;
  }
}

TEST(ConfigurationFiles, AreRefusedWithALineAndAPathWhereTheRealSchedulerRefusesThem) {
  const auto files = files_of("refused-");
  ASSERT_GE(files.size(), 80u);
  for (const fs::path& file : files) {
    const std::string text = text_of(file);
    const ReadConfiguration read = read_scheduler_configuration(text);
    EXPECT_FALSE(read.ok()) << file;
    for (const Finding& finding : read.findings) {
      EXPECT_GE(finding.line, 1) << file;
      EXPECT_LE(finding.line, std::ranges::count(text, '\n')) << file;
      EXPECT_FALSE(finding.path.empty()) << file << finding.message;
      EXPECT_FALSE(finding.message.empty()) << file;
    }
  }
}

}   // namespace
}   // namespace ebb::model
