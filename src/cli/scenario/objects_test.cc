// Scenarios with objects beside pods and nodes: storage, priority classes, pod groups, queues; and who is evicted.

#include "cli/scenario/check.h"
#include "cli/scenario/scenario_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ebb::cli::scenario {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ParsedScenario parse(std::string_view text) {
  return parse_scenario("s.yaml", text, [](const std::string& path) -> Result<std::string> {
    if (path == "class.yaml")
      return std::string("apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 100\n");
    return fail(Errc::not_found, "{}: no such file", path);
  });
}

std::vector<std::string> failures(std::string_view text) {
  const ParsedScenario parsed = parse(text);
  std::vector<std::string> texts;
  for (const model::Finding& finding : parsed.findings) texts.push_back(model::to_string(finding));
  if (!parsed.scenario) return texts;
  for (const Failure& failure : play(*parsed.scenario)) texts.push_back(std::to_string(failure.line) + ": " + to_string(failure));
  return texts;
}

TEST(ScenarioObjects, every_kind_can_be_given_as_users_have_it) {
  EXPECT_THAT(failures(R"(
nodes: [{name: n, capacity: {cpu: 4}, annotations: {a: "b"}, images: {nginx: 100Mi}}]
objects:
  - {apiVersion: v1, kind: Namespace, metadata: {name: x, labels: {team: a}}}
  - {apiVersion: v1, kind: Service, metadata: {name: s}, spec: {selector: {app: web}}}
  - {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: b}, spec: {selector: {}}, status: {disruptionsAllowed: 1}}
  - {apiVersion: storage.k8s.io/v1, kind: CSINode, metadata: {name: "n"}, spec: {drivers: []}}
  - {apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: {name: d}, spec: {}}
  - {apiVersion: storage.k8s.io/v1, kind: CSIStorageCapacity, metadata: {name: c}, storageClassName: k}
  - {apiVersion: scheduling.volcano.sh/v1beta1, kind: Queue, metadata: {name: q}, spec: {weight: 2}}
  - {apiVersion: scheduling.volcano.sh/v1beta1, kind: PodGroup, metadata: {name: v}, spec: {minMember: 1}, status: {phase: Inqueue}}
  - {apiVersion: scheduling.x-k8s.io/v1alpha1, kind: PodGroup, metadata: {name: p}, spec: {minMember: 1}, status: {phase: Pending}}
  - {apiVersion: scheduling.k8s.io/v1beta1, kind: PodGroup, metadata: {name: k}, spec: {schedulingPolicy: {gang: {minCount: 1}}}}
  - file: class.yaml
then:
  - removeObjects: [Service/s, Queue/q, PodGroup/v]
  - removeObjects: [PodGroup/v]
)"),
              ElementsAre(HasSubstr("removeObjects: there is no PodGroup default/v")));
}

TEST(ScenarioObjects, what_is_wrong_with_an_object_is_found_at_its_line) {
  const auto found = failures(R"(
objects:
  - {apiVersion: v1, kind: Secret, metadata: {name: x}}
  - {apiVersion: example.com/v1, kind: PodGroup, metadata: {name: x}}
  - {apiVersion: v1, kind: Service}
  - {apiVersion: v1, kind: PersistentVolume, metadata: {name: v}, spec: {capacity: {storage: big}}}
  - {file: missing.yaml}
removeObjects: [Service, Secret/x]
expect: {podGroups: [{phase: x}], claims: [{volume: x}]}
)");
  EXPECT_THAT(found, Contains(HasSubstr("line 3: objects[0]: kind 'Secret' is no object of a scenario")));
  EXPECT_THAT(found, Contains(HasSubstr("line 4: objects[1]: apiVersion 'example.com/v1' has no PodGroup")));
  EXPECT_THAT(found, Contains(HasSubstr("line 5: objects[2]: metadata is missing")));
  EXPECT_THAT(found, Contains(HasSubstr("line 6: objects[3]: spec: capacity: storage: ")));
  EXPECT_THAT(found, Contains(HasSubstr("missing.yaml: no such file")));
  EXPECT_THAT(found, Contains(HasSubstr("'Service' is not allowed: it must be Kind/name")));
  EXPECT_THAT(found, Contains(HasSubstr("needs a podGroup")));
  EXPECT_THAT(found, Contains(HasSubstr("needs a claim")));
}

constexpr std::string_view kFullNode = R"(
nodes: [{name: n, capacity: {cpu: 4, memory: 8Gi}}]
objects: [{file: class.yaml}]
pods: [{name: low, node: n, requests: {cpu: 3}, spec: {terminationGracePeriodSeconds: 20}}]
then:
  - pods: [{name: vip, requests: {cpu: 3}, priorityClassName: high}]
)";

TEST(ScenarioObjects, a_victim_is_told_and_ends_after_its_grace) {
  EXPECT_THAT(failures(std::string(kFullNode) + R"(
    expect:
      victims: [low]
      pods: [{pod: vip, pending: 1, nominated: n}, {pod: low, bound: 1}]
  - after: 19s
    expect: {victims: [], pods: [{pod: vip, pending: 1}]}
  - after: 1s
    expect: {pods: [{pod: vip, bound: 1}]}
)"),
              IsEmpty());
}

TEST(ScenarioObjects, expectations_of_victims_and_nominations_can_fail) {
  EXPECT_THAT(
      failures(std::string(kFullNode) + R"(
    expect:
      victims: [vip]
      pods: [{pod: vip, nominated: m}]
      podGroups: [{podGroup: g, phase: Running}]
      claims: [{claim: c, volume: v}]
)"),
      ElementsAre(HasSubstr("pod default/vip: nominated: expected m, got n"), HasSubstr("podGroup default/g: there is no such pod group"),
                  HasSubstr("claim default/c: there is no such claim"), HasSubstr("victims: expected default/vip, got default/low")));
}

constexpr std::string_view kStorage = R"(
nodes:
  - {name: a, capacity: {cpu: 4}, labels: {kubernetes.io/hostname: a, zone: one}}
  - {name: b, capacity: {cpu: 4}, labels: {kubernetes.io/hostname: b, zone: two}}
objects:
  - {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: late}, provisioner: example.com/disk, volumeBindingMode: WaitForFirstConsumer}
  - {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: local}, provisioner: kubernetes.io/no-provisioner, volumeBindingMode: WaitForFirstConsumer}
  - {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: now}, provisioner: example.com/disk}
)";

TEST(ScenarioObjects, a_claim_that_waits_gets_its_volume_where_its_pod_goes) {
  EXPECT_THAT(failures(std::string(kStorage) + R"(
  - {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {storageClassName: late, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
pods: [{name: p, spec: {nodeSelector: {zone: two}, volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]}}]
expect:
  pods: [{pod: p, bound: 1, nodes: [b]}]
  claims: [{claim: c, volume: pvc-default-c, node: b}]
)"),
              IsEmpty());
}

TEST(ScenarioObjects, a_local_volume_draws_its_pod_and_is_bound_to_the_claim) {
  EXPECT_THAT(failures(std::string(kStorage) + R"(
  - {apiVersion: v1, kind: PersistentVolume, metadata: {name: disk}, spec: {storageClassName: local, accessModes: [ReadWriteOnce], capacity: {storage: 2Gi},
      nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [a]}]}]}}}}
  - {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {storageClassName: local, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
pods: [{name: p, spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]}}]
expect:
  pods: [{pod: p, bound: 1, nodes: [a]}]
  claims: [{claim: c, volume: disk}]
)"),
              IsEmpty());
}

TEST(ScenarioObjects, a_claim_that_does_not_wait_is_bound_at_once) {
  EXPECT_THAT(failures(std::string(kStorage) + R"(
  - {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {storageClassName: now, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
expect:
  claims: [{claim: c, volume: pvc-default-c, node: none}]
)"),
              IsEmpty());
}

TEST(ScenarioObjects, an_ephemeral_volume_gets_a_claim_of_the_pods_own) {
  EXPECT_THAT(failures(std::string(kStorage) + R"(
pods:
  - name: p
    count: 2
    spec:
      volumes:
        - name: scratch
          ephemeral: {volumeClaimTemplate: {spec: {storageClassName: late, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}
expect:
  pods: [{pod: p, bound: 2}]
  claims: [{claim: p-1-scratch, volume: pvc-default-p-1-scratch}, {claim: p-2-scratch, volume: pvc-default-p-2-scratch}]
)"),
              IsEmpty());
}

}   // namespace
}   // namespace ebb::cli::scenario
