#include "sandbox/api/request_fixture.h"
#include "sandbox/store/persistence.h"

#include <filesystem>

namespace ebb::sandbox {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

class DiscoveryTest : public RequestTest {
 protected:
  static std::vector<std::string> texts(const json::value& array, std::string_view member) {
    std::vector<std::string> found;
    for (const json::value& one : array.as_array()) found.emplace_back(text_in(one.as_object(), member));
    return found;
  }
};

TEST_F(DiscoveryTest, TheVersionIsThatOfTheKubernetesItStandsFor) {
  const Answered version = call("GET", "/version");
  EXPECT_EQ(version.at("major"), "1");
  EXPECT_EQ(version.at("minor"), "37");
  EXPECT_EQ(version.at("gitVersion"), "v1.37.2+ebb");
}

TEST_F(DiscoveryTest, GroupsVersionsAndResourcesCanBeWalked) {
  EXPECT_THAT(call("GET", "/api").text, HasSubstr(R"("versions":["v1"])"));
  const Answered groups = call("GET", "/apis");
  EXPECT_THAT(texts(groups.body.at("groups"), "name"), IsSupersetOf({"apps", "batch", "policy", "events.k8s.io", "apiextensions.k8s.io"}));
  EXPECT_THAT(texts(groups.body.at("groups"), "name"), Not(Contains("")));
  EXPECT_EQ(call("GET", "/apis/autoscaling").at("preferredVersion.version"), "v2");
  const Answered core = call("GET", "/api/v1");
  EXPECT_EQ(core.at("groupVersion"), "v1");
  EXPECT_THAT(texts(core.body.at("resources"), "name"),
              IsSupersetOf({"pods", "pods/status", "pods/binding", "pods/eviction", "namespaces/finalize"}));
  EXPECT_EQ(call("GET", "/apis/apps/v2").status, 404);
  EXPECT_EQ(call("GET", "/apis/none").status, 404);
}

TEST_F(DiscoveryTest, AggregatedDiscoveryComesInOneDocumentWhereItIsAskedFor) {
  accept_ =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;"
      "as=APIGroupDiscoveryList,application/json";
  const Answered all = call("GET", "/apis");
  EXPECT_EQ(all.content_type, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  EXPECT_EQ(all.at("apiVersion"), "apidiscovery.k8s.io/v2");
  EXPECT_THAT(all.text, HasSubstr(R"("resource":"deployments","responseKind":{"group":"apps","version":"v1","kind":"Deployment"})"));
  EXPECT_THAT(call("GET", "/api").text, HasSubstr(R"("resource":"pods")"));
  accept_ = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";
  EXPECT_EQ(call("GET", "/apis").at("apiVersion"), "apidiscovery.k8s.io/v2beta1");
}

TEST_F(DiscoveryTest, OpenApiDocumentsAreIndexedByHash) {
  const Answered index = call("GET", "/openapi/v3");
  const std::string url(text_in(index.body.at("paths").at("apis/apps/v1").as_object(), "serverRelativeURL"));
  EXPECT_THAT(url, HasSubstr("/openapi/v3/apis/apps/v1?hash="));
  const Answered document = call("GET", url);
  EXPECT_THAT(document.text, HasSubstr("io.k8s.api.apps.v1.Deployment"));
  EXPECT_EQ(document.headers.count("ETag"), 1u);
  EXPECT_EQ(call("GET", "/openapi/v2").at("swagger"), "2.0");
  EXPECT_EQ(call("GET", "/openapi/v3/apis/none/v1").status, 404);
}

TEST_F(DiscoveryTest, OpenApi2ComesInProtobufWhereThatIsAskedForFirst) {
  constexpr std::string_view kType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
  const std::string text = call("GET", "/openapi/v2").text;
  for (const std::string_view spelt : {"application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
                                       "application/com.github.proto-openapi.spec.v2.v1.0+protobuf, application/json"}) {
    accept_ = spelt;
    const Answered binary = call("GET", "/openapi/v2");
    EXPECT_EQ(binary.status, 200) << spelt;
    EXPECT_EQ(binary.content_type, kType) << spelt;
    EXPECT_THAT(binary.text, testing::StartsWith("\n\0032.0")) << spelt;   // the first field: swagger
    EXPECT_THAT(binary.text, HasSubstr("io.k8s.api.core.v1.Pod"));
  }
  accept_ = "application/json, application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
  EXPECT_EQ(call("GET", "/openapi/v2").text, text);
  EXPECT_EQ(call("GET", "/openapi/v2").content_type, "application/json");
  accept_ = "application/yaml";
  EXPECT_EQ(call("GET", "/openapi/v2").status, 406);
}

TEST_F(DiscoveryTest, HealthIsText) {
  EXPECT_EQ(call("GET", "/healthz").text, "ok");
  EXPECT_EQ(call("GET", "/readyz/ping").text, "ok");
  EXPECT_THAT(call("GET", "/livez?verbose").text, HasSubstr("livez check passed"));
  EXPECT_THAT(call("GET", "/metrics").text, HasSubstr(R"(apiserver_resource_objects{group="",resource="namespaces"} 4)"));
}

TEST_F(DiscoveryTest, AServerHasWhatEveryClusterHas) {
  EXPECT_THAT(call("GET", "/api/v1/namespaces").names(), testing::ElementsAre("default", "kube-node-lease", "kube-public", "kube-system"));
  EXPECT_EQ(call("GET", "/api/v1/namespaces/default/services/kubernetes").at("spec.clusterIP"), "10.96.0.1");
}

TEST_F(DiscoveryTest, AKeptServerGoesOnWhereItStopped) {
  std::string directory = testing::TempDir() + "ebb-api-XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  const auto open = [&directory] {
    ApiOptions options = RequestTest::options();
    options.persistence = *Persistence::open(directory + "/data.db");
    return make_api(std::move(options));
  };
  api_.reset();
  api_ = open();
  make("/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
       R"({"metadata":{"name":"things.x.io"},"spec":{"group":"x.io","scope":"Cluster","names":{"plural":"things","kind":"Thing"},
        "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}})");
  const Answered thing = make("/apis/x.io/v1/things", R"({"metadata":{"name":"t"},"spec":{"a":1}})");
  const Answered map = make(kConfigMaps, config_map("a"));
  call("DELETE", at(kConfigMaps, "/a"));
  const std::string version = call("GET", kConfigMaps).at("metadata.resourceVersion");
  ASSERT_TRUE(api_->flush().has_value());
  api_.reset();
  api_ = open();
  EXPECT_EQ(call("GET", "/apis/x.io/v1/things/t").body, thing.body);
  EXPECT_EQ(call("GET", at(kConfigMaps, "/a")).status, 404);
  EXPECT_EQ(call("GET", kConfigMaps).at("metadata.resourceVersion"), version);
  api_.reset();
  std::filesystem::remove_all(directory);
}

}   // namespace
}   // namespace ebb::sandbox
