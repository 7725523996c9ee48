#include "sandbox/server/kubeconfig_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace ebb::sandbox {
namespace {

using testing::HasSubstr;

class KubeconfigFileTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + "ebb-kubeconfig-XXXXXX";
    ASSERT_NE(mkdtemp(directory_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string path() const { return directory_ + "/config"; }
  void write(std::string_view text) const { std::ofstream(path()) << text; }
  static std::string ours() { return kubeconfig_text({.url = "https://127.0.0.1:1", .ca_certificate = "ca", .token = "t"}); }

  std::string directory_;
};

TEST_F(KubeconfigFileTest, ReplacesNothingAndWhatASandboxWrote) {
  EXPECT_TRUE(check_replaceable(path()).has_value());
  write("");
  EXPECT_TRUE(check_replaceable(path()).has_value());
  ASSERT_TRUE(write_private_file(path(), ours()).has_value());
  EXPECT_TRUE(check_replaceable(path()).has_value());
}

TEST_F(KubeconfigFileTest, ReplacesWhatKubectlHasChangedInIt) {
  write(
      "{apiVersion: v1, kind: Config, clusters: [{name: ebb, cluster: {server: x}}], users: [{name: ebb, user: {token: t}}],\n"
      " contexts: [{name: ebb, context: {cluster: ebb, user: ebb, namespace: shop}}], current-context: ebb}\n");
  EXPECT_TRUE(check_replaceable(path()).has_value());
}

TEST_F(KubeconfigFileTest, KeepsSomebodysClusters) {
  for (const std::string& text : {ours() + "  name: production\n", std::string("apiVersion: v1\nkind: Config\n"), std::string("notes"),
                                  std::string("clusters:\n- name: ebb\n- name: production\ncontexts:\n- name: ebb\nusers:\n- name: ebb\n"),
                                  std::string("clusters:\n- name: ebb\ncontexts:\n- name: ebb\nusers:\n- name: admin\n")}) {
    write(text);
    const Status checked = check_replaceable(path());
    ASSERT_FALSE(checked.has_value()) << text;
    EXPECT_EQ(checked.error().code, Errc::invalid);
    EXPECT_THAT(checked.error().message, HasSubstr(path()));
  }
}

TEST_F(KubeconfigFileTest, ReplacesNoLinkAndNoDevice) {
  ASSERT_TRUE(write_private_file(directory_ + "/real", ours()).has_value());
  std::filesystem::create_symlink(directory_ + "/real", path());
  EXPECT_THAT(check_replaceable(path()).error().message, HasSubstr("symbolic link"));
  EXPECT_THAT(check_replaceable("/dev/null").error().message, HasSubstr("no regular file"));
}

}   // namespace
}   // namespace ebb::sandbox
