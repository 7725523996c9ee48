#include "kube/client.h"

#include "kube/fake_api_server.h"
#include "kube/objects.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <unistd.h>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace ebb::kube {
namespace {

Access access_to(const FakeApiServer& server, std::string_view host = "127.0.0.1") {
  Access access;
  access.server = server.url(host);
  access.ca_pem = server.authority().pem();
  access.token = Secret("t0ken");
  return access;
}

std::unique_ptr<Client> client_of(Access access, ClientOptions options = {}) {
  options.seed = 1;
  auto client = Client::make(std::move(access), std::move(options));
  EXPECT_TRUE(client) << client.error().message;
  return *std::move(client);
}

void answer_ok(Exchange& exchange) { exchange.respond(200, R"({"kind":"X"})"); }

TEST(Client, AsksOverTlsWithItsTokenAndKeepsTheConnection) {
  std::string authorization;
  FakeApiServer server([&](Exchange& exchange) {
    authorization = exchange.headers["authorization"];
    exchange.respond(200, exchange.method + " " + exchange.target + " " + exchange.body);
  });
  const auto client = client_of(access_to(server));
  for (int i = 0; i < 3; ++i) {
    const auto response = client->request({.method = "POST", .target = "/a?b=c", .body = "{}"});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, "POST /a?b=c {}");
  }
  EXPECT_EQ(authorization, "Bearer t0ken");
  EXPECT_EQ(server.connections(), 1);
}

TEST(Client, TrustsNamesAndAddressesOnlyThatTheCertificateHolds) {
  FakeApiServer by_name({.names = "DNS:localhost"}, answer_ok);
  EXPECT_TRUE(client_of(access_to(by_name, "localhost"))->request({.target = "/"}));
  const auto by_address = client_of(access_to(by_name))->request({.target = "/"});
  ASSERT_FALSE(by_address);
  EXPECT_EQ(by_address.error().code, Errc::denied);
  EXPECT_TRUE(by_address.error().message.contains("mismatch")) << by_address.error().message;

  Access renamed = access_to(by_name);
  renamed.tls_server_name = "localhost";
  EXPECT_TRUE(client_of(renamed)->request({.target = "/"}));
  Access careless = access_to(by_name);
  careless.ca_pem.clear();
  careless.insecure_skip_tls_verify = true;
  EXPECT_TRUE(client_of(careless)->request({.target = "/"}));
}

TEST(Client, RefusesAnUnknownAuthorityAndAnExpiredCertificate) {
  FakeApiServer server(answer_ok);
  Access stranger = access_to(server);
  stranger.ca_pem = TestAuthority().pem();
  const auto unknown = client_of(stranger)->request({.target = "/"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Errc::denied) << unknown.error().message;
  Access system_only = access_to(server);
  system_only.ca_pem.clear();
  EXPECT_FALSE(client_of(system_only)->request({.target = "/"}));

  FakeApiServer late({.expired = true}, answer_ok);
  const auto expired = client_of(access_to(late))->request({.target = "/"});
  ASSERT_FALSE(expired);
  EXPECT_TRUE(expired.error().message.contains("expired")) << expired.error().message;
}

TEST(Client, ShowsItsClientCertificateWhereOneIsAsked) {
  FakeApiServer server({.asks_for_client_certificate = true}, answer_ok);
  Access access = access_to(server);
  const auto without = client_of(access)->request({.target = "/"});
  ASSERT_FALSE(without);
  const IssuedCertificate me = server.authority().issue("DNS:me");
  access.client_certificate_pem = me.certificate_pem;
  access.client_key_pem = Secret(me.key_pem);
  const auto with = client_of(access)->request({.target = "/"});
  EXPECT_TRUE(with) << with.error().message;

  access.client_key_pem = Secret(server.authority().issue("DNS:other").key_pem);
  const auto mismatch = Client::make(access);
  ASSERT_FALSE(mismatch);
  EXPECT_FALSE(mismatch.error().message.contains("PRIVATE"));
}

TEST(Client, SendsNoCredentialsOverPlainHttpAndAsksOnlyLoopback) {
  FakeApiServer server({.tls = false}, answer_ok);
  EXPECT_EQ(Client::make(access_to(server)).error().code, Errc::denied);
  Access open = access_to(server);
  open.token = Secret();
  EXPECT_TRUE(client_of(open)->request({.target = "/"}));
  open.server = "http://192.0.2.1:80";
  const auto far = client_of(open)->request({.target = "/"});
  ASSERT_FALSE(far);
  EXPECT_EQ(far.error().code, Errc::denied);
}

TEST(Client, TurnsStatusObjectsIntoErrors) {
  FakeApiServer server([](Exchange& exchange) {
    if (exchange.target == "/401")
      return exchange.respond(401, R"({"kind":"Status","reason":"Unauthorized","message":"Unauthorized","code":401})");
    if (exchange.target == "/exists")
      return exchange.respond(409, R"({"kind":"Status","reason":"AlreadyExists","message":"there already","code":409})");
    if (exchange.target == "/conflict")
      return exchange.respond(409, R"({"kind":"Status","reason":"Conflict","message":"changed","code":409})");
    if (exchange.target == "/410") return exchange.respond(410, R"({"kind":"Status","reason":"Expired","message":"too old","code":410})");
    exchange.send("HTTP/1.1 502 X\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>");
  });
  const auto client = client_of(access_to(server));
  const auto error = [&](std::string target) { return client->request({.target = std::move(target)}).error(); };
  EXPECT_EQ(error("/401"), (Error{Errc::denied, "GET /401: Unauthorized"}));
  EXPECT_EQ(error("/exists").code, Errc::exists);
  EXPECT_EQ(error("/conflict").code, Errc::conflict);
  EXPECT_EQ(error("/410").code, Errc::expired);
  EXPECT_EQ(error("/502").code, Errc::unavailable);
  EXPECT_FALSE(error("/502").message.contains("html"));
  EXPECT_FALSE(error("/401").message.contains("t0ken"));
}

TEST(Client, WaitsAsLongAsItIsAskedToAndThenTriesAgain) {
  std::atomic<int> asked = 0;
  FakeApiServer server([&](Exchange& exchange) {
    if (++asked < 3) return exchange.respond(429, R"({"kind":"Status","message":"slow down"})", "Retry-After: 0\r\n");
    exchange.respond(200, "{}");
  });
  const auto client = client_of(access_to(server));
  EXPECT_TRUE(client->request({.target = "/"}));
  EXPECT_EQ(asked, 3);
}

TEST(Client, GivesUpWhenTheWaitAskedForIsLongerThanItsTimeout) {
  FakeApiServer server(
      [&](Exchange& exchange) { exchange.respond(429, R"({"kind":"Status","message":"slow down"})", "Retry-After: 60\r\n"); });
  const auto answer = client_of(access_to(server))->request({.target = "/", .timeout = seconds(5)});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), (Error{Errc::overloaded, "GET /: slow down"}));
}

TEST(Client, DoesNotWaitForEverForASlowServer) {
  FakeApiServer server([](Exchange& exchange) {
    exchange.send("HTTP/1.1 200 OK\r\nContent-Le");
    exchange.wait_until_closed();
  });
  const auto answer = client_of(access_to(server))->request({.target = "/", .timeout = milliseconds(30)});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::unavailable);
}

TEST(Client, RefusesBodiesOverItsLimitHoweverTheyCome) {
  FakeApiServer server([](Exchange& exchange) {
    if (exchange.target == "/length") return exchange.respond(200, std::string(2000, 'x'));
    exchange.begin_stream();
    for (int i = 0; i < 20; ++i) exchange.chunk(std::string(100, 'x'));
    exchange.end_stream();
  });
  const auto client = client_of(access_to(server), {.body_bytes_max = 1000});
  EXPECT_EQ(client->request({.target = "/length"}).error().code, Errc::too_large);
  EXPECT_EQ(client->request({.target = "/chunks"}).error().code, Errc::too_large);
}

TEST(Client, AsksAgainWhenAKeptConnectionWasClosedUnderIt) {
  FakeApiServer server([](Exchange& exchange) {
    if (exchange.connection == 0 && exchange.target == "/second") {
      exchange.close_after = true;   // read the request and hang up
      return;
    }
    exchange.respond(200, "{}");
  });
  const auto client = client_of(access_to(server));
  ASSERT_TRUE(client->request({.target = "/first"}));
  const auto second = client->request({.target = "/second"});
  EXPECT_TRUE(second) << second.error().message;
  EXPECT_EQ(server.connections(), 2);
}

TEST(Client, DoesNotSendAPostTwice) {
  std::atomic<int> posts = 0;
  FakeApiServer server([&](Exchange& exchange) {
    if (exchange.method == "POST") {
      ++posts;
      exchange.close_after = true;
      return;
    }
    exchange.respond(200, "{}");
  });
  const auto client = client_of(access_to(server));
  ASSERT_TRUE(client->request({.target = "/"}));
  const auto post = client->request({.method = "POST", .target = "/", .body = "{}"});
  ASSERT_FALSE(post);
  EXPECT_EQ(post.error().code, Errc::unavailable);
  EXPECT_EQ(posts, 1);
}

TEST(Client, ReadsItsTokenFileAgainWhenTheServerRefusesTheToken) {
  const std::string path = testing::TempDir() + "ebb_token_" + std::to_string(::getpid());
  std::ofstream(path) << "old\n";
  FakeApiServer server([&](Exchange& exchange) {
    if (exchange.headers["authorization"] == "Bearer new") return exchange.respond(200, "{}");
    std::ofstream(path) << "new\n";
    exchange.respond(401, R"({"kind":"Status","message":"Unauthorized"})");
  });
  Access access = access_to(server);
  access.token_file = path;
  EXPECT_TRUE(client_of(access)->request({.target = "/"}));
  std::filesystem::remove(path);
}

TEST(Client, EndsWhatBlocksWhenItIsClosed) {
  std::unique_ptr<Client> client;   // outlives the server's threads, one of which closes it
  FakeApiServer server([&](Exchange& exchange) {
    client->close();
    exchange.wait_until_closed();
  });
  client = client_of(access_to(server));
  EXPECT_EQ(client->request({.target = "/"}).error().code, Errc::cancelled);
}

TEST(Client, WatchesALineAtATimeHoweverItIsCut) {
  FakeApiServer server([](Exchange& exchange) {
    exchange.begin_stream();
    exchange.chunk("{\"a\":\"\xc3");   // half of an ü
    exchange.chunk("\xbc\"}\n{\"b\"");
    exchange.chunk(":1}\n{}");
    exchange.end_stream();
  });
  const auto client = client_of(access_to(server));
  const auto watch = client->watch("/w?watch=true");
  ASSERT_TRUE(watch) << watch.error().message;
  for (const std::string_view expected : {"{\"a\":\"ü\"}", "{\"b\":1}", "{}"}) {
    const auto line = (*watch)->next(seconds(10));
    ASSERT_TRUE(line) << line.error().message;
    ASSERT_TRUE(*line);
    EXPECT_EQ(**line, expected);
  }
  const auto end = (*watch)->next(seconds(10));
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

TEST(Client, NoticesAWatchThatBreaksFallsSilentOrIsRefused) {
  FakeApiServer server([](Exchange& exchange) {
    if (exchange.target == "/refused") return exchange.respond(410, R"({"kind":"Status","reason":"Expired","message":"too old"})");
    exchange.begin_stream();
    exchange.chunk("{}\n{\"half\"");
    if (exchange.target == "/broken") {
      exchange.close_after = true;
      return;
    }
    exchange.wait_until_closed();
  });
  const auto client = client_of(access_to(server));
  EXPECT_EQ(client->watch("/refused").error().code, Errc::expired);
  const auto broken = client->watch("/broken");
  ASSERT_TRUE(broken && (*broken)->next(seconds(10)));
  EXPECT_EQ((*broken)->next(seconds(10)).error().code, Errc::unavailable);
  Stop stop;
  const auto silent = client->watch("/silent", &stop);
  ASSERT_TRUE(silent && (*silent)->next(seconds(10)));
  EXPECT_EQ((*silent)->next(milliseconds(20)).error().code, Errc::unavailable);
  stop.request();
  EXPECT_EQ((*silent)->next(seconds(10)).error().code, Errc::cancelled);
}

TEST(Objects, AListIsReadInPagesAndBegunAnewWhenItsPagesExpire) {
  int asked = 0;
  FakeApiServer server([&](Exchange& exchange) {
    const bool continued = exchange.target.contains("continue=");
    ++asked;
    if (!continued)
      return exchange.respond(
          200,
          R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"5","continue":"a b"},"items":[{"metadata":{"name":"p1"}}]})");
    EXPECT_TRUE(exchange.target.contains("continue=a%20b")) << exchange.target;
    if (asked == 2) return exchange.respond(410, R"({"kind":"Status","reason":"Expired","message":"too old"})");
    exchange.respond(200,
                     R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"6"},"items":[{"metadata":{"name":"p2"}}]})");
  });
  const auto client = client_of(access_to(server));
  Decoder decoder(ObjectType::pod);
  const auto page = list_decoded(*client, decoder, resources::kPods);
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->items.size(), 2U);
  EXPECT_EQ(page->resource_version, "6");
  const auto trees = list_objects(*client, resources::kPods, {.ns = "x"});
  ASSERT_TRUE(trees);
  ASSERT_EQ(trees->size(), 2U);
  EXPECT_EQ((*trees)[1].at("kind").as_string(), "Pod");
}

TEST(Objects, WritesGoWhereTheyBelong) {
  std::vector<std::string> seen;
  FakeApiServer server([&](Exchange& exchange) {
    seen.push_back(exchange.method + " " + exchange.target + " " + exchange.headers["content-type"] + " " + exchange.body);
    exchange.respond(200, "{}");
  });
  const auto client = client_of(access_to(server));
  ASSERT_TRUE(bind_pod(*client, {"ns", "p"}, model::Uid("u"), model::NodeName("n")));
  ASSERT_TRUE(
      patch_object(*client, resources::kDeployments, {"ns", "d"}, PatchKind::apply, boost::json::object{{"a", 1}}, {.force = true}));
  ASSERT_TRUE(scale(*client, resources::kDeployments, {"ns", "d"}, 3));
  ASSERT_TRUE(
      delete_object(*client, resources::kNodes, {"", "n"}, {.propagation = "Background", .grace_seconds = 0, .uid = model::Uid("u")}));
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(
      seen[0],
      R"(POST /api/v1/namespaces/ns/pods/p/binding application/json {"apiVersion":"v1","kind":"Binding","metadata":{"name":"p","namespace":"ns","uid":"u"},"target":{"apiVersion":"v1","kind":"Node","name":"n"}})");
  EXPECT_EQ(seen[1], R"(PATCH /apis/apps/v1/namespaces/ns/deployments/d?fieldManager=ebb&force=true application/apply-patch+yaml {"a":1})");
  EXPECT_EQ(
      seen[2],
      R"(PATCH /apis/apps/v1/namespaces/ns/deployments/d/scale?fieldManager=ebb application/merge-patch+json {"spec":{"replicas":3}})");
  EXPECT_EQ(
      seen[3],
      R"(DELETE /api/v1/nodes/n application/json {"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background","gracePeriodSeconds":0,"preconditions":{"uid":"u"}})");
}

TEST(Client, KeepsToTheRateItWasGiven) {
  FakeApiServer server(answer_ok);
  ClientOptions options;
  options.rate = {.milli_per_second = 50'000, .burst = 1};
  const auto client = client_of(access_to(server), std::move(options));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(client->request({.target = "/"}));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(60));   // it may be longer on a busy machine
}

}   // namespace
}   // namespace ebb::kube
