// How long it takes to ask every node about a pod's volumes: bound ones, local ones to be chosen from
// (one free volume per node), and new ones where each node has published its capacity.

#include "core/volumes/volume_book.h"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace ebb::core::volumes {
namespace {

struct Cluster {
  VolumeBook book;
  std::vector<model::Node> nodes;

  explicit Cluster(std::int64_t count) {
    model::StorageClass local;
    local.name = "local";
    local.provisioner = "kubernetes.io/no-provisioner";
    local.wait_for_first_consumer = true;
    book.step(model::StorageClassSeen{local});
    model::StorageClass fresh = local;
    fresh.name = "fresh";
    fresh.provisioner = "csi.example.com";
    book.step(model::StorageClassSeen{fresh});
    book.step(model::CsiDriverSeen{{"csi.example.com", true, true, false}});
    for (std::int64_t i = 0; i < count; ++i) {
      model::Node& node = nodes.emplace_back();
      node.name.v = "node-" + std::to_string(i);
      node.labels = {{"kubernetes.io/hostname", node.name.v}, {"topology.kubernetes.io/zone", "zone-" + std::to_string(i % 3)}};
      book.node_seen(static_cast<Slot>(i), node);
      book.step(model::CsiNodeSeen{{node.name, {{"csi.example.com", 30, {}}}, {}}});
      const model::LabelSelector here{{{"kubernetes.io/hostname", model::SelectorOperator::in, {node.name.v}}}};
      model::Volume volume;
      volume.name = "local-" + std::to_string(i);
      volume.storage_class = "local";
      volume.capacity = gibibytes(10);
      volume.phase = "Available";
      volume.has_node_affinity = true;
      volume.node_terms = {{here, {}}};
      book.step(model::VolumeSeen{volume});
      book.step(model::CsiStorageCapacitySeen{{{"csi", volume.name}, "fresh", gibibytes(100), {}, here}});
    }
    model::Volume bound;
    bound.name = "bound";
    bound.csi_driver = "csi.example.com";
    bound.csi_handle = "h";
    bound.labels = {{"topology.kubernetes.io/zone", "zone-1"}};
    book.step(model::VolumeSeen{bound});
    for (const char* name : {"local", "fresh", "bound"}) {
      model::VolumeClaim claim;
      claim.key = {"default", name};
      claim.storage_class = name;
      claim.request = gibibytes(1);
      if (claim.key.name == "bound") {
        claim.volume_name = "bound";
        claim.bound = true;
      }
      book.step(model::VolumeClaimSeen{claim});
    }
  }
};

void ask_every_node(benchmark::State& state, const char* claim) {
  Cluster cluster(state.range(0));
  model::Pod pod;
  pod.key = {"default", "p"};
  pod.volumes = {{"v", model::VolumeKind::claim, claim, false, {}}};
  const auto demand = cluster.book.acquire(pod);
  for (auto _ : state) {
    std::int64_t fits = 0;
    for (Slot slot = 0; slot < cluster.nodes.size(); ++slot) fits += !cluster.book.refusal(*demand, slot, cluster.nodes[slot]);
    if (fits == 0) state.SkipWithError("the pod fits nowhere");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK_CAPTURE(ask_every_node, bound, "bound")->Arg(500)->Arg(5000)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(ask_every_node, local, "local")->Arg(500)->Arg(5000)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(ask_every_node, fresh, "fresh")->Arg(500)->Arg(5000)->Unit(benchmark::kMicrosecond);

}   // namespace
}   // namespace ebb::core::volumes
