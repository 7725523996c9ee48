#pragma once

// The parts of the embedded API put together, and the way of a request or an in-process call
// through them.

#include "sandbox/api/admission.h"
#include "sandbox/api/custom_resources.h"
#include "sandbox/api/discovery.h"
#include "sandbox/api/make_api.h"
#include "sandbox/api/objects.h"
#include "sandbox/api/reads.h"
#include "sandbox/api/registry.h"
#include "sandbox/api/resource_requests.h"
#include "sandbox/api/subresources.h"
#include "sandbox/api/usage.h"
#include "sandbox/store/object_store.h"
#include "sandbox/store/persistence.h"

#include <memory>
#include <vector>

namespace ebb::sandbox {

class ApiServer final : public Api {
 public:
  explicit ApiServer(ApiOptions options);
  // Loads what is kept, then makes what every cluster has. Errors: those of Persistence.
  Status start(Instant now);

  std::variant<Response, std::unique_ptr<Watch>> handle(const Request& request, Instant now) override;

  Result<json::object> get(const ResourceId& resource, const model::ObjectKey& key) override;
  std::vector<std::shared_ptr<const Stored>> list(const ResourceId& resource) override;
  Result<json::object> create(const ResourceId& resource, json::object object, const Caller& caller, Instant now) override;
  Result<json::object> update(const ResourceId& resource, json::object object, std::string_view subresource, const Caller& caller,
                              Instant now) override;
  Result<json::object> patch(const ResourceId& resource, const model::ObjectKey& key, PatchType type, const json::value& patch,
                             std::string_view subresource, const Caller& caller, Instant now) override;
  Status remove(const ResourceId& resource, const model::ObjectKey& key, const DeleteOptions& options, const Caller& caller,
                Instant now) override;
  void observe(std::function<void(const Change&)> observer) override { observers_.push_back(std::move(observer)); }
  Status flush() override;

 private:
  Answer<Reply> route(Call& call);
  Answer<Reply> metrics_text() const;
  Answer<Reply> route_resource(const Target& target, Call& call);
  void note(const ServedKind& kind, const StoreEvent& event);
  Status load();
  void create_builtin_objects(Instant now);
  Result<ServedKindPtr> served_kind(const ResourceId& resource) const;
  // What in-process calls answer, after definitions have taken effect.
  Result<json::object> finished(const ServedKind& kind, Answer<Written> written, Instant now);

  ApiOptions options_;
  std::unique_ptr<Persistence> persistence_;
  ObjectStore store_;
  Registry registry_;
  Admission admission_;
  Objects objects_;
  Reads reads_;
  Subresources subresources_;
  ResourceRequests resources_;
  CustomResources custom_resources_;
  Discovery discovery_;
  Usage usage_;
  std::vector<std::function<void(const Change&)>> observers_;
};

}   // namespace ebb::sandbox
