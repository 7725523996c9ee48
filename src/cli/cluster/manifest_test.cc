#include "cli/cluster/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace ebb::cli {
namespace {

using testing::HasSubstr;

TEST(Manifest, SeveralDocumentsAndListsGiveOneObjectEachWithItsLine) {
  const auto manifests =
      parse_manifests("f.yaml",
                      "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\n# nothing here\n---\n"
                      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: p, namespace: a}}\n");
  ASSERT_TRUE(manifests) << manifests.error().message;
  ASSERT_EQ(manifests->size(), 2u);
  EXPECT_EQ(describe(manifests->at(0).object), "Namespace a");
  EXPECT_EQ(describe(manifests->at(1).object), "Pod a/p");
  EXPECT_EQ(manifests->at(1).line, 7);
}

TEST(Manifest, SaysWhichFieldOfIdentityIsMissingAndWhere) {
  EXPECT_EQ(parse_manifests("f.yaml", "\nkind: Pod\nmetadata: {name: x}\n").error().message, "f.yaml:2: apiVersion: it must be set");
  EXPECT_EQ(parse_manifests("f.yaml", "apiVersion: v1\nkind: Pod\n").error().message, "f.yaml:1: metadata.name: it must be set");
  EXPECT_THAT(parse_manifests("f.yaml", "- a\n").error().message, HasSubstr("f.yaml:1: "));
}

TEST(Manifest, BrokenYamlNamesItsLine) { EXPECT_THAT(parse_manifests("f.yaml", "a: 1\nb: [\n").error().message, HasSubstr("f.yaml:")); }

TEST(Manifest, AFileThatIsNotThereIsNamed) {
  EXPECT_THAT(read_manifests({"/no/such/file.yaml"}).error().message, HasSubstr("/no/such/file.yaml: "));
}

TEST(Manifest, TheSamplesAreRead) {
  const auto manifests = read_manifests({EBB_SOURCE_DIR "/deploy/samples"});
  ASSERT_TRUE(manifests) << manifests.error().message;
  EXPECT_EQ(manifests->size(), 4u);
}

TEST(Manifests, AFileWithoutAnyObjectIsAMistake) {
  const std::string path = testing::TempDir() + "/ebb_manifest_test_empty.yaml";
  std::ofstream(path) << "# only a comment\n---\n";
  const auto read = read_manifests({path});
  std::filesystem::remove(path);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::invalid);
}

}   // namespace
}   // namespace ebb::cli
