#pragma once

// Get, list and watch: pages at one resource version, the meanings of resourceVersion, and where a
// watch begins.

#include "sandbox/api/call.h"
#include "sandbox/api/list_options.h"
#include "sandbox/api/selection.h"
#include "sandbox/store/object_store.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ebb::sandbox {

class Reads final {
 public:
  // Clients mean real seconds, of which `speed` pass for one of theirs.
  Reads(ObjectStore& store, std::int64_t speed) : store_(store), speed_(speed) {}

  // `name` restricts a collection to one object, as the old watch paths do; empty: all.
  Answer<Reply> collection(const ServedKindPtr& kind, const std::string& ns, const std::string& name, bool watch, const Call& call);
  // What a deletion of the collection means.
  Answer<std::vector<StoredPtr>> selected(const ServedKind& kind, const std::string& ns, const Call& call);

 private:
  struct Page {
    std::vector<StoredPtr> objects;
    Rendition::ListMeta meta;
  };
  Answer<Page> page(const ServedKind& kind, const std::string& ns, const ListOptions& options, const Selection& selection);
  // The whole collection as it was at the version that is to be listed, which `version` becomes.
  Answer<std::vector<StoredPtr>> snapshot(const ServedKind& kind, const std::string& ns, const ListOptions& options,
                                          const ContinueToken* token, std::uint64_t& version);
  Answer<std::vector<StoredPtr>> at_version(const ServedKind& kind, const std::string& ns, std::uint64_t version);
  std::unique_ptr<Watch> watch(const ServedKindPtr& kind, const std::string& ns, const ListOptions& options, Selection selection,
                               Rendition rendition, Instant now);

  ObjectStore& store_;
  std::int64_t speed_;
};

}   // namespace ebb::sandbox
