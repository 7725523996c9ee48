#include "sandbox/controllers/controllers.h"

#include "sandbox/controllers/common_view.h"
#include "sandbox/controllers/deployment.h"
#include "sandbox/controllers/disruption.h"
#include "sandbox/controllers/garbage_collector.h"
#include "sandbox/controllers/job.h"
#include "sandbox/controllers/namespaces.h"
#include "sandbox/controllers/node_lifecycle.h"
#include "sandbox/controllers/pod_garbage.h"
#include "sandbox/controllers/replica_set.h"
#include "sandbox/controllers/resource_ids.h"
#include "sandbox/controllers/taint_eviction.h"
#include "sandbox/controllers/volumes.h"

#include <utility>

namespace ebb::sandbox::control {

namespace {

// Brings the common view up to date before the others look at it.
class ViewKeeper final : public Controller {
 public:
  explicit ViewKeeper(View view) : view_(std::move(view)) {}
  std::string_view name() const override { return "view-keeper"; }

  void observe(const Change& change) override {
    const auto parse = [&]() -> const json::object& { return view_->parsed.of(change.object); };
    if (resources::same(change.resource, resources::kCustomResourceDefinitions) && view_->kinds.apply(change, parse())) {
      for (const auto& tell : view_->on_new_kind) tell();
    }
    view_->objects.apply(change, parse);
    if (resources::same(change.resource, resources::kPods)) view_->pods.apply(change, parse());
  }

  Instant run(Instant) override { return kNever; }

 private:
  View view_;
};

}   // namespace

}   // namespace ebb::sandbox::control

namespace ebb::sandbox {

std::vector<std::unique_ptr<Controller>> make_controllers(Api& api, ControllerOptions options) {
  using namespace control;
  const auto view = std::make_shared<CommonView>(api, std::move(options));
  std::vector<std::unique_ptr<Controller>> all;
  all.push_back(std::make_unique<ViewKeeper>(view));
  all.push_back(std::make_unique<NamespaceController>(view));
  all.push_back(std::make_unique<DeploymentController>(view));
  all.push_back(std::make_unique<ReplicaSetController>(view));
  all.push_back(std::make_unique<JobController>(view));
  all.push_back(std::make_unique<GarbageCollector>(view));
  all.push_back(std::make_unique<NodeLifecycleController>(view));
  all.push_back(std::make_unique<TaintEvictionController>(view));
  all.push_back(std::make_unique<PodGarbageCollector>(view));
  all.push_back(std::make_unique<DisruptionController>(view));
  all.push_back(std::make_unique<VolumeController>(view));

  // What exists already is news to them. Definitions come first, so that custom resources are known by then.
  const auto replay = [&](const ResourceId& resource) {
    for (const auto& object : api.list(resource)) {
      for (const auto& controller : all) controller->observe({ChangeType::added, resource, object, nullptr});
    }
  };
  replay(resources::kCustomResourceDefinitions);
  for (const auto& resource : view->kinds.all()) {
    if (!resources::same(resource, resources::kCustomResourceDefinitions)) replay(resource);
  }
  return all;
}

}   // namespace ebb::sandbox
