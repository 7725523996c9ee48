#include "sandbox/controllers/test_plane.h"

namespace ebb::sandbox::control {
namespace {

using resources::kConfigMaps;
using resources::kNamespaces;
using resources::kPods;

void create_shop(TestPlane& plane) {
  plane.create(kNamespaces, R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}})");
  plane.settle();
}
std::string condition(TestPlane& plane, std::string_view type) {
  const json::object ns = plane.get(kNamespaces, "shop", "");
  const json::object* found = find_condition(*object_at(ns, "status"), type);
  return found == nullptr ? "" : text_at(*found, "status") + " " + text_at(*found, "reason");
}
constexpr std::string_view kPod = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"shop"},
                                      "spec":{"containers":[{"name":"main","image":"x"}]}})";

TEST(Namespaces, ANewOneHasItsServiceAccountAndTheCertificate) {
  TestPlane plane;
  create_shop(plane);
  EXPECT_TRUE(plane.exists(resources::kServiceAccounts, "default", "shop"));
  EXPECT_EQ(labels_at(plane.get(kConfigMaps, "kube-root-ca.crt", "shop"), "data")["ca.crt"], "a certificate");
  EXPECT_TRUE(plane.exists(resources::kServiceAccounts, "default", "kube-system"));
}

TEST(Namespaces, WhatItMustHaveComesBackWhenItIsDeletedOrChanged) {
  TestPlane plane;
  create_shop(plane);
  plane.remove(resources::kServiceAccounts, "default", {}, "shop");
  plane.edit(kConfigMaps, {"shop", "kube-root-ca.crt"}, [](json::object& map) { child(map, "data")["ca.crt"] = "forged"; });
  plane.settle();
  EXPECT_TRUE(plane.exists(resources::kServiceAccounts, "default", "shop"));
  EXPECT_EQ(labels_at(plane.get(kConfigMaps, "kube-root-ca.crt", "shop"), "data")["ca.crt"], "a certificate");
}

TEST(Namespaces, ADeletedOneGoesWithEverythingInIt) {
  TestPlane plane;
  create_shop(plane);
  plane.create(kPods, kPod);
  plane.create(resources::kDeployments, R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},
    "spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},
            "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"main","image":"x"}]}}}})");
  plane.create(resources::kJobs, R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"work","namespace":"shop"},
    "spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"x"}]}}}})");
  plane.settle();
  ASSERT_EQ(plane.live_pods("shop").size(), 5u);
  plane.remove(kNamespaces, "shop", {}, "");
  EXPECT_EQ(text_at(plane.get(kNamespaces, "shop", ""), "status.phase"), "Terminating");
  plane.settle();
  plane.advance(seconds(5));
  EXPECT_FALSE(plane.exists(kNamespaces, "shop", ""));
  EXPECT_TRUE(plane.list(kPods, "shop").empty());
  EXPECT_TRUE(plane.list(resources::kEvents, "shop").empty());
  create_shop(plane);   // the name is free again
  EXPECT_EQ(text_at(plane.get(kNamespaces, "shop", ""), "status.phase"), "Active");
}

TEST(Namespaces, FinalizersHoldADeletedOneAndItSaysSo) {
  TestPlane plane;
  create_shop(plane);
  plane.create(kConfigMaps,
               R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"held","namespace":"shop","finalizers":["example.com/hold"]}})");
  plane.remove(kNamespaces, "shop", {}, "");
  plane.settle();
  plane.advance(minutes(1));
  EXPECT_TRUE(plane.exists(kNamespaces, "shop", ""));
  EXPECT_EQ(condition(plane, "NamespaceContentRemaining"), "True SomeResourcesRemain");
  EXPECT_EQ(condition(plane, "NamespaceFinalizersRemaining"), "True SomeFinalizersRemain");
  EXPECT_EQ(condition(plane, "NamespaceDeletionContentFailure"), "False ContentDeleted");
  EXPECT_EQ(condition(plane, "NamespaceDeletionDiscoveryFailure"), "False ResourcesDiscovered");
  EXPECT_EQ(condition(plane, "NamespaceDeletionGroupVersionParsingFailure"), "False ParsedGroupVersions");
  plane.edit(kConfigMaps, {"shop", "held"}, [](json::object& map) { drop_finalizer(map, "example.com/hold"); });
  plane.settle();
  EXPECT_FALSE(plane.exists(kNamespaces, "shop", ""));
}

TEST(Namespaces, CustomResourcesGoWithTheirNamespace) {
  TestPlane plane;
  plane.create(resources::kCustomResourceDefinitions, R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
    "metadata":{"name":"widgets.example.com"},
    "spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"widgets","singular":"widget","kind":"Widget","listKind":"WidgetList"},
            "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}})");
  create_shop(plane);
  const ResourceId widgets{"example.com", "v1", "widgets"};
  plane.create(widgets, R"({"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w","namespace":"shop"}})");
  plane.remove(kNamespaces, "shop", {}, "");
  plane.settle();
  plane.advance(seconds(1));
  EXPECT_FALSE(plane.exists(kNamespaces, "shop", ""));
  EXPECT_TRUE(plane.list(widgets, "shop").empty());
}

TEST(Namespaces, SomebodyElsesFinalizerOfTheSpecKeepsTheEmptiedNamespace) {
  TestPlane plane;
  create_shop(plane);
  plane.edit(
      kNamespaces, {"", "shop"}, [](json::object& ns) { child(ns, "spec")["finalizers"] = json::array{"kubernetes", "example.com/last"}; },
      "finalize");
  plane.remove(kNamespaces, "shop", {}, "");
  plane.settle();
  plane.advance(seconds(1));
  const json::object ns = plane.get(kNamespaces, "shop", "");
  ASSERT_NE(array_at(ns, "spec.finalizers"), nullptr);
  EXPECT_EQ(*array_at(ns, "spec.finalizers"), json::array{"example.com/last"});
  EXPECT_FALSE(plane.exists(kConfigMaps, "kube-root-ca.crt", "shop"));
}

}   // namespace
}   // namespace ebb::sandbox::control
