// How fast lists and watch lines become values. The pods look as an API server prints them, with the
// managed fields, volumes and environment that nobody here reads.

#include "kube/decode.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <boost/json.hpp>

namespace ebb::kube {
namespace {

std::string a_pod(int number) {
  std::string managed;
  for (int i = 0; i < 3; ++i) {
    managed += fmt::format(
        R"({}{{"manager":"manager-{}","operation":"Update","apiVersion":"v1","time":"2026-11-24T02:56:01Z","fieldsType":"FieldsV1","fieldsV1":{{"f:metadata":{{"f:labels":{{".":{{}},"f:app":{{}},"f:pod-template-hash":{{}}}},"f:ownerReferences":{{".":{{}},"k:{{\"uid\":\"{}\"}}":{{}}}}}},"f:spec":{{"f:containers":{{"k:{{\"name\":\"web\"}}":{{".":{{}},"f:image":{{}},"f:imagePullPolicy":{{}},"f:name":{{}},"f:resources":{{".":{{}},"f:limits":{{".":{{}},"f:cpu":{{}},"f:memory":{{}}}}}}}}}}}}}}}})",
        i == 0 ? "" : ",", i, number);
  }
  return fmt::format(
      R"({{"metadata":{{"name":"web-{0}","generateName":"web-","namespace":"production","uid":"0b1c8c1e-{0}","resourceVersion":"{0}","creationTimestamp":"2026-11-24T02:56:01Z","labels":{{"app":"web","pod-template-hash":"5c8b767778","workload.type":"online"}},"annotations":{{"scheduling.openfuyao.io/qos-class":"guaranteed","kubectl.kubernetes.io/restartedAt":"2026-11-24T02:56:01Z"}},"ownerReferences":[{{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-5c8b767778","uid":"e0f6-{0}","controller":true,"blockOwnerDeletion":true}}],"managedFields":[{1}]}},)"
      R"("spec":{{"volumes":[{{"name":"kube-api-access","projected":{{"sources":[{{"serviceAccountToken":{{"expirationSeconds":3607,"path":"token"}}}},{{"configMap":{{"name":"kube-root-ca.crt","items":[{{"key":"ca.crt","path":"ca.crt"}}]}}}}],"defaultMode":420}}}}],)"
      R"("containers":[{{"name":"web","image":"registry.example.com/team/web:1.2.3","ports":[{{"containerPort":8080,"protocol":"TCP"}}],"env":[{{"name":"A","value":"1"}},{{"name":"B","value":"two \"quoted\""}}],"resources":{{"limits":{{"cpu":"2","memory":"4Gi"}},"requests":{{"cpu":"2","memory":"4Gi"}}}},"volumeMounts":[{{"name":"kube-api-access","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}}],"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":"default","nodeName":"node-{2}","securityContext":{{}},"schedulerName":"openfuyao-scheduler","tolerations":[{{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}},{{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}}],"priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority"}},)"
      R"("status":{{"phase":"Running","conditions":[{{"type":"Initialized","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-24T02:56:01Z"}},{{"type":"Ready","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-24T02:56:02Z"}},{{"type":"PodScheduled","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-24T02:56:01Z"}}],"hostIP":"10.0.0.1","podIP":"10.244.0.1","podIPs":[{{"ip":"10.244.0.1"}}],"startTime":"2026-11-24T02:56:01Z","containerStatuses":[{{"name":"web","state":{{"running":{{"startedAt":"2026-11-24T02:56:02Z"}}}},"lastState":{{}},"ready":true,"restartCount":0,"image":"registry.example.com/team/web:1.2.3","imageID":"sha256:0123","containerID":"containerd://4567","started":true}}],"qosClass":"Guaranteed"}}}})",
      number, managed, number % 5000);
}

std::string a_page(int pods) {
  std::string text = R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"123456"},"items":[)";
  for (int i = 0; i < pods; ++i) {
    if (i > 0) text += ',';
    text += a_pod(i);
  }
  return text + "]}";
}

void BM_DecodePodPage(benchmark::State& state) {
  const std::string text = a_page(static_cast<int>(state.range(0)));
  Decoder decoder(ObjectType::pod);
  for (auto _ : state) {
    auto page = decoder.page(text);
    if (!page || !page->refused.empty()) state.SkipWithError("the page is not understood");
    benchmark::DoNotOptimize(page);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(BM_DecodePodPage)->Arg(500)->Arg(5000);

// The same text to a tree, for comparison: what reading it any other way would begin with.
void BM_BoostJsonPodPage(benchmark::State& state) {
  const std::string text = a_page(500);
  for (auto _ : state) benchmark::DoNotOptimize(boost::json::parse(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(BM_BoostJsonPodPage);

void BM_DecodeWatchLine(benchmark::State& state) {
  const std::string line = R"({"type":"MODIFIED","object":)" + a_pod(7) + "}";
  Decoder decoder(ObjectType::pod);
  for (auto _ : state) {
    auto event = decoder.watch_event(line);
    if (!event || !event->object) state.SkipWithError("the line is not understood");
    benchmark::DoNotOptimize(event);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(line.size()));
}
BENCHMARK(BM_DecodeWatchLine);

}   // namespace
}   // namespace ebb::kube
