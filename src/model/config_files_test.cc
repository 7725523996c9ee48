#include "model/config_files.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace ebb::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ConfigFile sample(const std::string& name) {
  std::ifstream in(fmt::format("{}/deploy/samples/{}", EBB_SOURCE_DIR, name), std::ios::binary);
  return {name, {std::istreambuf_iterator<char>(in), {}}};
}

std::vector<std::string> check(const std::vector<ConfigFile>& files) {
  std::vector<std::string> lines;
  for (const FileFinding& found : check_config_files(files)) lines.push_back(to_string(found));
  return lines;
}

std::vector<std::string> check(std::string text) { return check(std::vector<ConfigFile>{{"f.yaml", std::move(text)}}); }

TEST(ConfigFiles, the_samples_are_fine_as_they_are_written) {
  const ConfigFile policy = sample("openfuyao-colocation-config.yaml");
  const ConfigFile nodes = sample("node-colocation-config.yaml");
  ASSERT_THAT(policy.text, HasSubstr("colocation-policy.yaml: |"));
  EXPECT_THAT(check({policy, nodes}), IsEmpty());
}

TEST(ConfigFiles, lines_inside_a_config_map_are_the_files_own) {
  std::string text = sample("openfuyao-colocation-config.yaml").text;
  text.replace(text.find("cpuThreshold: 0.8"), 17, "cpuThreshold: 1.8");
  EXPECT_THAT(check("# one\n# two\n" + text + "---\n" + text),
              ElementsAre("f.yaml:17: spec.resourceSharing.cpuThreshold: 1.8 is out of range: it must be a number from 0 to 1",
                          HasSubstr("spec.resourceSharing.cpuThreshold: 1.8")));
}

TEST(ConfigFiles, the_nodes_list_is_laid_over_the_policy_of_another_file) {
  const ConfigFile nodes{"nodes.yaml", "nodeColocationConfig:\n  - eviction:\n      waterLine:\n        cpu: 0.75\n"};
  EXPECT_THAT(check({nodes}), IsEmpty());
  const ConfigFile policy{
      "policy.yaml",
      "apiVersion: scheduling.openfuyao.io/v1alpha1\nkind: ColocationPolicy\nspec: {resourceSharing: {cpuThreshold: 0.7}}\n"};
  EXPECT_THAT(check({nodes, policy}),
              ElementsAre("nodes.yaml:4: nodeColocationConfig[0].eviction.waterLine.cpu: 0.75 is above "
                          "resourceSharing.cpuThreshold (0.7): the water line must not be above the admission line"));
}

TEST(ConfigFiles, the_nodes_list_is_laid_over_the_custom_resource_where_a_config_map_comes_first) {
  const ConfigFile map{"map.yaml",
                       "kind: ConfigMap\nmetadata: {name: openfuyao-colocation-config}\ndata:\n  colocation-policy.yaml: |\n"
                       "    apiVersion: scheduling.openfuyao.io/v1alpha1\n    kind: ColocationPolicy\n"
                       "    spec: {resourceSharing: {cpuThreshold: 0.7}}\n"};
  const ConfigFile resource{"resource.yaml",
                            "apiVersion: scheduling.openfuyao.io/v1alpha1\nkind: ColocationPolicy\n"
                            "metadata: {name: default-colocation-policy}\nspec: {resourceSharing: {cpuThreshold: 0.8}}\n"};
  const ConfigFile nodes{"nodes.yaml", "nodeColocationConfig:\n  - eviction:\n      waterLine:\n        cpu: 0.75\n"};
  EXPECT_THAT(check({map, resource, nodes}), IsEmpty());
  EXPECT_THAT(check({map, nodes}), ElementsAre(HasSubstr("0.75 is above")));
}

TEST(ConfigFiles, a_custom_resource_that_nobody_reads_is_wrong) {
  EXPECT_THAT(check("apiVersion: scheduling.openfuyao.io/v1alpha1\nkind: ColocationPolicy\nmetadata:\n  name: mine\nspec: {}\n"),
              ElementsAre("f.yaml:4: metadata.name: 'mine' is not read: a ColocationPolicy must be named default-colocation-policy"));
}

TEST(ConfigFiles, a_policy_by_itself_is_strict_and_the_manifests_around_it_are_not) {
  EXPECT_THAT(
      check("apiVersion: v1\nkind: Namespace\nmetadata: &m {name: a}\nother: *m\n---\n"
            "apiVersion: scheduling.openfuyao.io/v1alpha1\nkind: ColocationPolicy\nspec:\n  rescheduling:\n    maxMigratingPods: 010\n"),
      ElementsAre(HasSubstr("f.yaml:10: spec.rescheduling.maxMigratingPods: '010' is read as octal by some")));
}

TEST(ConfigFiles, a_text_that_is_no_block_is_reported_where_it_stands) {
  EXPECT_THAT(check("kind: ConfigMap\nmetadata: {name: node-colocation-config}\ndata:\n  node-policy.yaml: \"nodeColocationConfig:\\n- "
                    "maxOfflinePods: -1\\n\"\n"),
              ElementsAre(HasSubstr(
                  "f.yaml:4: nodeColocationConfig[0].maxOfflinePods: -1 is out of range: it must be a whole number from 0 to 10000")));
}

TEST(ConfigFiles, a_config_map_that_nobody_reads_is_wrong) {
  EXPECT_THAT(check("kind: ConfigMap\nmetadata:\n  name: colocation\n  namespace: default\ndata:\n  node-policy.yaml: |\n    "
                    "nodeColocationConfig: []\n"),
              ElementsAre(HasSubstr("f.yaml:3: metadata.name: 'colocation' is not read"),
                          HasSubstr("f.yaml:4: metadata.namespace: default is not read")));
  EXPECT_THAT(check("kind: ConfigMap\nmetadata: {name: openfuyao-colocation-config}\ndata:\n  colocation-policy.yml: ''\n"),
              ElementsAre(HasSubstr("data[\"colocation-policy.yaml\"]: missing")));
}

TEST(ConfigFiles, a_file_with_nothing_of_ours_or_no_yaml_is_wrong) {
  EXPECT_THAT(check("kind: Deployment\n"), ElementsAre(HasSubstr("f.yaml:1: nothing to check in this file")));
  EXPECT_THAT(check(""), ElementsAre(HasSubstr("f.yaml:1: nothing to check")));
  EXPECT_THAT(check("a: [\n"), ElementsAre(HasSubstr("f.yaml:2: this is not valid YAML")));
  EXPECT_THAT(check("spec:\n  enabled: true\n"), ElementsAre(HasSubstr("apiVersion: missing"), HasSubstr("kind: missing")));
  EXPECT_THAT(check("nodeColocationConfg: []\n"),
              ElementsAre(HasSubstr("nodeColocationConfg: unknown field, did you mean nodeColocationConfig?"),
                          HasSubstr("nodeColocationConfig: missing")));
}

TEST(ConfigFiles, lists_as_kubectl_writes_them_are_looked_into) {
  EXPECT_THAT(check("apiVersion: v1\nkind: List\nitems:\n- apiVersion: scheduling.openfuyao.io/v1alpha1\n  kind: ColocationPolicy\n  "
                    "spec:\n    enabled: 1\n"),
              ElementsAre("f.yaml:7: spec.enabled: 1 is not allowed: it must be true or false"));
}

}   // namespace
}   // namespace ebb::model
