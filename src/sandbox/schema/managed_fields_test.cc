#include "sandbox/schema/field_managers.h"
#include "sandbox/schema/schema.h"
#include "sandbox/schema/structure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::sandbox {
namespace {

const Schema& deployment() {
  static const SchemaPtr schema = builtin_schema("apps/v1", "Deployment");
  return *schema;
}

ManagedFieldsContext as(std::string manager, std::int64_t second = 0, std::string subresource = {}) {
  return {
      .manager = std::move(manager), .api_version = "apps/v1", .subresource = std::move(subresource), .now = Instant{seconds(second).v}};
}

json::object object(std::string_view text) { return json::parse(text).as_object(); }

// `manager: path path` per entry.
std::vector<std::string> owners(const json::object& object) {
  std::vector<std::string> lines;
  const auto managers = FieldManagers::parse(object);
  for (const ManagedEntry& entry : managers->entries()) {
    lines.push_back(fmt::format("{} {}: {}", entry.manager.name, entry.manager.operation, fmt::join(path_texts(entry.fields), " ")));
  }
  return lines;
}

struct Applied {
  json::object object;
  std::vector<ApplyConflict> conflicts;
};

Applied apply(const json::object* live, std::string_view text, const ManagedFieldsContext& context, bool force = false) {
  Applied applied;
  auto result = apply_server_side(deployment(), live, object(text), force, context, applied.conflicts);
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message);
  if (result) applied.object = *std::move(result);
  return applied;
}

constexpr std::string_view kTwo = R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","labels":{"a":"1"}},
  "spec":{"replicas":2,"template":{"spec":{"containers":[{"name":"c","image":"i:1","ports":[{"containerPort":80}]}]}}}})";

TEST(TrackUpdate, ACreatorOwnsWhatItSetAndNotTheName) {
  json::object created = object(kTwo);
  track_update(deployment(), nullptr, created, as("creator"));
  const std::string container = ".spec.template.spec.containers[name=\"c\"]";
  const std::string port = container + ".ports[containerPort=80,protocol=\"TCP\"]";
  EXPECT_THAT(
      owners(created),
      testing::ElementsAre(fmt::format(
          "creator Update: .metadata.labels .metadata.labels.a .spec.replicas {0} {0}.image {0}.name {0}.ports {1} {1}.containerPort",
          container, port)));
}

TEST(TrackUpdate, WhatAnotherChangesItOwnsAndWhatItRemovesNobodyDoes) {
  json::object first = object(R"({"metadata":{"name":"d","labels":{"a":"1","b":"2"}}})");
  track_update(deployment(), nullptr, first, as("one"));
  json::object second = object(R"({"metadata":{"name":"d","labels":{"a":"9"}}})");
  track_update(deployment(), &first, second, as("two", 5));
  EXPECT_THAT(owners(second), testing::UnorderedElementsAre("one Update: .metadata.labels", "two Update: .metadata.labels.a"));
}

TEST(TrackUpdate, AnUpdateThatChangesNothingKeepsTheTimes) {
  json::object first = object(kTwo);
  track_update(deployment(), nullptr, first, as("one"));
  json::object second = first;
  track_update(deployment(), &first, second, as("one", 60));
  EXPECT_EQ(first, second);
}

TEST(TrackUpdate, ASingleEmptyEntryResetsAndTheObjectStaysUntracked) {
  json::object first = object(kTwo);
  track_update(deployment(), nullptr, first, as("one"));
  json::object reset = first;
  reset["metadata"].as_object()["managedFields"] = json::array{json::object()};
  track_update(deployment(), &first, reset, as("one", 1));
  EXPECT_EQ(array_at(reset, "metadata.managedFields"), nullptr);
  json::object later = reset;
  later["spec"].as_object()["replicas"] = 7;
  track_update(deployment(), &reset, later, as("one", 2));
  EXPECT_EQ(array_at(later, "metadata.managedFields"), nullptr);
}

TEST(TrackUpdate, StatusIsOwnedThroughItsSubresourceOnly) {
  json::object first = object(kTwo);
  track_update(deployment(), nullptr, first, as("one"));
  json::object second = first;
  second["status"] = json::object{{"replicas", 2}};
  track_update(deployment(), &first, second, as("controller", 3, "status"));
  EXPECT_THAT(owners(second), testing::Contains("controller Update: .status .status.replicas"));
}

TEST(TrackUpdate, TheEleventhUpdaterMakesTheOldestAncient) {
  json::object now = object(R"({"metadata":{"name":"d"}})");
  track_update(deployment(), nullptr, now, as("m0"));
  for (int i = 0; i < 14; ++i) {
    json::object next = now;
    json::value& labels = next["metadata"].as_object()["labels"];
    if (!labels.is_object()) labels.emplace_object();
    labels.as_object()[fmt::format("l{}", i)] = "x";
    track_update(deployment(), i == 0 ? nullptr : &now, next, as(fmt::format("m{}", i), i));
    now = next;
  }
  const std::vector<std::string> lines = owners(now);
  EXPECT_EQ(lines.size(), 10U);
  EXPECT_THAT(lines, testing::Contains(testing::HasSubstr("ancient-changes Update: .metadata.labels .metadata.labels.l0")));
}

TEST(ServerSideApply, OwnsExactlyWhatWasApplied) {
  const Applied created = apply(nullptr, kTwo, as("a"));
  EXPECT_THAT(owners(created.object),
              testing::ElementsAre("a Apply: .metadata.labels.a .spec.replicas .spec.template.spec.containers[name=\"c\"] "
                                   ".spec.template.spec.containers[name=\"c\"].image "
                                   ".spec.template.spec.containers[name=\"c\"].name "
                                   ".spec.template.spec.containers[name=\"c\"].ports[containerPort=80,protocol=\"TCP\"] "
                                   ".spec.template.spec.containers[name=\"c\"].ports[containerPort=80,protocol=\"TCP\"].containerPort"));
}

TEST(ServerSideApply, TwiceIsOnce) {
  const Applied first = apply(nullptr, kTwo, as("a"));
  const Applied second = apply(&first.object, kTwo, as("a", 100));
  EXPECT_EQ(first.object, second.object);
}

TEST(ServerSideApply, WhatIsNoLongerAppliedGoesUnlessOthersOwnIt) {
  const Applied first = apply(nullptr, kTwo, as("a"));
  const Applied other =
      apply(&first.object, R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"replicas":2}})", as("b", 1));
  EXPECT_TRUE(other.conflicts.empty());
  const Applied less = apply(&other.object, R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},
      "spec":{"template":{"spec":{"containers":[{"name":"c","image":"i:1"}]}}}})",
                             as("a", 2));
  EXPECT_TRUE(less.conflicts.empty());
  json::object expected = object(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},
      "spec":{"replicas":2,"template":{"spec":{"containers":[{"name":"c","image":"i:1"}]}}}})");
  json::object got = less.object;
  got["metadata"].as_object().erase("managedFields");
  EXPECT_EQ(json::serialize(got), json::serialize(expected));
}

TEST(ServerSideApply, AConflictNamesTheOwnerAndTheFieldAndForceTakesIt) {
  json::object created = object(kTwo);
  track_update(deployment(), nullptr, created, as("kubectl-create"));
  constexpr std::string_view three = R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"replicas":3}})";
  const Applied refused = apply(&created, three, as("a", 1));
  ASSERT_EQ(refused.conflicts.size(), 1U);
  EXPECT_EQ(refused.conflicts[0].manager, "\"kubectl-create\" using apps/v1");
  EXPECT_EQ(refused.conflicts[0].field, ".spec.replicas");
  const Applied forced = apply(&created, three, as("a", 1), true);
  EXPECT_THAT(owners(forced.object), testing::Contains("a Apply: .spec.replicas"));
  EXPECT_THAT(owners(forced.object),
              testing::Not(testing::Contains(testing::AllOf(testing::HasSubstr("kubectl-create"), testing::HasSubstr(".replicas")))));
}

TEST(ServerSideApply, TheSameValueIsSharedWithoutConflict) {
  json::object created = object(kTwo);
  track_update(deployment(), nullptr, created, as("kubectl-create"));
  const Applied shared = apply(&created, kTwo, as("a", 1));
  EXPECT_TRUE(shared.conflicts.empty());
  EXPECT_EQ(owners(shared.object).size(), 2U);
}

TEST(ServerSideApply, ListsMergeByTheirKeysInTheAppliedOrder) {
  const Applied first =
      apply(nullptr, R"({"spec":{"template":{"spec":{"containers":[{"name":"b","image":"1"},{"name":"c","image":"1"}]}}}})", as("a"));
  const Applied second =
      apply(&first.object, R"({"spec":{"template":{"spec":{"containers":[{"name":"x","image":"1"},{"name":"b","workingDir":"/"}]}}}})",
            as("b", 1));
  const json::array& containers = *array_at(second.object, "spec.template.spec.containers");
  ASSERT_EQ(containers.size(), 3U);
  EXPECT_EQ(string_at(containers[0], "name"), "x");
  EXPECT_EQ(string_at(containers[1], "name"), "b");
  EXPECT_EQ(string_at(containers[1], "image"), "1");
  EXPECT_EQ(string_at(containers[2], "name"), "c");
}

TEST(ServerSideApply, AnAtomicListHasOneOwner) {
  const Applied first = apply(nullptr, R"({"spec":{"template":{"spec":{"containers":[{"name":"c","args":["1"]}]}}}})", as("a"));
  const Applied second =
      apply(&first.object, R"({"spec":{"template":{"spec":{"containers":[{"name":"c","args":["1","2"]}]}}}})", as("b", 1));
  ASSERT_EQ(second.conflicts.size(), 1U);
  EXPECT_EQ(second.conflicts[0].manager, "\"a\"");
  EXPECT_EQ(second.conflicts[0].field, ".spec.template.spec.containers[name=\"c\"].args");
}

TEST(ServerSideApply, UnknownFieldsAndRepeatedKeysAreRefused) {
  std::vector<ApplyConflict> conflicts;
  const auto unknown = apply_server_side(deployment(), nullptr, object(R"({"spec":{"foo":1}})"), false, as("a"), conflicts);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().message, ".spec.foo: field not declared in schema");
  const auto twice =
      apply_server_side(deployment(), nullptr, object(R"({"spec":{"template":{"spec":{"containers":[{"name":"c"},{"name":"c"}]}}}})"),
                        false, as("a"), conflicts);
  ASSERT_FALSE(twice.has_value());
  EXPECT_EQ(twice.error().message, ".spec.template.spec.containers: duplicate entries for key [name=\"c\"]");
}

TEST(ServerSideApply, OverAnUntrackedObjectWhatWasThereBelongsToBeforeFirstApply) {
  const json::object live = object(kTwo);
  const Applied conflict = apply(&live, R"({"spec":{"replicas":3}})", as("a"));
  ASSERT_EQ(conflict.conflicts.size(), 1U);
  EXPECT_EQ(conflict.conflicts[0].manager, "\"before-first-apply\" using apps/v1");
  EXPECT_TRUE(apply(&live, R"({"spec":{"replicas":2}})", as("a")).conflicts.empty());
}

TEST(ServerSideApply, KubectlTakesOverFromItsOwnClientSideApply) {
  json::object live =
      object(R"({"metadata":{"name":"d","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"spec\":{\"replicas\":2}}\n"}},
      "spec":{"replicas":2}})");
  track_update(deployment(), nullptr, live, as("kubectl-client-side-apply"));
  const Applied taken = apply(&live, R"({"spec":{"replicas":3}})", as("kubectl", 1));
  EXPECT_TRUE(taken.conflicts.empty());
  EXPECT_EQ(integer_at(taken.object, "spec.replicas"), 3);
  const json::value* annotations = find_path(taken.object, "metadata.annotations");
  ASSERT_NE(annotations, nullptr);
  EXPECT_EQ(string_at(*find_path(taken.object, "metadata"), "annotations").size(), 0U);
  EXPECT_EQ(annotations->as_object().at("kubectl.kubernetes.io/last-applied-configuration").as_string(), "{\"spec\":{\"replicas\":3}}\n");
  EXPECT_FALSE(apply(&live, R"({"spec":{"replicas":3}})", as("another", 1)).conflicts.empty());
}

TEST(FieldManagers, OfOneSecondTheOneThatWritesNowComesLast) {
  const Applied first = apply(nullptr, R"({"metadata":{"name":"d","labels":{"z":"1"}}})", as("z", 5));
  const Applied second = apply(&first.object, R"({"metadata":{"name":"d","labels":{"a":"1"}}})", as("a", 5));
  const json::array& fields = *array_at(second.object, "metadata.managedFields");
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(string_at(fields[0], "manager"), "z");
  EXPECT_EQ(string_at(fields[1], "manager"), "a");
}

TEST(FieldSet, IsReadAndWrittenTheSameWay) {
  const json::value fields = json::parse(
      R"({"f:metadata":{"f:finalizers":{".":{},"v:\"x\"":{}}},"f:spec":{"f:ports":{"k:{ \"protocol\":\"TCP\",\"port\":80}":{".":{},"f:port":{}}}}})");
  const auto set = parse_fields_v1(fields);
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(
      json::serialize(to_fields_v1(*set)),
      R"({"f:metadata":{"f:finalizers":{".":{},"v:\"x\"":{}}},"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{}}}}})");
  EXPECT_FALSE(parse_fields_v1(json::parse(R"({"x:a":{}})")).has_value());
}

}   // namespace
}   // namespace ebb::sandbox
