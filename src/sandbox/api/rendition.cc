#include "sandbox/api/rendition.h"

#include "base/check.h"
#include "sandbox/api/conversion.h"
#include "sandbox/api/tree.h"

#include <fmt/format.h>

#include <utility>

namespace ebb::sandbox {

namespace {

std::string trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

std::vector<std::string_view> parts(std::string_view text, char separator) {
  std::vector<std::string_view> found;
  for (;;) {
    const std::size_t at = text.find(separator);
    found.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return found;
    text.remove_prefix(at + 1);
  }
}

// The text of the object's metadata. Requires: text as make_stored writes it, where metadata is third.
std::string_view metadata_slice(std::string_view text) {
  constexpr std::string_view kKey = "\"metadata\":";
  const std::size_t key = text.find(kKey);
  if (key == std::string_view::npos) return "{}";
  const std::size_t begin = key + kKey.size();
  std::size_t at = begin;
  int depth = 0;
  bool quoted = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '\\') {
        ++at;
      } else if (c == '"') {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return text.substr(begin, at + 1 - begin);
    }
  }
  return "{}";
}

// Writes another apiVersion into stored text, which begins {"kind":"X","apiVersion":"Y",
std::string with_api_version(std::string_view text, const std::string& from, const std::string& to) {
  const std::string old = fmt::format("\"apiVersion\":\"{}\"", from);
  const std::size_t at = text.find(old);
  std::string changed(text);
  if (at != std::string_view::npos) changed.replace(at, old.size(), fmt::format("\"apiVersion\":\"{}\"", to));
  return changed;
}

std::string partial(const Stored& stored, const std::string& meta_version) {
  return fmt::format(R"({{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/{}","metadata":{}}})", meta_version,
                     metadata_slice(*stored.text));
}

Piece whole(const ServedKind& kind, const Stored& stored) {
  if (converts_fields(kind)) {
    json::object object = stored.parse();
    from_storage(kind, object);
    return piece(json::serialize(object));
  }
  if (kind.kind.version == kind.kind.storage_version && kind.kind.group == kind.kind.storage_group) return stored.text;
  return piece(with_api_version(*stored.text, kind.storage_api_version(), kind.api_version()));
}

std::string row(const Rendition& rendition, const Stored& stored, Instant now) {
  const ServedKind& kind = *rendition.kind;
  json::object object = stored.parse();
  from_storage(kind, object);
  std::string text = fmt::format("{{\"cells\":{}", json::serialize(table_cells(kind.kind, kind.columns, object, now)));
  if (rendition.include == IncludeObject::whole) text += fmt::format(",\"object\":{}", *whole(kind, stored));
  if (rendition.include == IncludeObject::metadata)
    text += fmt::format(",\"object\":{}", partial(stored, rendition.negotiated.meta_version));
  return text + "}";
}

std::string list_meta(const Rendition::ListMeta& meta) {
  std::string text = fmt::format(R"({{"resourceVersion":"{}")", meta.version);
  if (!meta.continue_token.empty()) text += fmt::format(R"(,"continue":"{}")", meta.continue_token);
  if (meta.remaining >= 0) text += fmt::format(R"(,"remainingItemCount":{})", meta.remaining);
  return text + "}";
}

std::string table_head(const ServedKind& kind, const std::string& meta_version, const std::string& metadata) {
  return fmt::format(R"({{"kind":"Table","apiVersion":"meta.k8s.io/{}","metadata":{},"columnDefinitions":{},"rows":[)", meta_version,
                     metadata, json::serialize(table_columns(kind.kind, kind.columns)));
}

}   // namespace

IncludeObject include_object(const Query& query) {
  const std::string_view wish = query.get("includeObject");
  return wish == "None" ? IncludeObject::none : wish == "Object" ? IncludeObject::whole : IncludeObject::metadata;
}

Piece piece(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

std::vector<MediaRange> media_ranges(std::string_view accept) {
  std::vector<MediaRange> ranges;
  if (trimmed(accept).empty()) return ranges;
  for (const std::string_view part : parts(accept, ',')) {
    const auto pieces = parts(part, ';');
    MediaRange range;
    range.type = trimmed(pieces.front());
    for (std::size_t i = 1; i < pieces.size(); ++i) {
      const std::string parameter = trimmed(pieces[i]);
      const std::string_view view = parameter;
      if (view.starts_with("as=")) range.as = view.substr(3);
      if (view.starts_with("g=")) range.group = view.substr(2);
      if (view.starts_with("v=")) range.version = view.substr(2);
      if (view.starts_with("profile=")) range.profile = view.substr(8);
    }
    ranges.push_back(std::move(range));
  }
  return ranges;
}

Answer<Negotiated> negotiate(std::string_view accept) {
  const auto ranges = media_ranges(accept);
  if (ranges.empty()) return Negotiated{};
  for (const MediaRange& range : ranges) {
    if (range.type != "application/json" && range.type != "*/*" && range.type != "application/*") continue;
    if (range.as.empty()) return Negotiated{};
    if (range.group != "meta.k8s.io" || (range.version != "v1" && range.version != "v1beta1")) continue;
    if (range.as == "Table") return Negotiated{Form::table, range.version};
    if (range.as == "PartialObjectMetadata" || range.as == "PartialObjectMetadataList") return Negotiated{Form::metadata, range.version};
  }
  return generic(406, "NotAcceptable", "only the following media types are accepted: application/json");
}

Piece Rendition::object(const Stored& stored, Instant now) const {
  switch (negotiated.form) {
    case Form::whole: return whole(*kind, stored);
    case Form::metadata: return piece(partial(stored, negotiated.meta_version));
    case Form::table: {
      const std::string metadata = fmt::format(R"({{"resourceVersion":"{}"}})", stored.resource_version);
      return piece(table_head(*kind, negotiated.meta_version, metadata) + row(*this, stored, now) + "]}");
    }
  }
  EBB_UNREACHABLE();
}

Piece Rendition::item(const Stored& stored, Instant now) const {
  return negotiated.form == Form::table ? piece(row(*this, stored, now)) : object(stored, now);
}

std::vector<Piece> Rendition::list(const std::vector<StoredPtr>& objects, const ListMeta& meta, Instant now) const {
  static const Piece kComma = piece(",");
  static const Piece kEnd = piece("]}\n");
  std::vector<Piece> pieces;
  pieces.reserve(2 * objects.size() + 2);
  if (negotiated.form == Form::table) {
    pieces.push_back(piece(table_head(*kind, negotiated.meta_version, list_meta(meta))));
  } else {
    const bool metadata = negotiated.form == Form::metadata;
    const std::string name = metadata ? "PartialObjectMetadataList" : kind->kind.list_kind;
    const std::string version = metadata ? "meta.k8s.io/" + negotiated.meta_version : kind->api_version();
    pieces.push_back(piece(fmt::format(R"({{"kind":"{}","apiVersion":"{}","metadata":{},"items":[)", name, version, list_meta(meta))));
  }
  bool first = true;
  for (const StoredPtr& stored : objects) {
    if (!std::exchange(first, false)) pieces.push_back(kComma);
    pieces.push_back(item(*stored, now));
  }
  pieces.push_back(kEnd);
  return pieces;
}

std::string Rendition::cache_key() const {
  if (negotiated.form == Form::table) return {};   // ages in its cells
  if (negotiated.form == Form::metadata) return "metadata/" + negotiated.meta_version;
  return kind->api_version();
}

}   // namespace ebb::sandbox
