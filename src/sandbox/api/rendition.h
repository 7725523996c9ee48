#pragma once

// How an object is shown: whole, as metadata only, or as a row of a table, in the version that was
// asked for. Whole objects in their storage version are shown as the very text that is kept.

#include "base/time.h"
#include "sandbox/api/api.h"
#include "sandbox/api/query.h"
#include "sandbox/api/served_kind.h"

#include <string>
#include <string_view>

namespace ebb::sandbox {

enum class Form { whole, metadata, table };
enum class IncludeObject { metadata, none, whole };

struct Negotiated {
  Form form = Form::whole;
  std::string meta_version = "v1";   // of Table and PartialObjectMetadata
};

// The first form in the Accept header that this server has. Errors: 406.
Answer<Negotiated> negotiate(std::string_view accept);

// Parts of an Accept header: type and parameters, in order.
struct MediaRange {
  std::string type;
  std::string as, group, version;   // as=Table;g=meta.k8s.io;v=v1
  std::string profile;
};
std::vector<MediaRange> media_ranges(std::string_view accept);

struct Rendition {
  ServedKindPtr kind;
  Negotiated negotiated;
  IncludeObject include = IncludeObject::metadata;

  // One object as the answer to a get or a write.
  Piece object(const Stored& stored, Instant now) const;
  // One object as the `object` of a watch event.
  Piece event_object(const Stored& stored, Instant now) const { return object(stored, now); }
  // An item of a list (a row of a table).
  Piece item(const Stored& stored, Instant now) const;
  // The whole list.
  struct ListMeta {
    std::uint64_t version = 0;
    std::string continue_token;
    std::int64_t remaining = -1;   // negative: not said
  };
  std::vector<Piece> list(const std::vector<StoredPtr>& objects, const ListMeta& meta, Instant now) const;
  // Names what event_object() depends on besides the object; empty: it must be made anew each time.
  std::string cache_key() const;
};

// ?includeObject= of a table; metadata where it is not said.
IncludeObject include_object(const Query& query);

Piece piece(std::string text);

}   // namespace ebb::sandbox
