#include "kube/decode.h"

#include "kube/encode.h"
#include "model/timestamp.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ebb::kube {
namespace {

using namespace std::string_literals;

constexpr std::string_view kPod = R"({
  "kind": "Pod", "apiVersion": "v1",
  "metadata": {
    "name": "web-1", "namespace": "production", "uid": "u-1", "resourceVersion": "77",
    "creationTimestamp": "2026-11-24T02:56:01Z", "deletionTimestamp": "2026-11-24T02:57:01Z",
    "labels": {"app": "web", "workload.type": "online", "quote": "a\"b\u00e9"},
    "annotations": {"scheduling.openfuyao.io/qos-class": "guaranteed", "kubectl.kubernetes.io/last-applied-configuration": "{}",
                    "openfuyao.com/qos-level": "LS", "notopenfuyao.com/x": "no", "volcano.sh/preemptable": "false"},
    "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "u-rs", "controller": true}],
    "managedFields": [{"manager": "x", "fieldsV1": {"f:metadata": {}}}]
  },
  "spec": {
    "schedulerName": "openfuyao-scheduler", "nodeName": "n1", "priority": 10, "priorityClassName": "high", "preemptionPolicy": "Never",
    "containers": [{"name": "c", "image": "x", "ports": [{"containerPort": 80, "hostPort": 8080, "protocol": "UDP", "hostIP": "10.0.0.1"}, {"containerPort": 81}, {"hostPort": 53, "hostIP": "0.0.0.0"}],
      "resources": {"requests": {"cpu": "1500m", "memory": "4Gi", "kubernetes.io/be-cpu": "2000", "nvidia.com/gpu": 1}, "limits": {"cpu": 2}}}],
    "initContainers": [{"name": "i", "restartPolicy": "Always"}],
    "overhead": {"cpu": "100m"},
    "nodeSelector": {"zone": "a"},
    "affinity": {"nodeAffinity": {
      "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
        {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}], "matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}, {}]},
      "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 7, "preference": {"matchExpressions": [{"key": "gpu", "operator": "Exists"}]}}]}},
    "tolerations": [{"operator": "Exists", "effect": "NoExecute"}, {"key": "k", "value": "v"}, {"key": "k", "operator": "Lt", "value": "9"}],
    "schedulingGates": [{"name": "wait"}], "volumes": [{"name": "v", "emptyDir": {}}]
  },
  "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}, {"type": "PodScheduled", "status": "False"}],
    "containerStatuses": [{"restartCount": 2}], "initContainerStatuses": [{"restartCount": 1}], "nominatedNodeName": "n9"}
})";

TEST(Decode, ReadsEveryFieldOfAPodThatADecisionReads) {
  const auto pod = decode_pod(kPod);
  ASSERT_TRUE(pod) << pod.error().message;
  EXPECT_EQ(pod->key, (model::ObjectKey{"production", "web-1"}));
  EXPECT_EQ(pod->uid.v, "u-1");
  EXPECT_EQ(pod->resource_version, "77");
  EXPECT_EQ(model::to_timestamp_text(pod->created), "2026-11-24T02:56:01Z");
  ASSERT_TRUE(pod->deletion_requested);
  EXPECT_EQ((*pod->deletion_requested - pod->created), seconds(60));
  EXPECT_EQ(pod->labels.at("quote"), "a\"bé");
  EXPECT_EQ(pod->annotations.size(), 3U);
  EXPECT_TRUE(pod->annotations.contains("scheduling.openfuyao.io/qos-class"));
  ASSERT_NE(pod->controller(), nullptr);
  EXPECT_EQ(pod->controller()->uid.v, "u-rs");
  EXPECT_EQ(pod->scheduler_name, "openfuyao-scheduler");
  EXPECT_EQ(pod->node.v, "n1");
  EXPECT_EQ(pod->nominated_node.v, "n9");
  EXPECT_EQ(pod->priority, 10);
  EXPECT_EQ(pod->priority_class, "high");
  EXPECT_TRUE(pod->preemption_never);
  ASSERT_EQ(pod->containers.size(), 1U);
  const model::Container& container = pod->containers[0];
  EXPECT_EQ(container.requests.cpu, MilliCpu{1500});
  EXPECT_EQ(container.requests.memory, gibibytes(4));
  EXPECT_EQ(container.requests.scalar(model::kBeCpu), 2000) << "as it is stored, so that the admission can rename it";
  EXPECT_EQ(container.requests.scalar("nvidia.com/gpu"), 1);
  EXPECT_EQ(container.limits.cpu, cpus(2));
  EXPECT_EQ(container.host_ports, (std::vector<model::HostPort>{{8080, "UDP", "10.0.0.1"}, {53, "TCP", ""}}));
  ASSERT_EQ(pod->init_containers.size(), 1U);
  EXPECT_TRUE(pod->init_containers[0].sidecar);
  EXPECT_EQ(pod->overhead.cpu, MilliCpu{100});
  EXPECT_EQ(pod->node_selector.at("zone"), "a");
  EXPECT_TRUE(pod->has_required_node_affinity);
  ASSERT_EQ(pod->required_node_terms.size(), 1U) << "the empty term matches nothing";
  EXPECT_FALSE(pod->required_node_terms[0].match_fields.empty());
  ASSERT_EQ(pod->preferred_node_terms.size(), 1U);
  EXPECT_EQ(pod->preferred_node_terms[0].weight, 7);
  ASSERT_EQ(pod->tolerations.size(), 2U) << "an operator we do not know tolerates nothing";
  EXPECT_EQ(pod->tolerations[0].effect, model::TaintEffect::no_execute);
  EXPECT_EQ(pod->scheduling_gates, std::vector<std::string>{"wait"});
  EXPECT_EQ(pod->phase, model::PodPhase::running);
  EXPECT_TRUE(pod->ready);
  EXPECT_TRUE(pod->unschedulable_condition);
  EXPECT_EQ(pod->restarts, 3);
}

TEST(Decode, ReadsNullsAsAbsent) {
  const auto pod = decode_pod(R"({"metadata":{"name":"a","labels":null,"creationTimestamp":null},"spec":{"containers":null,"affinity":null,
                                  "priority":null,"nodeName":null},"status":null})");
  ASSERT_TRUE(pod) << pod.error().message;
  EXPECT_EQ(*pod, (model::Pod{.key = {"", "a"}}));
}

TEST(Decode, SaysWhereAPodIsMalformed) {
  const auto at = [](std::string_view json) {
    const auto pod = decode_pod(json);
    return pod ? "no error"s : pod.error().message;
  };
  EXPECT_EQ(at(R"({"metadata":{"name":7}})"), "metadata: name: expected text");
  EXPECT_EQ(at(R"({"spec":{"containers":[{"name":"a"},{"ports":[{"hostPort":"x"}]}]}})"),
            "spec: containers: [1]: ports: [0]: hostPort: expected a whole number of 32 bits");
  EXPECT_TRUE(at(R"({"spec":{"containers":[{"resources":{"requests":{"cpu":"2x"}}}]}})").contains("requests: cpu: ")) << at("");
  EXPECT_EQ(at(R"({"metadata":{"name":"a","uid":"1","name":"b"}})"), "metadata: name: stands here twice");
  EXPECT_EQ(at(R"({"spec":{"priority":4294967296}})"), "spec: priority: expected a whole number of 32 bits");
  EXPECT_EQ(at(R"({"status":{"phase":"Dancing"}})"), "status: phase: 'Dancing' is no phase of a pod");
  EXPECT_EQ(at(R"({"metadata":{"name":"a"}} {})"), "the JSON text goes on after its end");
  EXPECT_NE(at(R"({"metadata":{"name":"a"})"), "no error");
  EXPECT_NE(at(R"([])"), "no error");
  EXPECT_NE(at(""), "no error");
  EXPECT_NE(at("\"\xff\""), "no error");
}

TEST(Decode, TakesAnEscapedKeyForWhatItSays) {
  const auto pod = decode_pod(R"({"metad\u0061ta":{"name":"a"},"metadata":{"name":"b"}})");
  ASSERT_FALSE(pod);
  EXPECT_EQ(pod.error().message, "metadata: stands here twice");
}

TEST(Decode, LeavesOutAMalformedObjectOfAPageAndKeepsItsNeighbours) {
  const std::vector<std::string> bad = {
      R"({"metadata":{"name":"bad"},"spec":{"priority":"x","a":{"b":[1,2]}},"status":{"c":[{}]}})",
      R"({"metadata":{"name":"bad","labels":[1,2,{"x":[]}]},"spec":{}})",
      R"({"metadata":{"name":"bad","uid":"a","uid":"b"},"spec":{"x":{}}})",
      R"({"spec":{"containers":[{"resources":{"limits":{"memory":"4Gib"}}},{"a":[]}]}})",
      R"({"metadata":{}})",
      R"("text")",
      R"([[{}],{}])",
      R"(null)",
      R"(12)",
      R"({})",
  };
  for (const std::string& item : bad) {
    const auto page =
        Decoder(ObjectType::pod)
            .page(R"({"kind":"PodList","metadata":{"resourceVersion":"9","continue":"tok"},"items":[{"metadata":{"name":"a"}},)" + item +
                  R"(,{"metadata":{"name":"z"},"spec":{"nodeName":"n"}}]})");
    ASSERT_TRUE(page) << item << ": " << page.error().message;
    ASSERT_EQ(page->items.size(), 2U) << item;
    EXPECT_EQ(page->items[0].key.name, "a");
    EXPECT_EQ(page->items[1].key.name, "z");
    EXPECT_EQ(std::get<model::PodSeen>(page->items[1].seen).pod.node.v, "n");
    EXPECT_EQ(page->refused.size(), 1U) << item;
    EXPECT_EQ(page->resource_version, "9");
    EXPECT_EQ(page->continue_token, "tok");
  }
}

TEST(Decode, BelievesNothingOfABrokenPage) {
  const std::string whole =
      R"({"metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c"}]}},{"metadata":{"name":"b"}}]})";
  ASSERT_TRUE(Decoder(ObjectType::pod).page(whole));
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    EXPECT_FALSE(Decoder(ObjectType::pod).page(whole.substr(0, cut))) << whole.substr(0, cut);
  }
  EXPECT_FALSE(Decoder(ObjectType::pod).page(R"({"kind":"Status","status":"Failure"})"));
  const auto empty = Decoder(ObjectType::pod).page(R"({"metadata":{},"items":null})");
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->items.empty());
}

TEST(Decode, ReadsWatchEventsWhateverTheOrderOfTheirFields) {
  Decoder decoder(ObjectType::pod);
  for (const std::string line :
       {R"({"type":"MODIFIED","object":{"metadata":{"name":"a","resourceVersion":"5"},"spec":{"nodeName":"n"}}})",
        R"({"object":{"metadata":{"name":"a","resourceVersion":"5"},"spec":{"nodeName":"n"}},"type":"MODIFIED"})"}) {
    const auto event = decoder.watch_event(line);
    ASSERT_TRUE(event) << event.error().message;
    EXPECT_EQ(event->type, WatchEventType::modified);
    EXPECT_EQ(event->resource_version, "5");
    ASSERT_TRUE(event->object);
    EXPECT_EQ(std::get<model::PodSeen>(event->object->seen).pod.node.v, "n");
  }
  const auto gone = decoder.watch_event(
      R"({"type":"DELETED","object":{"metadata":{"name":"a","namespace":"x","uid":"u","resourceVersion":"6"},"spec":7}})");
  ASSERT_TRUE(gone);
  ASSERT_TRUE(gone->object) << "what is malformed can be deleted all the same";
  EXPECT_EQ(gone->object->uid.v, "u");
  const auto bookmark = decoder.watch_event(R"({"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"8"}}})");
  ASSERT_TRUE(bookmark);
  EXPECT_EQ(bookmark->type, WatchEventType::bookmark);
  EXPECT_EQ(bookmark->resource_version, "8");
  const auto expired =
      decoder.watch_event(R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}})");
  ASSERT_TRUE(expired);
  ASSERT_TRUE(expired->error);
  EXPECT_EQ(*expired->error, (Error{Errc::expired, "too old"}));
  EXPECT_FALSE(decoder.watch_event(R"({"type":"SANG","object":{}})"));
  EXPECT_FALSE(decoder.watch_event(R"({"type":"ADDED"})"));
}

TEST(Decode, ReadsNodesAndWorkloads) {
  const auto node = decode_node(R"({"metadata":{"name":"n1","labels":{"workload.type":"mixed"}},
    "spec":{"unschedulable":true,"taints":[{"key":"k","effect":"NoSchedule"}]},
    "status":{"capacity":{"cpu":"16","memory":"64Gi","pods":"110"},"allocatable":{"cpu":"15500m","kubernetes.io/batch-memory":"1Gi"},
              "conditions":[{"type":"MemoryPressure","status":"False"},{"type":"Ready","status":"True"}]}})");
  ASSERT_TRUE(node) << node.error().message;
  EXPECT_TRUE(node->ready);
  EXPECT_TRUE(node->unschedulable);
  EXPECT_EQ(node->taints.size(), 1U);
  EXPECT_EQ(node->capacity.pods, 110);
  EXPECT_EQ(node->allocatable.cpu, MilliCpu{15500});
  EXPECT_EQ(node->allocatable.scalar(model::kBatchMemory), gibibytes(1).v);

  const auto job = decode_owner(ObjectType::job, R"({"metadata":{"name":"j","namespace":"offline","uid":"u"},
    "spec":{"parallelism":10,"completions":50,"backoffLimit":3},"status":{"failed":1,"succeeded":2,"active":3}})");
  ASSERT_TRUE(job);
  EXPECT_EQ(job->kind, "Job");
  EXPECT_EQ(*job->job,
            (model::JobState{.backoff_limit = 3, .failed = 1, .succeeded = 2, .active = 3, .parallelism = 10, .completions = 50}));
}

TEST(Decode, TakesPoliciesOutOfConfigMapsAndResources) {
  const auto map = Decoder(ObjectType::policy_config_map)
                       .object(R"({"metadata":{"name":"openfuyao-colocation-config","namespace":"openfuyao-system","uid":"u"},
    "data":{"other":"x","colocation-policy.yaml":"a: 1\nb: \"ü\"\n"}})");
  ASSERT_TRUE(map);
  const auto& document = std::get<model::PolicyDocumentSeen>(map->seen).document;
  EXPECT_EQ(document.text, "a: 1\nb: \"ü\"\n");
  EXPECT_FALSE(document.missing_key);
  const auto without = Decoder(ObjectType::node_config_map)
                           .object(R"({"metadata":{"name":"node-colocation-config"},"data":{"colocation-policy.yaml":"x"}})");
  ASSERT_TRUE(without);
  EXPECT_TRUE(std::get<model::PolicyDocumentSeen>(without->seen).document.missing_key);
  const auto resource =
      Decoder(ObjectType::colocation_policy)
          .object(R"({"apiVersion":"x","metadata":{"name":"p\"q","managedFields":[]},"spec": {"enabled": true, "x": [1] },"status":{}})");
  ASSERT_TRUE(resource);
  EXPECT_EQ(
      std::get<model::PolicyDocumentSeen>(resource->seen).document.text,
      R"({"apiVersion":"scheduling.openfuyao.io/v1alpha1","kind":"ColocationPolicy","metadata":{"name":"p\"q"},"spec":{"enabled": true, "x": [1] }})");
}

TEST(Decode, ReadsMetricsAndPriorityClasses) {
  const auto pods = Decoder(ObjectType::pod_metrics)
                        .page(R"({"items":[{"metadata":{"name":"a","namespace":"n"},"timestamp":"2026-11-24T02:56:01Z","window":"15s",
    "containers":[{"name":"x","usage":{"cpu":"123456789n","memory":"1Mi"}},{"name":"y","usage":{"cpu":"1","memory":"1Ki"}}]}]})");
  ASSERT_TRUE(pods) << pods.error().message;
  ASSERT_EQ(pods->items.size(), 1U);
  EXPECT_EQ(std::get<model::PodUsageSeen>(pods->items[0].seen).use, (model::Use{MilliCpu{1124}, Bytes{1024 * 1025}}));
  const auto nodes = Decoder(ObjectType::node_metrics).page(R"({"items":[{"metadata":{"name":"n1"},"usage":{"cpu":"2","memory":"1Gi"}}]})");
  ASSERT_TRUE(nodes);
  EXPECT_EQ(std::get<model::NodeUsageSeen>(nodes->items[0].seen).use.memory, gibibytes(1));
  const auto priority = Decoder(ObjectType::priority_class)
                            .object(R"({"metadata":{"name":"low"},"value":-5,"globalDefault":true,"preemptionPolicy":"Never"})");
  ASSERT_TRUE(priority);
  const auto& seen = std::get<model::PriorityClassSeen>(priority->seen);
  EXPECT_EQ(seen.value, -5);
  EXPECT_TRUE(seen.global_default && seen.preemption_never);
}

TEST(Encode, NodeReportsComeBackAsTheyWere) {
  model::NodeReport report;
  report.node.v = "n1";
  report.time = Instant{1'700'000'000'123'456'000};
  report.use.hls = {MilliCpu{1250}, mebibytes(3)};
  report.use.be = {cpus(3), gibibytes(2)};
  report.use.system.memory = Bytes{12345};
  report.numa = {{.id = 0, .cpu_capacity = cpus(8), .memory_capacity = gibibytes(32), .use = report.use},
                 {.id = 1, .cpu_capacity = cpus(8), .memory_capacity = gibibytes(32), .use = {}}};
  report.memory_pressure = true;
  report.be_cpu_limit = MilliCpu{1500};
  const auto back = decode_node_report(encode_node_report(report));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, report);
}

}   // namespace
}   // namespace ebb::kube
