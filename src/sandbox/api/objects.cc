#include "sandbox/api/objects.h"

#include "model/timestamp.h"
#include "sandbox/api/conversion.h"
#include "sandbox/api/shape.h"
#include "sandbox/api/strategy.h"
#include "sandbox/api/tree.h"

#include <charconv>

namespace ebb::sandbox {

namespace {

constexpr std::size_t kNameBaseMax = 58;   // with five random characters it is a label value of 63
constexpr int kNameAttempts = 8;

const Place kNamespaces{"", "namespaces"};

model::Labels labels_of(const json::object& object) {
  model::Labels labels;
  if (const json::object* given = object_in(metadata_of(object), "labels")) {
    for (const auto& [key, value] : *given) {
      if (value.is_string()) labels.emplace(std::string(key), std::string(view(value.get_string())));
    }
  }
  return labels;
}

// kind, apiVersion and metadata come first, so that the API can find them without reading the rest.
json::object ordered(json::object object) {
  json::object first;
  first.reserve(object.size());
  for (const std::string_view name : {"kind", "apiVersion", "metadata"}) {
    const auto at = object.find(name);
    if (at == object.end()) continue;
    first.emplace(name, std::move(at->value()));
  }
  for (auto& member : object) {
    if (!first.contains(member.key())) first.emplace(member.key(), std::move(member.value()));
  }
  return first;
}

}   // namespace

StoredPtr make_stored(const ServedKind& kind, json::object object, std::uint64_t version) {
  auto stored = std::make_shared<Stored>();
  json::object& metadata = ensure_object(object, "metadata");
  if (version != 0) {
    metadata["resourceVersion"] = fmt::format("{}", version);
  } else {
    const std::string_view text = text_in(metadata, "resourceVersion");
    std::from_chars(text.data(), text.data() + text.size(), version);
  }
  stored->key = {std::string(text_in(metadata, "namespace")), std::string(text_in(metadata, "name"))};
  stored->uid = text_in(metadata, "uid");
  stored->resource_version = version;
  stored->labels = labels_of(object);
  stored->fields.reserve(kind.fields.size());
  for (const SelectableField& field : kind.fields) {
    const json::value* value = value_at(object, field.path);
    stored->fields.push_back(value == nullptr ? field.otherwise : scalar_text(value));
  }
  stored->text = std::make_shared<const std::string>(json::serialize(ordered(std::move(object))));
  return stored;
}

Objects::Objects(Parts parts) : parts_(std::move(parts)) {}

std::string Objects::random_name_suffix() {
  constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
  std::string suffix;
  for (int i = 0; i < 5; ++i) suffix += kLetters[parts_.rng.below(kLetters.size())];
  return suffix;
}

std::string Objects::random_uid() {
  const std::uint64_t high = (parts_.rng.next() & ~0xf000ull) | 0x4000ull;        // version 4
  const std::uint64_t low = (parts_.rng.next() & ~(3ull << 62)) | (1ull << 63);   // its variant
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xffff, low >> 48,
                     low & 0xffff'ffff'ffffull);
}

StoredPtr Objects::find(const ServedKind& kind, const model::ObjectKey& key) const { return parts_.store.collection(kind.place).find(key); }

Answer<StoredPtr> Objects::existing(const ServedKind& kind, const model::ObjectKey& key) const {
  StoredPtr found = find(kind, key);
  if (!found) return not_found(kind.name(), key.name);
  return found;
}

Answer<Objects::Before> Objects::before(const ServedKind& kind, const model::ObjectKey& key) const {
  EBB_TRY(StoredPtr stored, existing(kind, key));
  Before before;
  before.object = stored->parse();
  from_storage(kind, before.object);
  before.stored = std::move(stored);
  return before;
}

Answer<void> Objects::check_namespace(const ServedKind& kind, const std::string& ns) const {
  if (!kind.kind.namespaced) return {};
  const StoredPtr found = parts_.store.collection(kNamespaces).find({"", ns});
  if (!found) return not_found({"", "namespaces"}, ns);
  if (found->parse().at("metadata").as_object().contains("deletionTimestamp")) {
    auto refused =
        forbidden(kind.name(), "", fmt::format("unable to create new content in namespace {} because it is being terminated", ns));
    refused.error().causes.push_back({"NamespaceTerminating", fmt::format("namespace {} is being terminated", ns), "metadata.namespace"});
    return refused;
  }
  return {};
}

Answer<Written> Objects::create(const ServedKind& kind, const std::string& ns, json::object object, const WriteContext& context) {
  EBB_TRY_VOID(identify(kind, {ns, ""}, object));
  EBB_TRY_VOID(shape(kind, object, context));
  json::object& metadata = ensure_object(object, "metadata");
  if (!text_in(metadata, "resourceVersion").empty()) {
    return generic(500, "", "resourceVersion should not be set on objects to be created");
  }
  if (!text_in(metadata, "name").empty() || text_in(metadata, "generateName").empty()) {
    return create_named(kind, ns, std::move(object), false, context);
  }
  const std::string base(text_in(metadata, "generateName").substr(0, kNameBaseMax));
  for (int attempt = 1;; ++attempt) {
    json::object named = object;
    ensure_object(named, "metadata")["name"] = base + random_name_suffix();
    auto written = create_named(kind, ns, std::move(named), false, context);
    const bool taken = !written && written.error().reason == "AlreadyExists";
    if (!taken || attempt == kNameAttempts) return written;
  }
}

Answer<Written> Objects::create_named(const ServedKind& kind, const std::string& ns, json::object object, bool tracked,
                                      const WriteContext& context) {
  EBB_TRY_VOID(check_namespace(kind, ns));
  json::object& metadata = ensure_object(object, "metadata");
  for (const std::string_view owned : {"deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion"}) {
    metadata.erase(owned);
  }
  if (kind.kind.namespaced) metadata["namespace"] = ns;
  metadata["uid"] = random_uid();
  metadata["creationTimestamp"] = model::to_timestamp_text(context.now);
  prepare_create(kind, object);
  apply_defaults(kind.kind, object);
  EBB_TRY_VOID(parts_.admission.on_create(kind, ns, object, context.caller.user));
  std::vector<std::string> ignored;
  prune_and_check(*kind.kind.schema, object, ignored);   // admission writes by hand
  apply_defaults(kind.kind, object);
  const std::string name(metadata_text(object, "name"));
  if (const auto errors = validate(kind.kind, object, nullptr); !errors.empty()) {
    return invalid(kind.kind.group, kind.kind.kind, name, errors);
  }
  EBB_TRY_VOID(check_definition(kind, object));
  if (find(kind, {kind.kind.namespaced ? ns : std::string(), name})) return already_exists(kind.name(), name);
  if (!tracked) {
    track_update(*kind.kind.schema, nullptr, object, {context.caller.field_manager, kind.api_version(), "", context.now});
  }
  Written written = store(kind, std::move(object), context);
  written.created = true;
  return written;
}

Written Objects::store(const ServedKind& kind, json::object object, const WriteContext& context) {
  to_storage(kind, object);
  if (context.dry_run) return {make_stored(kind, std::move(object), 0), false};
  StoredPtr stored = make_stored(kind, std::move(object), parts_.store.next_version());
  const StoreEvent& event = parts_.store.put(parts_.store.collection(kind.place), stored, context.now);
  parts_.observer(kind, event);
  return {std::move(stored), false};
}

StoredPtr Objects::erase(const ServedKind& kind, json::object final_state, const WriteContext& context) {
  to_storage(kind, final_state);
  if (context.dry_run) return make_stored(kind, std::move(final_state), 0);
  StoredPtr stored = make_stored(kind, std::move(final_state), parts_.store.next_version());
  const StoreEvent& event = parts_.store.erase(parts_.store.collection(kind.place), stored, context.now);
  parts_.observer(kind, event);
  return stored;
}

}   // namespace ebb::sandbox
