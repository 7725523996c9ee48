// Deletion: preconditions, graceful waiting, finalizers and the three ways of propagation.

#include "model/timestamp.h"
#include "sandbox/api/objects.h"
#include "sandbox/api/strategy.h"
#include "sandbox/api/tree.h"

#include <algorithm>
#include <array>

namespace ebb::sandbox {

namespace {

constexpr std::string_view kForeground = "foregroundDeletion";
constexpr std::string_view kOrphan = "orphan";

constexpr auto kKeptNamespaces = std::to_array<std::string_view>({"default", "kube-public", "kube-system"});

bool is_namespace(const ServedKind& kind) { return kind.kind.group.empty() && kind.kind.resource == "namespaces"; }

Answer<void> check_preconditions(const ServedKind& kind, const Stored& stored, const DeleteOptions& options) {
  if (!options.uid.empty() && options.uid != stored.uid) {
    return conflict(kind.name(), stored.key.name,
                    fmt::format("the UID in the precondition ({}) does not match the UID in record ({}). The object might have been "
                                "deleted and then recreated",
                                options.uid, stored.uid));
  }
  const std::string version = fmt::format("{}", stored.resource_version);
  if (!options.resource_version.empty() && options.resource_version != version) {
    return conflict(
        kind.name(), stored.key.name,
        fmt::format("the ResourceVersion in the precondition ({}) does not match the ResourceVersion in record ({}). The object "
                    "might have been modified",
                    options.resource_version, version));
  }
  return {};
}

// The two finalizers that stand for a way of propagation; without a wish the object keeps those it has.
void set_propagation(json::object& metadata, std::optional<Propagation> wish) {
  if (!wish) return;
  json::array kept;
  if (const json::array* finalizers = array_in(metadata, "finalizers")) {
    for (const json::value& finalizer : *finalizers) {
      const std::string name = scalar_text(&finalizer);
      if (name != kForeground && name != kOrphan) kept.push_back(finalizer);
    }
  }
  if (*wish == Propagation::foreground) kept.push_back(json::value(kForeground));
  if (*wish == Propagation::orphan) kept.push_back(json::value(kOrphan));
  if (kept.empty()) {
    metadata.erase("finalizers");
  } else {
    metadata["finalizers"] = std::move(kept);
  }
}

// A definition stays until its objects are gone.
void guard_definition(const ServedKind& kind, json::object& object) {
  if (kind.kind.group != "apiextensions.k8s.io" || kind.kind.resource != "customresourcedefinitions") return;
  json::object& metadata = ensure_object(object, "metadata");
  if (metadata.contains("deletionTimestamp")) return;
  json::value& finalizers = metadata["finalizers"];
  if (!finalizers.is_array()) finalizers.emplace_array();
  finalizers.get_array().push_back(json::value(kCleanupFinalizer));
}

// Kinds whose registry marks them as going away by itself, without a word about grace.
bool has_grace(const ServedKind& kind) {
  return !is_namespace(kind) && !(kind.kind.group == "apiextensions.k8s.io" && kind.kind.resource == "customresourcedefinitions");
}

bool waits_for_finalizers(const ServedKind& kind, const json::object& object) {
  const json::array* finalizers = array_in(metadata_of(object), "finalizers");
  if (finalizers != nullptr && !finalizers->empty()) return true;
  if (!is_namespace(kind)) return false;
  const json::object* spec = object_in(object, "spec");
  const json::array* own = spec == nullptr ? nullptr : array_in(*spec, "finalizers");
  return own != nullptr && !own->empty();
}

void begin_deletion(const ServedKind& kind, json::object& object, std::int64_t grace, Instant now) {
  json::object& metadata = ensure_object(object, "metadata");
  metadata["deletionTimestamp"] = model::to_timestamp_text(now + seconds(grace));
  if (has_grace(kind)) metadata["deletionGracePeriodSeconds"] = grace;
  if (const std::int64_t generation = integer_in(metadata, "generation", 0); generation > 0) metadata["generation"] = generation + 1;
  if (is_namespace(kind)) ensure_object(object, "status")["phase"] = "Terminating";
}

// A second request may only make the wait shorter.
void shorten_deletion(json::object& object, std::int64_t grace) {
  json::object& metadata = ensure_object(object, "metadata");
  const std::int64_t old_grace = integer_in(metadata, "deletionGracePeriodSeconds", 0);
  if (grace >= old_grace) return;
  const auto end = model::parse_timestamp(text_in(metadata, "deletionTimestamp"));
  if (end) metadata["deletionTimestamp"] = model::to_timestamp_text(*end - seconds(old_grace - grace));
  metadata["deletionGracePeriodSeconds"] = grace;
}

}   // namespace

Answer<Removed> Objects::remove(const ServedKind& kind, const model::ObjectKey& key, const DeleteOptions& options,
                                const WriteContext& context) {
  if (is_namespace(kind) && std::ranges::find(kKeptNamespaces, key.name) != kKeptNamespaces.end()) {
    return forbidden(kind.name(), key.name, "this namespace may not be deleted");
  }
  EBB_TRY(const Before current, before(kind, key));
  EBB_TRY_VOID(check_preconditions(kind, *current.stored, options));
  json::object after = current.object;
  set_propagation(ensure_object(after, "metadata"), options.propagation);

  guard_definition(kind, after);
  const bool deleting = metadata_of(after).contains("deletionTimestamp");
  const std::int64_t left = integer_in(metadata_of(after), "deletionGracePeriodSeconds", 0);
  std::optional<std::int64_t> grace = deletion_grace(kind, after, options.grace_seconds);
  if (deleting && left > 0 && !options.grace_seconds) grace = left;   // asked again without a wish
  if (!grace && !waits_for_finalizers(kind, after)) return Removed{erase(kind, std::move(after), context), true};

  if (deleting) {
    shorten_deletion(after, grace.value_or(0));
  } else {
    begin_deletion(kind, after, grace.value_or(0), context.now);
  }
  if (same_but_for_times(current.object, after)) return Removed{current.stored, false};
  return Removed{store(kind, std::move(after), context).object, false};
}

}   // namespace ebb::sandbox
