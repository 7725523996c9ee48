#include "sandbox/schema/json_path.h"
#include "sandbox/schema/schema.h"
#include "sandbox/schema/structure.h"
#include "sandbox/schema/table_cells.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ebb::sandbox {
namespace {

const Kind& kind_of(std::string_view resource) { return *std::ranges::find(builtin_kinds(), resource, &Kind::resource); }

constexpr Instant kNow{1'800'000'000'000'000'000};   // 2027-01-15T08:00:00Z

// The cells under their columns' names.
json::object shown(std::string_view resource, std::string_view object) {
  const Kind& kind = kind_of(resource);
  const json::array columns = table_columns(kind, {});
  const json::array cells = table_cells(kind, {}, json::parse(object).as_object(), kNow);
  EXPECT_EQ(columns.size(), cells.size());
  json::object row;
  for (std::size_t i = 0; i < std::min(columns.size(), cells.size()); ++i) row.emplace(columns[i].at("name").as_string(), cells[i]);
  return row;
}

std::string pod_status(std::string_view status, std::string_view metadata = "{}",
                       std::string_view spec = R"({"containers":[{"name":"c"}],"initContainers":[{"name":"i"}]})") {
  return std::string(
      shown("pods", fmt::format(R"({{"metadata":{},"spec":{},"status":{}}})", metadata, spec, status)).at("Status").as_string());
}

TEST(Table, EveryBuiltinKindHasAsManyCellsAsColumns) {
  for (const Kind& kind : builtin_kinds()) {
    const json::array columns = table_columns(kind, {});
    EXPECT_EQ(columns.size(), table_cells(kind, {}, {}, kNow).size()) << kind.resource;
    EXPECT_GE(columns.size(), 2U) << kind.resource;
  }
}

TEST(Table, APodShowsReadinessRestartsAndWhereItRuns) {
  const json::object row = shown("pods", R"({"metadata":{"name":"p","creationTimestamp":"2027-01-15T07:55:00Z"},
      "spec":{"nodeName":"n","containers":[{"name":"a"},{"name":"b"}]},
      "status":{"phase":"Running","podIP":"10.0.0.1","containerStatuses":[{"name":"a","ready":true,"state":{"running":{}}},
      {"name":"b","restartCount":2,"lastState":{"terminated":{"finishedAt":"2027-01-15T07:58:00Z"}},"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}})");
  EXPECT_EQ(
      json::serialize(row),
      R"row({"Name":"p","Ready":"1/2","Status":"CrashLoopBackOff","Restarts":"2 (2m ago)","Age":"5m","IP":"10.0.0.1","Node":"n","Nominated Node":"<none>","Readiness Gates":"<none>"})row");
}

TEST(Table, APodsStatusIsTheMostTellingWord) {
  EXPECT_EQ(pod_status(R"({"phase":"Pending"})"), "Pending");
  EXPECT_EQ(pod_status(R"({"phase":"Failed","reason":"Evicted"})"), "Evicted");
  EXPECT_EQ(pod_status(R"({"phase":"Succeeded","containerStatuses":[{"state":{"terminated":{"reason":"Completed","exitCode":0}}}]})"),
            "Completed");
  EXPECT_EQ(pod_status(R"({"phase":"Failed","containerStatuses":[{"state":{"terminated":{"exitCode":3}}}]})"), "ExitCode:3");
  EXPECT_EQ(pod_status(R"({"phase":"Running"})", R"({"deletionTimestamp":"2027-01-15T07:55:00Z"})"), "Terminating");
  EXPECT_EQ(pod_status(R"({"phase":"Running","reason":"NodeLost"})", R"({"deletionTimestamp":"2027-01-15T07:55:00Z"})"), "Unknown");
  EXPECT_EQ(pod_status(R"({"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"running":{}}}]})"), "Init:0/1");
  EXPECT_EQ(pod_status(R"({"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"waiting":{"reason":"ImagePullBackOff"}}}]})"),
            "Init:ImagePullBackOff");
  EXPECT_EQ(pod_status(R"({"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"terminated":{"exitCode":1}}}]})"),
            "Init:ExitCode:1");
  EXPECT_EQ(pod_status(R"({"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"SchedulingGated"}]})"),
            "SchedulingGated");
}

TEST(Table, WorkloadsAndNodesShowTheirCounts) {
  EXPECT_EQ(
      shown(
          "deployments",
          R"({"metadata":{"name":"d"},"spec":{"replicas":3,"selector":{"matchLabels":{"a":"b"}}},"status":{"readyReplicas":1,"updatedReplicas":2}})"),
      json::parse(
          R"({"Name":"d","Ready":"1/3","Up-to-date":2,"Available":0,"Age":"<unknown>","Containers":"","Images":"","Selector":"a=b"})")
          .as_object());
  EXPECT_EQ(shown("jobs", R"({"spec":{"completions":5},"status":{"succeeded":2,"startTime":"2027-01-15T07:00:00Z"}})").at("Completions"),
            "2/5");
  EXPECT_EQ(shown("jobs", R"({"status":{"startTime":"2027-01-15T07:00:00Z","completionTime":"2027-01-15T07:01:30Z"}})").at("Duration"),
            "90s");
  const json::object node = shown("nodes", R"({"metadata":{"labels":{"node-role.kubernetes.io/worker":""}},"spec":{"unschedulable":true},
      "status":{"conditions":[{"type":"Ready","status":"True"}],"addresses":[{"type":"InternalIP","address":"10.1.1.1"}]}})");
  EXPECT_EQ(node.at("Status"), "Ready,SchedulingDisabled");
  EXPECT_EQ(node.at("Roles"), "worker");
  EXPECT_EQ(node.at("Internal-IP"), "10.1.1.1");
}

TEST(Table, BothFormsOfEventsShowTheSame) {
  const json::object old = shown(
      "events",
      R"({"involvedObject":{"kind":"Pod","name":"p"},"message":"hello","lastTimestamp":"2027-01-15T07:59:00Z","type":"Normal","reason":"R"})");
  EXPECT_EQ(old.at("Object"), "pod/p");
  EXPECT_EQ(old.at("Message"), "hello");
  EXPECT_EQ(old.at("Last Seen"), "60s");
  EXPECT_EQ(
      shown("events", R"({"regarding":{"kind":"Node","name":"n"},"note":"x","eventTime":"2027-01-15T07:59:50.000000Z"})").at("Last Seen"),
      "10s");
}

TEST(Table, DurationsAreShownAsKubectlDoes) {
  const std::pair<std::int64_t, std::string_view> cases[] = {{0, "0s"},
                                                             {119, "119s"},
                                                             {120, "2m"},
                                                             {330, "5m30s"},
                                                             {600, "10m"},
                                                             {10'799, "179m"},
                                                             {3 * 3600 + 300, "3h5m"},
                                                             {8 * 3600, "8h"},
                                                             {47 * 3600, "47h"},
                                                             {50 * 3600, "2d2h"},
                                                             {20 * 86400, "20d"},
                                                             {800 * 86400, "2y70d"},
                                                             {-5, "<invalid>"}};
  for (const auto& [s, text] : cases) EXPECT_EQ(table::human_duration(seconds(s)), text) << s;
}

TEST(Table, CustomColumnsFollowTheirPaths) {
  Kind kind;
  kind.schema = *schema_from_openapi(json::parse(R"({"type":"object"})").as_object());
  const json::object object = json::parse(R"({"metadata":{"name":"x","creationTimestamp":"2027-01-15T07:59:00Z"},"spec":{"n":3,"l":[1,2]},
      "status":{"conditions":[{"type":"Ready","status":"True"}]}})")
                                  .as_object();
  const std::vector<PrinterColumn> columns{
      {.name = "N", .type = "integer", .json_path = ".spec.n"},
      {.name = "Ready", .type = "string", .json_path = R"path(.status.conditions[?(@.type=="Ready")].status)path"},
      {.name = "List", .type = "string", .json_path = ".spec.l"},
      {.name = "None", .type = "string", .json_path = ".spec.none"},
      {.name = "Age", .type = "date", .json_path = ".metadata.creationTimestamp"}};
  EXPECT_EQ(json::serialize(table_cells(kind, columns, object, kNow)), R"(["x",3,"True","[1,2]",null,"60s"])");
  EXPECT_EQ(json::serialize(table_cells(kind, {}, object, kNow)), R"(["x","60s"])");
  EXPECT_EQ(table_columns(kind, columns).size(), 6U);
}

TEST(JsonPath, StepsIndicesWildcardsAndFilters) {
  const json::value root = json::parse(R"({"a":{"b.c":[{"n":1,"k":"x"},{"n":2,"k":"y"}]},"m":{"p":1,"q":2}})");
  const auto found = [&](std::string_view path) {
    const auto result = find_by_json_path(root, path);
    if (!result) return std::string("refused");
    std::string text;
    for (const json::value* value : *result) text += json::serialize(*value) + " ";
    return text;
  };
  EXPECT_EQ(found(R"(.a.b\.c[0].n)"), "1 ");
  EXPECT_EQ(found("{.a['b.c'][-1].n}"), "2 ");
  EXPECT_EQ(found(R"(.a.b\.c[*].n)"), "1 2 ");
  EXPECT_EQ(found(R"path(.a['b.c'][?(@.k!="x")].n)path"), "2 ");
  EXPECT_EQ(found(".m.*"), "1 2 ");
  EXPECT_EQ(found(".none.x"), "");
  EXPECT_EQ(found(".a["), "refused");
  EXPECT_EQ(found("a"), "refused");
  EXPECT_EQ(found(".a[x]"), "refused");
}

}   // namespace
}   // namespace ebb::sandbox
