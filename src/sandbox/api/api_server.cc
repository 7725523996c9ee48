#include "sandbox/api/api_server.h"

#include "base/check.h"
#include "sandbox/api/conversion.h"
#include "sandbox/api/tree.h"

#include <openssl/rand.h>

#include <charconv>

namespace ebb::sandbox {

namespace {

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  EBB_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof seed) == 1);
  return seed;
}

ChangeType change_type(EventType type) {
  return type == EventType::added ? ChangeType::added : type == EventType::modified ? ChangeType::modified : ChangeType::deleted;
}

WriteContext in_process(const Caller& caller, Instant now) {
  WriteContext context;
  context.caller = caller;
  context.now = now;
  return context;
}

}   // namespace

ApiServer::ApiServer(ApiOptions options)
    : options_(std::move(options)),
      persistence_(std::move(options_.persistence)),
      store_(HistoryLimits{.age = options_.history, .events = options_.history_events, .bytes = options_.history_bytes}),
      admission_(store_, options_.pod_admission),
      objects_({.store = store_,
                .registry = registry_,
                .admission = admission_,
                .rng = Rng(options_.seed == 0 ? random_seed() : options_.seed),
                .observer = [this](const ServedKind& kind, const StoreEvent& event) { note(kind, event); }}),
      reads_(store_, options_.speed),
      subresources_(objects_, store_, registry_),
      resources_(objects_, reads_, subresources_),
      custom_resources_(registry_, store_, objects_),
      discovery_(registry_),
      usage_(options_.metrics) {
  for (const Kind& kind : builtin_kinds()) registry_.add(served(kind));
  if (usage_.served()) {
    for (ServedKind& kind : Usage::kinds()) registry_.add(std::move(kind));
  }
}

void ApiServer::note(const ServedKind& kind, const StoreEvent& event) {
  const Stored& object = *event.object;
  if (persistence_ && event.type == EventType::deleted) {
    persistence_->erase(kind.place.group, kind.place.resource, object.key.ns, object.key.name, event.version);
  } else if (persistence_) {
    persistence_->put({.group = kind.place.group,
                       .version = kind.kind.storage_version,
                       .resource = kind.place.resource,
                       .ns = object.key.ns,
                       .name = object.key.name,
                       .resource_version = event.version,
                       .text = *object.text});
  }
  custom_resources_.note(kind, event);
  if (observers_.empty()) return;
  const ResourceId id{kind.place.group, kind.kind.storage_version, kind.place.resource};
  const Change change{.type = change_type(event.type), .resource = id, .object = event.object, .previous = event.previous};
  for (const auto& observer : observers_) observer(change);
}

Status ApiServer::flush() {
  if (!persistence_ || !persistence_->pending()) return {};
  return persistence_->commit();
}

Result<ServedKindPtr> ApiServer::served_kind(const ResourceId& resource) const {
  ServedKindPtr kind = registry_.find(resource.group, resource.version, resource.resource);
  if (!kind || !kind->stored) return fail(Errc::not_found, "the server could not find the requested resource");
  return kind;
}

Result<json::object> ApiServer::finished(const ServedKind& kind, Answer<Written> written, Instant now) {
  custom_resources_.settle(now);
  if (!written) return std::unexpected(to_error(written.error()));
  json::object object = written->object->parse();
  from_storage(kind, object);
  return object;
}

Result<json::object> ApiServer::get(const ResourceId& resource, const model::ObjectKey& key) {
  EBB_TRY(const ServedKindPtr kind, served_kind(resource));
  const auto stored = objects_.existing(*kind, key);
  if (!stored) return std::unexpected(to_error(stored.error()));
  json::object object = (*stored)->parse();
  from_storage(*kind, object);
  return object;
}

std::vector<std::shared_ptr<const Stored>> ApiServer::list(const ResourceId& resource) {
  const auto kind = served_kind(resource);
  return kind ? store_.collection((*kind)->place).range("") : std::vector<StoredPtr>();
}

Result<json::object> ApiServer::create(const ResourceId& resource, json::object object, const Caller& caller, Instant now) {
  EBB_TRY(const ServedKindPtr kind, served_kind(resource));
  const std::string ns = kind->kind.namespaced ? std::string(metadata_text(object, "namespace")) : std::string();
  return finished(*kind, objects_.create(*kind, ns, std::move(object), in_process(caller, now)), now);
}

Result<json::object> ApiServer::update(const ResourceId& resource, json::object object, std::string_view subresource, const Caller& caller,
                                       Instant now) {
  EBB_TRY(const ServedKindPtr kind, served_kind(resource));
  const model::ObjectKey key{std::string(metadata_text(object, "namespace")), std::string(metadata_text(object, "name"))};
  return finished(*kind, objects_.update(*kind, key, std::move(object), subresource, in_process(caller, now)), now);
}

Result<json::object> ApiServer::patch(const ResourceId& resource, const model::ObjectKey& key, PatchType type, const json::value& patch,
                                      std::string_view subresource, const Caller& caller, Instant now) {
  EBB_TRY(const ServedKindPtr kind, served_kind(resource));
  WriteContext context = in_process(caller, now);
  context.force = type == PatchType::apply;   // whoever runs in this process means it
  return finished(*kind, objects_.patch(*kind, key, type, patch, subresource, context), now);
}

Status ApiServer::remove(const ResourceId& resource, const model::ObjectKey& key, const DeleteOptions& options, const Caller& caller,
                         Instant now) {
  EBB_TRY(const ServedKindPtr kind, served_kind(resource));
  const auto removed = objects_.remove(*kind, key, options, in_process(caller, now));
  custom_resources_.settle(now);
  if (!removed) return std::unexpected(to_error(removed.error()));
  return {};
}

Result<std::unique_ptr<Api>> try_make_api(ApiOptions options) {
  const Instant now = options.now;
  auto server = std::make_unique<ApiServer>(std::move(options));
  EBB_TRY_VOID(server->start(now));
  return server;
}

std::unique_ptr<Api> make_api(ApiOptions options) {
  auto made = try_make_api(std::move(options));
  EBB_CHECK(made.has_value());
  return *std::move(made);
}

}   // namespace ebb::sandbox
