// What placing pods in company reads: affinity, spreading, volumes, gangs, queues and budgets.

#include "kube/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::kube {
namespace {

using model::SelectorOperator;
using testing::ElementsAre;
using testing::HasSubstr;

template <class Seen>
Seen read(ObjectType type, std::string_view json) {
  auto decoded = Decoder(type).object(json);
  EXPECT_TRUE(decoded) << (decoded ? "" : decoded.error().message);
  return decoded ? std::get<Seen>(decoded->seen) : Seen{};
}

std::string refusal(ObjectType type, std::string_view json) {
  const auto decoded = Decoder(type).object(json);
  return decoded ? "no error" : decoded.error().message;
}

TEST(DecodePodCompany, ReadsAffinityWithItsNamespacesAndBothKindsOfNoSelector) {
  const auto pod = decode_pod(R"({"metadata":{"name":"a","namespace":"x"},"spec":{"affinity":{
    "podAffinity":{
      "requiredDuringSchedulingIgnoredDuringExecution":[
        {"labelSelector":{"matchLabels":{"app":"db"},"matchExpressions":[{"key":"tier","operator":"NotIn","values":["test"]}]},
         "namespaces":["y","z"],"topologyKey":"zone","matchLabelKeys":["pod-template-hash"]},
        {"topologyKey":"host"}],
      "preferredDuringSchedulingIgnoredDuringExecution":[
        {"weight":30,"podAffinityTerm":{"labelSelector":{},"namespaceSelector":{},"topologyKey":"rack"}}]},
    "podAntiAffinity":{
      "requiredDuringSchedulingIgnoredDuringExecution":[
        {"labelSelector":{"matchExpressions":[{"key":"app","operator":"Exists"}]},"namespaceSelector":{"matchLabels":{"team":"a"}},"topologyKey":"host"}],
      "preferredDuringSchedulingIgnoredDuringExecution":[
        {"weight":1,"podAffinityTerm":{"labelSelector":null,"namespaceSelector":null,"topologyKey":"rack"}}]}}}})");
  ASSERT_TRUE(pod) << pod.error().message;
  ASSERT_EQ(pod->required_affinity.size(), 2U);
  const model::PodAffinityTerm& first = pod->required_affinity[0];
  ASSERT_TRUE(first.selector);
  EXPECT_THAT(first.selector->requirements, ElementsAre(model::SelectorRequirement{"app", SelectorOperator::in, {"db"}},
                                                        model::SelectorRequirement{"tier", SelectorOperator::not_in, {"test"}}));
  EXPECT_THAT(first.namespaces, ElementsAre("y", "z"));
  EXPECT_FALSE(first.namespace_selector);
  EXPECT_EQ(first.topology_key, "zone");
  EXPECT_FALSE(pod->required_affinity[1].selector) << "no selector matches no pod";
  ASSERT_EQ(pod->preferred_affinity.size(), 1U);
  EXPECT_EQ(pod->preferred_affinity[0].weight, 30);
  ASSERT_TRUE(pod->preferred_affinity[0].term.selector);
  EXPECT_TRUE(pod->preferred_affinity[0].term.selector->empty()) << "an empty selector matches every pod";
  ASSERT_TRUE(pod->preferred_affinity[0].term.namespace_selector);
  EXPECT_TRUE(pod->preferred_affinity[0].term.namespace_selector->empty());
  ASSERT_EQ(pod->required_anti_affinity.size(), 1U);
  EXPECT_THAT(pod->required_anti_affinity[0].namespace_selector->requirements,
              ElementsAre(model::SelectorRequirement{"team", SelectorOperator::in, {"a"}}));
  ASSERT_EQ(pod->preferred_anti_affinity.size(), 1U);
  EXPECT_EQ(pod->preferred_anti_affinity[0].term, (model::PodAffinityTerm{.topology_key = "rack"}));
}

TEST(DecodePodCompany, RefusesASelectorThatNoApiServerTakes) {
  EXPECT_THAT(refusal(ObjectType::pod, R"({"spec":{"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
                {"labelSelector":{"matchExpressions":[{"key":"a","operator":"Gt","values":["1"]}]}}]}}}})"),
              HasSubstr("[0]: labelSelector: matchExpressions: a label selector has no Gt"));
}

TEST(DecodePodCompany, ReadsEveryFieldOfSpreadingAndItsDefaults) {
  const auto pod = decode_pod(R"({"metadata":{"name":"a"},"spec":{"topologySpreadConstraints":[
    {"maxSkew":2,"topologyKey":"zone","whenUnsatisfiable":"ScheduleAnyway","labelSelector":{"matchLabels":{"a":"b"}},
     "matchLabelKeys":["pod-template-hash"],"minDomains":3,"nodeAffinityPolicy":"Ignore","nodeTaintsPolicy":"Honor"},
    {"maxSkew":1,"topologyKey":"host","whenUnsatisfiable":"DoNotSchedule"}]}})");
  ASSERT_TRUE(pod) << pod.error().message;
  ASSERT_EQ(pod->spread_constraints.size(), 2U);
  EXPECT_EQ(pod->spread_constraints[0],
            (model::TopologySpreadConstraint{.max_skew = 2,
                                             .topology_key = "zone",
                                             .required = false,
                                             .selector = model::LabelSelector{{{"a", SelectorOperator::in, {"b"}}}},
                                             .match_label_keys = {"pod-template-hash"},
                                             .min_domains = 3,
                                             .honor_node_affinity = false,
                                             .honor_node_taints = true}));
  EXPECT_EQ(pod->spread_constraints[1], (model::TopologySpreadConstraint{.topology_key = "host"}));
  EXPECT_THAT(refusal(ObjectType::pod, R"({"spec":{"topologySpreadConstraints":[{"nodeTaintsPolicy":"Maybe"}]}})"),
              HasSubstr("nodeTaintsPolicy: expected Honor or Ignore"));
}

TEST(DecodePodCompany, ReadsTheVolumesThatTieAPodToAPlaceAndNoOthers) {
  const auto pod = decode_pod(R"({"spec":{"volumes":[
    {"name":"tmp","emptyDir":{}},
    {"persistentVolumeClaim":{"claimName":"data","readOnly":true},"name":"d"},
    {"name":"scratch","ephemeral":{"volumeClaimTemplate":{"spec":{}}}},
    {"name":"g","gcePersistentDisk":{"pdName":"pd","readOnly":true}},
    {"name":"a","awsElasticBlockStore":{"volumeID":"vol-1"}},
    {"name":"z","azureDisk":{"diskName":"disk","diskURI":"/x/disk"}},
    {"name":"i","iscsi":{"iqn":"iqn.2001","targetPortal":"10.0.0.1"}},
    {"name":"r","rbd":{"monitors":["m1","m2"],"image":"img"}},
    {"name":"p","rbd":{"monitors":["m1"],"image":"img","pool":"pool"}},
    {"name":"c","csi":{"driver":"csi.example.com"}},
    {"name":"n","persistentVolumeClaim":null,"configMap":{"name":"c"}}]},
    "metadata":{"name":"web-0","namespace":"x"}})");
  ASSERT_TRUE(pod) << pod.error().message;
  using Kind = model::VolumeKind;
  EXPECT_THAT(
      pod->volumes,
      ElementsAre(
          model::PodVolume{"d", Kind::claim, "data", true, {}}, model::PodVolume{"scratch", Kind::ephemeral, "web-0-scratch", false, {}},
          model::PodVolume{"g", Kind::gce_disk, "pd", true, {}}, model::PodVolume{"a", Kind::aws_disk, "vol-1", false, {}},
          model::PodVolume{"z", Kind::azure_disk, "disk", false, {}}, model::PodVolume{"i", Kind::iscsi, "iqn.2001", false, {}},
          model::PodVolume{"r", Kind::rbd, "rbd/img", false, {"m1", "m2"}}, model::PodVolume{"p", Kind::rbd, "pool/img", false, {"m1"}},
          model::PodVolume{"c", Kind::csi_inline, "csi.example.com", false, {}}));
}

TEST(DecodePodCompany, ReadsGangsImagesAndTheStart) {
  const auto pod = decode_pod(R"({"metadata":{"name":"a","labels":{"scheduling.x-k8s.io/pod-group":"g3"},
      "annotations":{"scheduling.k8s.io/group-name":"g1","volcano.sh/task-spec":"worker","scheduling.volcano.sh/queue-name":"q",
                     "scheduling.k8s.io/other":"no"}},
    "spec":{"schedulingGroup":{"podGroupName":"g2"},"containers":[{"name":"c","image":"nginx:1.29"}]},
    "status":{"startTime":"2026-11-24T02:56:01Z"}})");
  ASSERT_TRUE(pod) << pod.error().message;
  EXPECT_EQ(pod->pod_group, "g2");
  EXPECT_EQ(pod->annotations,
            (model::Annotations{
                {"scheduling.k8s.io/group-name", "g1"}, {"volcano.sh/task-spec", "worker"}, {"scheduling.volcano.sh/queue-name", "q"}}));
  EXPECT_EQ(pod->labels.at("scheduling.x-k8s.io/pod-group"), "g3");
  EXPECT_EQ(pod->containers[0].image, "nginx:1.29");
  ASSERT_TRUE(pod->started);
  const auto node =
      decode_node(R"({"metadata":{"name":"n"},"status":{"images":[{"names":["nginx@sha256:1","nginx:1.29"],"sizeBytes":70000000}]}})");
  ASSERT_TRUE(node);
  EXPECT_THAT(node->images, ElementsAre(model::NodeImage{{"nginx@sha256:1", "nginx:1.29"}, Bytes{70'000'000}}));
}

TEST(DecodeOwners, ReadTheSelectorWhereDefaultSpreadingCountsByIt) {
  const auto set = decode_owner(ObjectType::replica_set, R"({"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"app":"x"}}}})");
  ASSERT_TRUE(set && set->selector);
  EXPECT_EQ(set->selector->requirements[0].key, "app");
  const auto old = decode_owner(ObjectType::replication_controller, R"({"metadata":{"name":"a"},"spec":{"selector":{"app":"x","b":"y"}}})");
  ASSERT_TRUE(old && old->selector);
  EXPECT_EQ(old->kind, "ReplicationController");
  EXPECT_EQ(old->selector->requirements.size(), 2U);
  const auto bare = decode_owner(ObjectType::replication_controller, R"({"metadata":{"name":"a"},"spec":{"selector":{}}})");
  ASSERT_TRUE(bare);
  EXPECT_FALSE(bare->selector) << "an empty map selects nothing";
  const auto deployment =
      decode_owner(ObjectType::deployment, R"({"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"app":"x"}}}})");
  ASSERT_TRUE(deployment);
  EXPECT_FALSE(deployment->selector);
}

TEST(DecodeStorage, ReadsClaims) {
  const auto seen =
      read<model::VolumeClaimSeen>(ObjectType::volume_claim, R"({"metadata":{"name":"data","namespace":"x","uid":"u","resourceVersion":"3",
      "labels":{"a":"b"},"annotations":{"pv.kubernetes.io/bind-completed":"yes","volume.kubernetes.io/selected-node":"n1"},
      "ownerReferences":[{"kind":"Pod","name":"p","uid":"up","controller":true}]},
    "spec":{"storageClassName":"","accessModes":["ReadWriteOnce","ReadOnlyMany"],"volumeMode":"Block","volumeName":"pv1",
      "resources":{"requests":{"storage":"10Gi"}},"selector":{"matchLabels":{"disk":"ssd"}},"volumeAttributesClassName":"gold"},
    "status":{"phase":"Bound"}})");
  const model::VolumeClaim& claim = seen.claim;
  EXPECT_EQ(claim.key, (model::ObjectKey{"x", "data"}));
  EXPECT_EQ(claim.uid.v, "u");
  EXPECT_EQ(claim.resource_version, "3");
  EXPECT_EQ(claim.labels.at("a"), "b");
  EXPECT_EQ(claim.storage_class, "") << "stated as none, which is not the default class";
  EXPECT_THAT(claim.access_modes, ElementsAre("ReadWriteOnce", "ReadOnlyMany"));
  EXPECT_EQ(claim.volume_mode, "Block");
  EXPECT_EQ(claim.request, gibibytes(10));
  EXPECT_TRUE(claim.selector);
  EXPECT_EQ(claim.volume_name, "pv1");
  EXPECT_TRUE(claim.bound);
  EXPECT_FALSE(claim.lost);
  EXPECT_EQ(claim.selected_node, "n1");
  EXPECT_EQ(claim.owners.size(), 1U);
  EXPECT_EQ(claim.attributes_class, "gold");

  const auto fresh = read<model::VolumeClaimSeen>(ObjectType::volume_claim,
                                                  R"({"metadata":{"name":"a"},"spec":{"volumeName":"pv1"},"status":{"phase":"Lost"}})");
  EXPECT_EQ(fresh.claim.storage_class, std::nullopt);
  EXPECT_FALSE(fresh.claim.bound) << "named, but the binding is not completed";
  EXPECT_TRUE(fresh.claim.lost);
  EXPECT_EQ(fresh.claim.volume_mode, "Filesystem");
  const auto old = read<model::VolumeClaimSeen>(
      ObjectType::volume_claim,
      R"({"metadata":{"name":"a","annotations":{"volume.beta.kubernetes.io/storage-class":"old"}},"spec":{"storageClassName":"new"}})");
  EXPECT_EQ(old.claim.storage_class, "old");
}

TEST(DecodeStorage, ReadsVolumesAndWhoServesThem) {
  const auto seen = read<model::VolumeSeen>(
      ObjectType::volume, R"({"metadata":{"name":"pv1","uid":"u","resourceVersion":"3","labels":{"topology.kubernetes.io/zone":"a"}},
    "spec":{"storageClassName":"fast","accessModes":["ReadWriteOncePod"],"capacity":{"storage":"20Gi"},
      "claimRef":{"namespace":"x","name":"data","uid":"cu"},"csi":{"driver":"csi.example.com","volumeHandle":"h1"},
      "nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"kubernetes.io/hostname","operator":"In","values":["n1"]}]},{}]}}},
    "status":{"phase":"Bound"}})");
  const model::Volume& volume = seen.volume;
  EXPECT_EQ(volume.name, "pv1");
  EXPECT_EQ(volume.labels.size(), 1U);
  EXPECT_EQ(volume.storage_class, "fast");
  EXPECT_THAT(volume.access_modes, ElementsAre("ReadWriteOncePod"));
  EXPECT_EQ(volume.capacity, gibibytes(20));
  EXPECT_EQ(volume.claim, (model::ObjectKey{"x", "data"}));
  EXPECT_EQ(volume.claim_uid.v, "cu");
  EXPECT_EQ(volume.phase, "Bound");
  EXPECT_TRUE(volume.has_node_affinity);
  ASSERT_EQ(volume.node_terms.size(), 1U) << "the empty term matches nothing";
  EXPECT_EQ(volume.csi_driver, "csi.example.com");
  EXPECT_EQ(volume.csi_handle, "h1");

  const auto aws = read<model::VolumeSeen>(
      ObjectType::volume, R"({"metadata":{"name":"a"},"spec":{"awsElasticBlockStore":{"volumeID":"aws://eu-1a/vol-9"},"claimRef":null}})");
  EXPECT_EQ(aws.volume.csi_driver, "ebs.csi.aws.com");
  EXPECT_EQ(aws.volume.csi_handle, "vol-9");
  EXPECT_EQ(aws.volume.in_tree_plugin, "kubernetes.io/aws-ebs");
  EXPECT_EQ(volume.in_tree_plugin, "");
  EXPECT_FALSE(aws.volume.claim);
  EXPECT_FALSE(aws.volume.has_node_affinity);
  const auto local = read<model::VolumeSeen>(ObjectType::volume, R"({"metadata":{"name":"l"},"spec":{"local":{"path":"/mnt"}}})");
  EXPECT_EQ(local.volume.csi_driver, "");
}

TEST(DecodeStorage, ReadsClassesAndWhatDriversSay) {
  const auto storage =
      read<model::StorageClassSeen>(ObjectType::storage_class, R"({"metadata":{"name":"fast","creationTimestamp":"2026-11-24T02:56:01Z",
      "annotations":{"storageclass.kubernetes.io/is-default-class":"true"}},"provisioner":"csi.example.com","volumeBindingMode":"WaitForFirstConsumer",
      "allowedTopologies":[{"matchLabelExpressions":[{"key":"zone","values":["a","b"]}]}]})")
          .storage_class;
  EXPECT_EQ(storage.name, "fast");
  EXPECT_EQ(storage.provisioner, "csi.example.com");
  EXPECT_TRUE(storage.wait_for_first_consumer);
  EXPECT_TRUE(storage.is_default);
  EXPECT_NE(storage.created, Instant{});
  ASSERT_EQ(storage.allowed_topologies.size(), 1U);
  EXPECT_THAT(storage.allowed_topologies[0].match_labels.requirements,
              ElementsAre(model::SelectorRequirement{"zone", SelectorOperator::in, {"a", "b"}}));

  const auto node = read<model::CsiNodeSeen>(ObjectType::csi_node, R"({"metadata":{"name":"n1","annotations":
      {"storage.alpha.kubernetes.io/migrated-plugins":"kubernetes.io/aws-ebs,kubernetes.io/gce-pd"}},
    "spec":{"drivers":[{"name":"d1","nodeID":"x","topologyKeys":["zone"],"allocatable":{"count":25}},{"name":"d2","topologyKeys":null,"allocatable":null}]}})")
                        .node;
  EXPECT_EQ(node.node.v, "n1");
  EXPECT_THAT(node.drivers, ElementsAre(model::CsiNodeDriver{"d1", 25, {"zone"}}, model::CsiNodeDriver{"d2", std::nullopt, {}}));
  EXPECT_THAT(node.migrated_plugins, ElementsAre("kubernetes.io/aws-ebs", "kubernetes.io/gce-pd"));

  const auto driver = read<model::CsiDriverSeen>(ObjectType::csi_driver,
                                                 R"({"metadata":{"name":"d1"},"spec":{"attachRequired":false,"storageCapacity":true}})")
                          .driver;
  EXPECT_EQ(driver, (model::CsiDriver{"d1", true, false}));
  EXPECT_TRUE(read<model::CsiDriverSeen>(ObjectType::csi_driver, R"({"metadata":{"name":"d2"},"spec":{}})").driver.attach_required);

  const auto capacity =
      read<model::CsiStorageCapacitySeen>(ObjectType::csi_storage_capacity, R"({"metadata":{"name":"c","namespace":"kube-system"},
    "storageClassName":"fast","nodeTopology":{"matchLabels":{"zone":"a"}},"capacity":"100Gi"})")
          .capacity;
  EXPECT_EQ(capacity.storage_class, "fast");
  EXPECT_EQ(capacity.capacity, gibibytes(100));
  EXPECT_EQ(capacity.maximum_volume_size, std::nullopt);
  EXPECT_TRUE(capacity.node_topology);
}

TEST(DecodeGroups, ReadsNamespacesServicesAndBudgets) {
  const auto space =
      read<model::NamespaceSeen>(ObjectType::name_space, R"({"metadata":{"name":"x","labels":{"team":"a"}},"status":{"phase":"Active"}})");
  EXPECT_EQ(space.name, "x");
  EXPECT_EQ(space.labels.at("team"), "a");
  const auto service = read<model::ServiceSeen>(
      ObjectType::service, R"({"metadata":{"name":"s","namespace":"x"},"spec":{"selector":{"app":"web"},"ports":[]}})");
  EXPECT_EQ(service.key, (model::ObjectKey{"x", "s"}));
  EXPECT_EQ(service.selector, (model::Labels{{"app", "web"}}));
  const auto budget =
      read<model::DisruptionBudgetSeen>(ObjectType::disruption_budget, R"({"metadata":{"name":"b","namespace":"x","uid":"u"},
    "spec":{"minAvailable":"50%","selector":{"matchLabels":{"app":"web"}}},"status":{"disruptionsAllowed":2,"disruptedPods":{"p1":"2026-11-24T02:56:01Z"}}})")
          .budget;
  EXPECT_TRUE(budget.selector);
  EXPECT_EQ(budget.disruptions_allowed, 2);
  EXPECT_THAT(budget.disrupted_pods, ElementsAre("p1"));
  EXPECT_FALSE(read<model::DisruptionBudgetSeen>(ObjectType::disruption_budget, R"({"metadata":{"name":"b"},"spec":{}})").budget.selector);
}

TEST(DecodeGroups, ReadsTheThreeDialectsOfPodGroups) {
  const auto volcano =
      read<model::PodGroupSeen>(ObjectType::volcano_pod_group, R"({"metadata":{"name":"g","namespace":"x","uid":"u","resourceVersion":"4"},
    "spec":{"minMember":4,"queue":"q","priorityClassName":"high","minTaskMember":{"ps":1,"worker":3},"minResources":{"cpu":"3","nvidia.com/gpu":4}},
    "status":{"phase":"Inqueue","running":1,"conditions":[{"type":"Scheduled","status":"False","reason":"a"},
              {"type":"Unschedulable","status":"True","reason":"NotEnoughResources","transitionID":"1"}]}})")
          .group;
  EXPECT_EQ(volcano.dialect, model::PodGroupDialect::volcano);
  EXPECT_EQ(volcano.api_version, "scheduling.volcano.sh/v1beta1");
  EXPECT_EQ(volcano.min_member, 4);
  EXPECT_EQ(volcano.queue, "q");
  EXPECT_EQ(volcano.priority_class, "high");
  EXPECT_EQ(volcano.min_task_member, (std::map<std::string, std::int32_t>{{"ps", 1}, {"worker", 3}}));
  EXPECT_EQ(volcano.min_resources.cpu, cpus(3));
  EXPECT_EQ(volcano.min_resources.scalar("nvidia.com/gpu"), 4);
  EXPECT_EQ(volcano.phase, "Inqueue");
  EXPECT_EQ(volcano.condition, "Unschedulable/True/NotEnoughResources");

  const auto plugins =
      read<model::PodGroupSeen>(ObjectType::plugins_pod_group, R"({"apiVersion":"scheduling.x-k8s.io/v1alpha1","metadata":{"name":"g"},
    "spec":{"minMember":3,"scheduleTimeoutSeconds":10,"minResources":{"memory":"1Gi"}},"status":{"phase":"Pending"}})")
          .group;
  EXPECT_EQ(plugins.dialect, model::PodGroupDialect::scheduler_plugins);
  EXPECT_EQ(plugins.min_member, 3);
  EXPECT_EQ(plugins.schedule_timeout, seconds(10));
  EXPECT_EQ(plugins.min_resources.memory, gibibytes(1));
  EXPECT_EQ(plugins.phase, "Pending");

  const auto gang = read<model::PodGroupSeen>(ObjectType::pod_group, R"({"apiVersion":"scheduling.k8s.io/v1beta1","metadata":{"name":"g"},
    "spec":{"schedulingPolicy":{"gang":{"minCount":5}},"priorityClassName":"high"},
    "status":{"conditions":[{"type":"PodGroupInitiallyScheduled","status":"False","reason":"Unschedulable"},{"type":"DisruptionTarget","status":"True","reason":"x"}]}})")
                        .group;
  EXPECT_EQ(gang.dialect, model::PodGroupDialect::kubernetes);
  EXPECT_EQ(gang.min_member, 5);
  EXPECT_EQ(gang.condition, "PodGroupInitiallyScheduled/False/Unschedulable");
  const auto basic =
      read<model::PodGroupSeen>(ObjectType::pod_group, R"({"metadata":{"name":"g"},"spec":{"schedulingPolicy":{"basic":{}}}})").group;
  EXPECT_EQ(basic.min_member, 1);
  EXPECT_THAT(refusal(ObjectType::volcano_pod_group, R"({"spec":{"minTaskMember":{"a":"b"}}})"),
              HasSubstr("spec: minTaskMember: a: expected"));
}

TEST(DecodeGroups, ReadsQueuesWithTheAmountsThatTheyName) {
  const auto queue = read<model::QueueSeen>(ObjectType::volcano_queue, R"({"metadata":{"name":"q","uid":"u"},
    "spec":{"weight":3,"parent":"root","priority":7,"reclaimable":false,"guarantee":{"resource":{"cpu":"2"}},
            "deserved":{"cpu":"1500m","memory":"4Gi"},"capability":{"nvidia.com/gpu":8,"cpu":"0"}},
    "status":{"state":"Closing","allocated":{}}})")
                         .queue;
  EXPECT_EQ(queue.name, "q");
  EXPECT_EQ(queue.weight, 3);
  EXPECT_EQ(queue.parent, "root");
  EXPECT_EQ(queue.priority, 7);
  EXPECT_FALSE(queue.reclaimable);
  EXPECT_FALSE(queue.open);
  EXPECT_EQ(queue.guarantee, (model::NamedAmounts{{"cpu", 2000}}));
  EXPECT_EQ(queue.deserved, (model::NamedAmounts{{"cpu", 1500}, {"memory", gibibytes(4).v}}));
  EXPECT_EQ(queue.capability, (model::NamedAmounts{{"cpu", 0}, {"nvidia.com/gpu", 8}})) << "named and zero is a cap";
  const auto plain = read<model::QueueSeen>(ObjectType::volcano_queue, R"({"metadata":{"name":"q"},"spec":{}})").queue;
  EXPECT_TRUE(plain.open && plain.reclaimable);
  EXPECT_EQ(plain.weight, 1);
}

}   // namespace
}   // namespace ebb::kube
