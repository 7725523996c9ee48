#pragma once

// Plays the volume controller and every provisioner: a claim gets the volume that is reserved for it, where
// its class does not wait for a consumer the smallest that fits, or one that is made for it; a volume whose
// claim is gone is released, and deleted where its policy says so. Volumes of the provisioner
// sandbox.ebb/local lie on the node that was selected; those of any other can be reached from everywhere.

#include "model/storage.h"
#include "sandbox/api/controller.h"
#include "sandbox/controllers/client.h"
#include "sandbox/controllers/common_view.h"
#include "sandbox/controllers/work_queue.h"

#include <map>
#include <set>
#include <string>

namespace ebb::sandbox::control {

class VolumeController final : public Controller {
 public:
  explicit VolumeController(View view);
  std::string_view name() const override { return "persistentvolume-binder"; }
  void observe(const Change& change) override;
  Instant run(Instant now) override;

 private:
  void observe_claim(const Change& change);
  void observe_volume(const Change& change);
  void observe_class(const Change& change);
  void look_at_unbound();

  Status sync(const model::ObjectKey& key, Instant now);
  Status sync_claim(const model::VolumeClaim& claim, Instant now);
  Status sync_volume(const model::Volume& volume, Instant now);
  const model::StorageClass* class_of(const model::VolumeClaim& claim) const;
  const model::Volume* volume_for(const model::VolumeClaim& claim, bool waits) const;
  Status fill_in_class(const model::VolumeClaim& claim, Instant now);
  Status bind(const model::VolumeClaim& claim, const model::Volume& volume, Instant now);
  Status finish_claim(const model::VolumeClaim& claim, const model::Volume& volume, Instant now);
  Status set_claim_phase(const model::VolumeClaim& claim, std::string_view phase, Instant now);
  Status set_volume_phase(const model::Volume& volume, std::string_view phase, Instant now);
  Status provision(const model::VolumeClaim& claim, const model::StorageClass& storage, Instant now);
  void tell(const model::VolumeClaim& claim, std::string_view type, std::string_view reason, std::string message, Instant now);

  View view_;
  Client client_;
  WorkQueue<model::ObjectKey> queue_;   // a claim, or a volume, which has no namespace
  std::map<model::ObjectKey, model::VolumeClaim> claims_;
  std::map<std::string, model::Volume> volumes_;
  std::map<std::string, model::StorageClass> classes_;
  std::set<model::ObjectKey> unbound_;
};

}   // namespace ebb::sandbox::control
