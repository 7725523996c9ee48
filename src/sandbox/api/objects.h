#pragma once

// The verbs that write, on typed values: what a POST, PUT, PATCH or DELETE does once it is clear
// which resource it means. Everything that changes an object goes through here: shape, defaults,
// admission, validation, optimistic concurrency, managed fields, finalizers, then the store.

#include "base/rng.h"
#include "sandbox/api/admission.h"
#include "sandbox/api/api.h"
#include "sandbox/api/registry.h"
#include "sandbox/store/object_store.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::sandbox {

// Holds a CustomResourceDefinition until its objects are gone.
inline constexpr std::string_view kCleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

enum class UnknownFields { ignore, warn, strict };

struct WriteContext {
  Caller caller;
  Instant now;
  bool dry_run = false;
  bool force = false;   // server-side apply takes fields from their managers
  UnknownFields unknown_fields = UnknownFields::ignore;
  std::vector<std::string> duplicates;   // keys that the body has twice
  std::vector<std::string>* warnings = nullptr;
};

// In storage version. A dry run's object is not in the store.
struct Written {
  StoredPtr object;
  bool created = false;
};

struct Removed {
  StoredPtr object;   // its last state, or the one that now waits for finalizers or a kubelet
  bool gone = false;
};

class Objects final {
 public:
  // Told of each change after it is stored.
  using Observer = std::function<void(const ServedKind&, const StoreEvent&)>;
  // Changes the object (in its served version) in place, or refuses.
  using Change = std::function<Answer<void>(json::object&)>;

  struct Parts {
    ObjectStore& store;
    const Registry& registry;
    const Admission& admission;
    Rng rng;
    Observer observer;
  };
  explicit Objects(Parts parts);

  StoredPtr find(const ServedKind& kind, const model::ObjectKey& key) const;
  Answer<StoredPtr> existing(const ServedKind& kind, const model::ObjectKey& key) const;

  Answer<Written> create(const ServedKind& kind, const std::string& ns, json::object object, const WriteContext& context);
  Answer<Written> update(const ServedKind& kind, const model::ObjectKey& key, json::object object, std::string_view subresource,
                         const WriteContext& context);
  Answer<Written> patch(const ServedKind& kind, const model::ObjectKey& key, PatchType type, const json::value& patch,
                        std::string_view subresource, const WriteContext& context);
  Answer<Removed> remove(const ServedKind& kind, const model::ObjectKey& key, const DeleteOptions& options, const WriteContext& context);

  // A write of the server's own (binding, eviction, scale, conditions of definitions): no validation of what may change.
  Answer<Written> change(const ServedKind& kind, const model::ObjectKey& key, std::string_view subresource, const Change& change,
                         const WriteContext& context);

  std::string random_name_suffix();
  std::string random_uid();

 private:
  struct Before {
    StoredPtr stored;
    json::object object;   // in the served version
  };
  enum class Checks { all, none };

  Answer<Before> before(const ServedKind& kind, const model::ObjectKey& key) const;
  Answer<void> check_namespace(const ServedKind& kind, const std::string& ns) const;
  Answer<Written> create_named(const ServedKind& kind, const std::string& ns, json::object object, bool tracked,
                               const WriteContext& context);
  Answer<Written> finish_update(const ServedKind& kind, const Before& before, json::object after, std::string_view subresource,
                                const WriteContext& context, bool tracked, Checks checks);
  Answer<Written> apply(const ServedKind& kind, const model::ObjectKey& key, json::object applied, std::string_view subresource,
                        const WriteContext& context);
  Written store(const ServedKind& kind, json::object object, const WriteContext& context);
  StoredPtr erase(const ServedKind& kind, json::object final_state, const WriteContext& context);

  Parts parts_;
};

// The immutable value of an object in its storage version. `version` 0 keeps the resource version it has.
StoredPtr make_stored(const ServedKind& kind, json::object object, std::uint64_t version);

// Equal but for the times in managedFields: nothing to write.
bool same_but_for_times(const json::object& a, const json::object& b);

}   // namespace ebb::sandbox
