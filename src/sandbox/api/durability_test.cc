#include "sandbox/api/request_fixture.h"
#include "sandbox/store/persistence.h"

#include <filesystem>

namespace ebb::sandbox {
namespace {

using testing::HasSubstr;

class DurabilityTest : public RequestTest {
 protected:
  Response ask(std::string_view method, std::string_view url, std::string body = {}, std::string_view content_type = "application/json") {
    auto answer = api_->handle(request(method, url, std::move(body), std::string(content_type)), now_);
    return std::get<Response>(std::move(answer));
  }
};

TEST_F(DurabilityTest, OnlyASuccessfulWriteThatIsNoDryRunPromisesSomething) {
  EXPECT_TRUE(ask("POST", kConfigMaps, config_map("a")).promises);
  EXPECT_TRUE(ask("PATCH", at(kConfigMaps, "/a"), "{}", kMerge).promises) << "what is unchanged is said to be stored all the same";
  EXPECT_FALSE(ask("POST", kConfigMaps, config_map("a")).promises) << "it exists";
  EXPECT_FALSE(ask("GET", at(kConfigMaps, "/a")).promises);
  EXPECT_FALSE(ask("POST", at(kConfigMaps, "?dryRun=All"), config_map("b")).promises);
  EXPECT_FALSE(ask("DELETE", at(kConfigMaps, "/a"), R"({"dryRun":["All"]})").promises);
  EXPECT_FALSE(ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", R"({"spec":{}})").promises);
  EXPECT_TRUE(ask("DELETE", at(kConfigMaps, "/a")).promises);
}

TEST_F(DurabilityTest, AFullDiskIsTheFlushsFailureAndNoRequests) {
  std::string directory = testing::TempDir() + "ebb-api-XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  auto kept = *Persistence::open(directory + "/data.db");
  Persistence& disk = *kept;
  ApiOptions options = RequestTest::options();
  options.persistence = std::move(kept);
  api_ = make_api(std::move(options));

  const auto pages = disk.limit_pages(1);
  const std::string big = fmt::format(R"({{"x":"{}"}})", std::string(900'000, 'x'));
  EXPECT_EQ(call("POST", kConfigMaps, config_map("a", "", big)).status, 201);
  EXPECT_TRUE(disk.pending()) << "requests wait for a flush";
  const Status refused = api_->flush();
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("full"));
  EXPECT_EQ(call("GET", kConfigMaps).status, 200);
  disk.limit_pages(pages);
  EXPECT_TRUE(api_->flush().has_value());
  EXPECT_FALSE(disk.pending());
  api_.reset();
  std::filesystem::remove_all(directory);
}

}   // namespace
}   // namespace ebb::sandbox
