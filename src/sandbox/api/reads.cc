#include "sandbox/api/reads.h"

#include "sandbox/api/event_watch.h"

#include <algorithm>

namespace ebb::sandbox {

namespace {

constexpr std::int64_t kWatchSeconds = 1800;   // without a wish; upstream draws between this and its double

constexpr std::string_view kExpiredToken =
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue "
    "parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token "
    "results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and "
    "now may show up in the list.";

std::unexpected<Failure> too_large_version(std::uint64_t asked, std::uint64_t current) {
  auto failure = generic(504, "Timeout", fmt::format("Too large resource version: {}, current: {}", asked, current));
  failure.error().causes.push_back({"ResourceVersionTooLarge", "Too large resource version", ""});
  failure.error().retry_after_seconds = 1;
  return failure;
}

std::string token_key(const model::ObjectKey& key) { return key.ns + "/" + key.name; }

// Takes away all that a token's earlier pages have shown.
void skip_to(std::vector<StoredPtr>& objects, const std::string& start) {
  const std::size_t slash = start.find('/');
  const model::ObjectKey key{start.substr(0, slash), slash == std::string::npos ? std::string() : start.substr(slash + 1)};
  const auto first =
      std::ranges::upper_bound(objects, key, {}, [](const StoredPtr& object) -> const model::ObjectKey& { return object->key; });
  objects.erase(objects.begin(), first);
}

}   // namespace

Answer<std::vector<StoredPtr>> Reads::at_version(const ServedKind& kind, const std::string& ns, std::uint64_t version) {
  if (version > store_.version()) return too_large_version(version, store_.version());
  if (version < store_.compacted_version()) return expired("The resourceVersion for the provided list is too old.");
  auto objects = store_.collection(kind.place).range_at(ns, version);
  if (!objects) return expired("The resourceVersion for the provided list is too old.");
  return *std::move(objects);
}

Answer<std::vector<StoredPtr>> Reads::snapshot(const ServedKind& kind, const std::string& ns, const ListOptions& options,
                                               const ContinueToken* token, std::uint64_t& version) {
  version = store_.version();
  if (token != nullptr && token->version) {
    auto objects = at_version(kind, ns, *token->version);
    if (!objects && objects.error().code == 410) {
      auto failure = expired(std::string(kExpiredToken));
      failure.error().continue_token = ContinueToken{std::nullopt, token->start}.text();
      return failure;
    }
    version = *token->version;
    return objects;
  }
  const bool exact = options.match == VersionMatch::exact || (options.match == VersionMatch::unset && options.limit > 0);
  if (token == nullptr && exact && options.version > 0) {
    version = options.version;
    return at_version(kind, ns, options.version);
  }
  if (options.version > store_.version()) return too_large_version(options.version, store_.version());
  return store_.collection(kind.place).range(ns);
}

Answer<Reads::Page> Reads::page(const ServedKind& kind, const std::string& ns, const ListOptions& options, const Selection& selection) {
  std::optional<ContinueToken> token;
  if (!options.continue_token.empty()) {
    EBB_TRY(token, ContinueToken::parse(options.continue_token));
  }
  Page page;
  EBB_TRY(page.objects, snapshot(kind, ns, options, token ? &*token : nullptr, page.meta.version));
  if (token) skip_to(page.objects, token->start);
  if (!selection.everything()) std::erase_if(page.objects, [&selection](const StoredPtr& object) { return !selection.matches(*object); });
  const auto limit = static_cast<std::size_t>(options.limit);
  if (limit == 0 || page.objects.size() <= limit) return page;
  if (selection.everything()) page.meta.remaining = static_cast<std::int64_t>(page.objects.size() - limit);
  page.objects.resize(limit);
  ContinueToken next;
  next.version = page.meta.version;   // after an inconsistent page, too: the rest is of one moment again
  next.start = token_key(page.objects.back()->key);
  page.meta.continue_token = next.text();
  return page;
}

Answer<Reply> Reads::collection(const ServedKindPtr& kind, const std::string& ns, const std::string& name, bool watch, const Call& call) {
  EBB_TRY(ListOptions options, ListOptions::parse(call.query));
  if (!name.empty()) options.field_selector += (options.field_selector.empty() ? "" : ",") + ("metadata.name=" + name);
  EBB_TRY(Selection selection, Selection::parse(*kind, options.label_selector, options.field_selector));
  EBB_TRY(Negotiated negotiated, negotiate(call.request.accept));
  Rendition rendition{.kind = kind, .negotiated = std::move(negotiated), .include = include_object(call.query)};
  if (watch || options.watch) return this->watch(kind, ns, options, std::move(selection), std::move(rendition), call.now);
  EBB_TRY(Page page, this->page(*kind, ns, options, selection));
  Response response;
  response.body = rendition.list(page.objects, page.meta, call.now);
  return response;
}

Answer<std::vector<StoredPtr>> Reads::selected(const ServedKind& kind, const std::string& ns, const Call& call) {
  EBB_TRY(const ListOptions options, ListOptions::parse(call.query));
  EBB_TRY(const Selection selection, Selection::parse(kind, options.label_selector, options.field_selector));
  EBB_TRY(Page page, this->page(kind, ns, options, selection));
  return std::move(page.objects);
}

std::unique_ptr<Watch> Reads::watch(const ServedKindPtr& kind, const std::string& ns, const ListOptions& options, Selection selection,
                                    Rendition rendition, Instant now) {
  Collection& collection = store_.collection(kind->place);
  WatchStart start;
  start.ns = ns;
  start.begun = now;
  start.bookmarks = options.bookmarks;
  const std::int64_t asked = options.timeout_seconds.value_or(0);
  start.deadline = now + seconds(asked <= 0 ? kWatchSeconds : std::min<std::int64_t>(asked, 1'000'000)) * speed_;
  start.version = store_.version();
  const bool wants_state = options.send_initial_events.value_or(options.version == 0);
  if (wants_state) {
    for (StoredPtr& object : collection.range(ns)) {
      if (selection.matches(*object)) start.initial.push_back(std::move(object));
    }
    start.announce_end_of_initial = options.send_initial_events.value_or(false) && options.bookmarks;
  } else if (options.version > 0) {
    start.version = options.version;
  }
  // A version from another life of this server, or one whose successors are forgotten.
  if (options.version > store_.version() || start.version < collection.oldest_version()) {
    start.failure = expired(fmt::format("too old resource version: {} ({})", options.version, collection.oldest_version())).error();
  }
  return std::make_unique<EventWatch>(store_, collection, std::move(rendition), std::move(selection), std::move(start));
}

}   // namespace ebb::sandbox
