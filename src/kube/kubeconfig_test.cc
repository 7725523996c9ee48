#include "kube/kubeconfig.h"

#include "kube/base64.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace ebb::kube {
namespace {

constexpr std::string_view kConfig = R"(apiVersion: v1
kind: Config
current-context: dev
contexts:
- name: dev
  context: {cluster: c, user: u, namespace: team}
- name: other
  context: {cluster: gone, user: u}
clusters:
- name: c
  cluster:
    server: https://10.0.0.1:6443
    certificate-authority-data: Q0EK
    tls-server-name: kubernetes
users:
- name: u
  user:
    token: s3cret
)";

Result<Access> parse(std::string text, std::string_view context = {}) {
  return parse_kubeconfig({{.path = "/k/config", .text = std::move(text)}}, context);
}

std::string replaced(std::string_view what, std::string_view with) {
  std::string text(kConfig);
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, what.size(), with);
}

std::string error_of(const std::string& text) {
  const auto access = parse(text);
  return access ? "no error" : access.error().message;
}

TEST(Kubeconfig, FollowsTheCurrentContextToClusterAndUser) {
  const auto access = parse(std::string(kConfig));
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(access->server, "https://10.0.0.1:6443");
  EXPECT_EQ(access->ca_pem, "CA\n");
  EXPECT_EQ(access->tls_server_name, "kubernetes");
  EXPECT_EQ(access->token.reveal(), "s3cret");
  EXPECT_EQ(access->ns, "team");
}

TEST(Kubeconfig, SaysFileAndLineOfWhatIsWrong) {
  EXPECT_EQ(error_of(replaced("server: https://10.0.0.1:6443", "other: x")), "/k/config:12: the cluster has no server");
  EXPECT_EQ(error_of(replaced("Q0EK", "Q0E*")), "/k/config:13: certificate-authority-data: a character that base64 does not have");
  EXPECT_EQ(error_of(replaced("current-context: dev", "current-context: nowhere")), "/k/config: there is no 'nowhere' among its contexts");
  EXPECT_EQ(error_of(replaced("current-context: dev", "")), "/k/config: no current-context");
  EXPECT_EQ(error_of(replaced("tls-server-name: kubernetes", "insecure-skip-tls-verify: maybe")),
            "/k/config:14: insecure-skip-tls-verify: expected true or false");
  EXPECT_TRUE(error_of(replaced("tls-server-name: kubernetes", "insecure-skip-tls-verify: true")).contains("contradicts"));
  EXPECT_TRUE(error_of("a: [").starts_with("/k/config:1")) << error_of("a: [");
  EXPECT_EQ(error_of("- a"), "/k/config:1: expected the mapping of a kubeconfig");
  EXPECT_EQ(parse(std::string(kConfig), "other").error().code, Errc::not_found);
}

TEST(Kubeconfig, RefusesWhatItDoesNotDoInsteadOfLeavingItOut) {
  for (const std::string_view user : {"exec: {command: aws}", "auth-provider: {name: gcp}", "password: hunter2", "as: root"}) {
    const auto access = parse(replaced("token: s3cret", user));
    ASSERT_FALSE(access) << user;
    EXPECT_EQ(access.error().code, Errc::unsupported);
    EXPECT_TRUE(access.error().message.starts_with("/k/config:18: ")) << access.error().message;
    EXPECT_FALSE(access.error().message.contains("hunter2"));
  }
  EXPECT_EQ(parse(replaced("tls-server-name: kubernetes", "proxy-url: http://p:1")).error().code, Errc::unsupported);
}

TEST(Kubeconfig, NeverShowsASecretInAnError) {
  EXPECT_FALSE(error_of(replaced("token: s3cret", "token: {s3cret: s3cret}")).contains("s3cret"));
  EXPECT_FALSE(error_of(replaced("token: s3cret", "client-certificate-data: Q0EK\n    client-key-data: 's3cret!'")).contains("s3cret"));
}

TEST(Kubeconfig, MergesFilesSoThatTheFirstWins) {
  const auto access = parse_kubeconfig({{.path = "/a", .text = "current-context: dev\nusers:\n- name: u\n  user: {token: first}\n"},
                                        {.path = "/b", .text = std::string(kConfig)}});
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(access->token.reveal(), "first");
  EXPECT_EQ(access->server, "https://10.0.0.1:6443");
}

class KubeconfigFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "ebb_kubeconfig_" + std::to_string(::getpid());
    std::filesystem::create_directories(folder_ + "/certs");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, std::string_view text) const { std::ofstream(folder_ + "/" + name) << text; }

  std::string folder_;
};

TEST_F(KubeconfigFiles, RelativePathsStartFromTheFilesFolder) {
  write("certs/ca.pem", "CA from a file");
  write("config", replaced("certificate-authority-data: Q0EK", "certificate-authority: certs/ca.pem"));
  const auto access = load_access(AccessQuery{.file = folder_ + "/config"});
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(access->ca_pem, "CA from a file");
  std::filesystem::remove(folder_ + "/certs/ca.pem");
  const auto missing = load_access(AccessQuery{.file = folder_ + "/config"});
  ASSERT_FALSE(missing);
  EXPECT_TRUE(missing.error().message.starts_with(folder_ + "/config:13: certificate-authority: ")) << missing.error().message;
}

TEST_F(KubeconfigFiles, AreSoughtInKubectlsOrder) {
  write("a", kConfig);
  std::filesystem::create_directories(folder_ + "/.kube");
  write(".kube/config", replaced("s3cret", "from home"));
  const auto token = [](const AccessQuery& query) {
    const auto access = load_access(query);
    return access ? access->token.reveal() : access.error().message;
  };
  EXPECT_EQ(token({.kubeconfig = folder_ + "/missing:" + folder_ + "/a", .home = folder_}), "s3cret");
  EXPECT_EQ(token({.home = folder_}), "from home");
  EXPECT_EQ(load_access(AccessQuery{.file = folder_ + "/missing", .home = folder_}).error().code, Errc::not_found);
  EXPECT_TRUE(token({.home = folder_ + "/nobody"}).contains("--kubeconfig"));
}

TEST_F(KubeconfigFiles, InsideAPodItsServiceAccountSpeaks) {
  write("ca.crt", "CA");
  write("token", "t");
  write("namespace", "ns");
  const auto access = load_access(AccessQuery{.service_host = "fd00::1", .service_port = "443", .service_account_directory = folder_});
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(access->server, "https://[fd00::1]:443");
  EXPECT_EQ(access->token_file, folder_ + "/token");
  EXPECT_EQ(access->ca_pem, "CA");
  EXPECT_EQ(access->ns, "ns");
}

TEST(Base64, ReadsWhatOthersWrite) {
  const auto decoded = [](std::string_view text) {
    const auto result = decode_base64(text);
    return result ? *result : "error: " + result.error().message;
  };
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded("YQ=="), "a");
  EXPECT_EQ(decoded("YWI="), "ab");
  EXPECT_EQ(decoded("YWJj\nZGVm"), "abcdef");
  EXPECT_EQ(decoded("//79"), "\xff\xfe\xfd");
  for (const std::string_view bad : {"Y", "YQ", "YQ=", "YQ===", "=", "YQ==YQ==", "Y\x01==", "YQ=a"}) {
    EXPECT_TRUE(decoded(bad).starts_with("error")) << bad;
  }
}

}   // namespace
}   // namespace ebb::kube
