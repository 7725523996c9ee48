// Garbage collection: the three ways to delete an owner, and the odd families.

#include "sandbox/controllers/test_plane.h"

namespace ebb::sandbox::control {
namespace {

using resources::kConfigMaps;
using resources::kDeployments;
using resources::kPods;
using resources::kReplicaSets;

json::object reference(const json::object& owner, bool blocks = false) {
  return {{"apiVersion", text_at(owner, "apiVersion")},
          {"kind", text_at(owner, "kind")},
          {"name", text_at(owner, "metadata.name")},
          {"uid", uid_of(owner)},
          {"blockOwnerDeletion", blocks}};
}

json::object map_owned_by(const std::string& name, json::array owners) {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", {{"name", name}, {"namespace", "default"}, {"ownerReferences", std::move(owners)}}}};
}

json::object a_deployment() {
  return from_json(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"default"},
    "spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},
            "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"main","image":"web:1"}]}}}})");
}

TEST(Ownership, DeletingInTheBackgroundTakesTheWholeFamily) {
  TestPlane plane;
  plane.create(kDeployments, a_deployment());
  plane.settle();
  ASSERT_EQ(plane.live_pods().size(), 2u);
  plane.remove(kDeployments, "web", {.propagation = Propagation::background});
  EXPECT_FALSE(plane.exists(kDeployments, "web"));
  plane.settle();
  EXPECT_TRUE(plane.list(kReplicaSets).empty());
  EXPECT_TRUE(plane.list(kPods).empty());
}

TEST(Ownership, DeletingInTheForegroundTakesTheOwnerLast) {
  TestPlane plane;
  plane.create(kDeployments, a_deployment());
  plane.create(resources::kNodes,
               R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"n1"},"status":{"conditions":[{"type":"Ready","status":"True"}]}})");
  plane.settle();
  const model::ObjectKey slow = key_of(plane.live_pods()[0]);
  plane.bind(slow, "n1");
  plane.remove(kDeployments, "web", {.propagation = Propagation::foreground});
  plane.settle();
  EXPECT_TRUE(has_finalizer(plane.get(kDeployments, "web"), "foregroundDeletion"));
  EXPECT_EQ(plane.list(kReplicaSets).size(), 1u);
  EXPECT_EQ(plane.list(kPods).size(), 1u);   // its kubelet has not let go yet
  plane.remove(kPods, slow.name, {.grace_seconds = 0});
  plane.settle();
  EXPECT_FALSE(plane.exists(kDeployments, "web"));
  EXPECT_TRUE(plane.list(kReplicaSets).empty());
}

TEST(Ownership, OrphanedDependentsStayAndForgetTheirOwner) {
  TestPlane plane;
  plane.create(kDeployments, a_deployment());
  plane.settle();
  plane.remove(kDeployments, "web", {.propagation = Propagation::orphan});
  plane.settle();
  EXPECT_FALSE(plane.exists(kDeployments, "web"));
  ASSERT_EQ(plane.list(kReplicaSets).size(), 1u);
  EXPECT_EQ(array_at(plane.list(kReplicaSets)[0], "metadata.ownerReferences"), nullptr);
  EXPECT_EQ(plane.live_pods().size(), 2u);
}

TEST(Ownership, AnObjectWhoseOwnersNeverExistedGoes) {
  TestPlane plane;
  const json::object ghost = from_json(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"ghost","uid":"no-such-uid"}})");
  plane.create(kConfigMaps, map_owned_by("child", {reference(ghost)}));
  plane.settle();
  EXPECT_FALSE(plane.exists(kConfigMaps, "child"));
}

TEST(Ownership, AnOwnerOfTheSameNameWithAnotherUidIsNotTheOwner) {
  TestPlane plane;
  plane.create(kConfigMaps, map_owned_by("parent", {}));
  json::object old = plane.get(kConfigMaps, "parent");
  plane.create(kConfigMaps, map_owned_by("child", {reference(old)}));
  plane.remove(kConfigMaps, "parent");
  plane.create(kConfigMaps, map_owned_by("parent", {}));
  plane.settle();
  EXPECT_FALSE(plane.exists(kConfigMaps, "child"));
  EXPECT_TRUE(plane.exists(kConfigMaps, "parent"));
}

TEST(Ownership, OneLivingOwnerKeepsAnObjectAndTheDeadOneIsStruckOut) {
  TestPlane plane;
  const json::object a = plane.create(kConfigMaps, map_owned_by("a", {}));
  const json::object b = plane.create(kConfigMaps, map_owned_by("b", {}));
  plane.create(kConfigMaps, map_owned_by("child", {reference(a), reference(b)}));
  plane.settle();
  plane.remove(kConfigMaps, "a");
  plane.settle();
  const json::array* owners = array_at(plane.get(kConfigMaps, "child"), "metadata.ownerReferences");
  ASSERT_TRUE(plane.exists(kConfigMaps, "child"));
  const json::object child_map = plane.get(kConfigMaps, "child");
  owners = array_at(child_map, "metadata.ownerReferences");
  ASSERT_NE(owners, nullptr);
  ASSERT_EQ(owners->size(), 1u);
  EXPECT_EQ(text_at((*owners)[0].get_object(), "name"), "b");
  plane.remove(kConfigMaps, "b");
  plane.settle();
  EXPECT_FALSE(plane.exists(kConfigMaps, "child"));
}

TEST(Ownership, ACircleOfOwnersCanBeDeleted) {
  TestPlane plane;
  for (const char* name : {"a", "b", "c"}) plane.create(kConfigMaps, map_owned_by(name, {}));
  const auto own = [&](const std::string& owned, const std::string& owner) {
    const json::object owner_object = plane.get(kConfigMaps, owner);
    plane.edit(kConfigMaps, {"default", owned},
               [&](json::object& map) { child(map, "metadata")["ownerReferences"] = json::array({reference(owner_object, true)}); });
  };
  own("a", "c");
  own("b", "a");
  own("c", "b");
  plane.settle();
  plane.remove(kConfigMaps, "a", {.propagation = Propagation::foreground});
  plane.settle();
  plane.advance(minutes(2));
  for (const char* name : {"a", "b", "c"}) EXPECT_FALSE(plane.exists(kConfigMaps, name)) << name;
}

TEST(Ownership, DependentsThatDoNotBlockDoNotHoldTheirOwnerUp) {
  TestPlane plane;
  const json::object parent = plane.create(kConfigMaps, map_owned_by("parent", {}));
  json::object held = map_owned_by("child", {reference(parent, false)});
  child(held, "metadata")["finalizers"] = json::array{"example.com/hold"};
  plane.create(kConfigMaps, std::move(held));
  plane.settle();
  plane.remove(kConfigMaps, "parent", {.propagation = Propagation::foreground});
  plane.settle();
  EXPECT_FALSE(plane.exists(kConfigMaps, "parent"));
  EXPECT_TRUE(is_deleting(plane.get(kConfigMaps, "child")));
}

TEST(Ownership, WorksAcrossCustomResources) {
  TestPlane plane;
  plane.create(resources::kCustomResourceDefinitions, R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
    "metadata":{"name":"widgets.example.com"},
    "spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"widgets","singular":"widget","kind":"Widget","listKind":"WidgetList"},
            "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}})");
  plane.settle();
  const ResourceId widgets{"example.com", "v1", "widgets"};
  const json::object widget =
      plane.create(widgets, R"({"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w","namespace":"default"}})");
  plane.create(kConfigMaps, map_owned_by("child", {reference(widget)}));
  plane.settle();
  EXPECT_TRUE(plane.exists(kConfigMaps, "child"));
  plane.remove(widgets, "w");
  plane.settle();
  EXPECT_FALSE(plane.exists(kConfigMaps, "child"));
}

TEST(Ownership, AnOwnerOfAnUnknownKindIsNoReasonToDelete) {
  TestPlane plane;
  const json::object stranger = from_json(R"({"apiVersion":"nowhere.io/v1","kind":"Thing","metadata":{"name":"t","uid":"u"}})");
  plane.create(kConfigMaps, map_owned_by("child", {reference(stranger)}));
  plane.settle();
  plane.advance(minutes(10));
  EXPECT_TRUE(plane.exists(kConfigMaps, "child"));
}

TEST(Ownership, WhatTheStoreHeldBeforeTheStartIsTakenIn) {
  TestPlane plane;
  const json::object parent = plane.create(kConfigMaps, map_owned_by("parent", {}));
  plane.create(kConfigMaps, map_owned_by("child", {reference(parent)}));
  plane.settle();
  plane.controllers = make_controllers(*plane.api, {.root_ca_pem = "a certificate"});   // as after a restart
  plane.settle();
  EXPECT_TRUE(plane.exists(kConfigMaps, "child"));
  plane.remove(kConfigMaps, "parent");
  plane.settle();
  EXPECT_FALSE(plane.exists(kConfigMaps, "child"));
}

}   // namespace
}   // namespace ebb::sandbox::control
