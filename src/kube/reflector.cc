#include "kube/reflector.h"

#include <utility>

namespace ebb::kube {

Reflector::Reflector(Client& client, ReflectorOptions options, ReflectorSink sink)
    : client_(client),
      options_(std::move(options)),
      sink_(std::move(sink)),
      decoder_(options_.type),
      rng_(options_.seed),
      backoff_(options_.backoff, rng_.fork()) {}

void Reflector::run(const Stop& stop) {
  Outcome next = Outcome::list_again;
  while (next != Outcome::stopped && !stop.requested()) next = next == Outcome::list_again ? list(stop) : watch(stop);
}

Reflector::Outcome Reflector::wait_after(const Error& error, const Stop& stop) {
  if (error.code == Errc::cancelled) return Outcome::stopped;
  sink_.trouble(error);
  return stop.wait_for(options_.pace.real(backoff_.next())) ? Outcome::stopped : Outcome::go_on;
}

Reflector::Outcome Reflector::list(const Stop& stop) {
  auto page = list_decoded(client_, decoder_, options_.resource, options_.query, &stop);
  if (!page && page.error().code == Errc::not_found && options_.may_be_absent) {
    for (auto& [key, known] : known_) known.in_list = false;
    if (!forget_unlisted()) return Outcome::stopped;
    first_list_done();
    return stop.wait_for(options_.pace.poll_interval(options_.absent_retry)) ? Outcome::stopped : Outcome::list_again;
  }
  if (!page) return wait_after(page.error(), stop) == Outcome::stopped ? Outcome::stopped : Outcome::list_again;

  for (auto& [key, known] : known_) known.in_list = false;
  for (const Refused& refused : page->refused) {
    sink_.trouble(refused.error);
    // It is still there; what was last understood of it stays.
    if (const auto found = known_.find(refused.key); found != known_.end()) found->second.in_list = true;
  }
  for (Decoded& object : page->items) {
    if (!tell_seen(std::move(object))) return Outcome::stopped;
  }
  if (!forget_unlisted()) return Outcome::stopped;
  resource_version_ = std::move(page->resource_version);
  first_list_done();
  return Outcome::go_on;
}

void Reflector::first_list_done() {
  if (!std::exchange(listed_, true)) sink_.listed();
}

bool Reflector::forget_unlisted() {
  for (auto it = known_.begin(); it != known_.end();) {
    if (it->second.in_list) {
      ++it;
      continue;
    }
    if (!tell_gone(it->first, it->second)) return false;
    it = known_.erase(it);
  }
  return true;
}

bool Reflector::tell_gone(const model::ObjectKey& key, const Known& known) {
  return sink_.gone({.type = options_.type, .key = key, .uid = known.uid});
}

// An object that was made anew under its old name while we did not look is two events.
bool Reflector::tell_seen(Decoded object) {
  const auto [found, added] = known_.try_emplace(object.key);
  Known& known = found->second;
  if (!added && known.uid != object.uid && !tell_gone(object.key, known)) return false;
  const bool same =
      !added && known.uid == object.uid && !object.resource_version.empty() && known.resource_version == object.resource_version;
  known = {.uid = object.uid, .resource_version = object.resource_version, .in_list = true};
  return same || sink_.seen(std::move(object));
}

Reflector::Outcome Reflector::watch(const Stop& stop) {
  const std::int64_t timeout = rng_.between(options_.watch_min.v, options_.watch_max.v) / seconds(1).v;
  std::string target = fmt::format("{}?watch=true&allowWatchBookmarks=true&timeoutSeconds={}&resourceVersion={}",
                                   path_of(options_.resource, {options_.query.ns, ""}), timeout, url_encode(resource_version_));
  if (!options_.query.field_selector.empty()) target += "&fieldSelector=" + url_encode(options_.query.field_selector);
  if (!options_.query.label_selector.empty()) target += "&labelSelector=" + url_encode(options_.query.label_selector);
  const auto after = [&](const Error& error) {
    const Outcome waited = wait_after(error, stop);
    const bool lost = error.code == Errc::expired || error.code == Errc::not_found;
    return lost && waited == Outcome::go_on ? Outcome::list_again : waited;
  };

  auto stream = client_.watch(std::move(target), &stop);
  if (!stream) return after(stream.error());
  for (bool any = false;; any = true) {
    const auto line = (*stream)->next(options_.silence_max);
    if (!line) return after(line.error());
    if (!*line) {   // ended in good order; a server that does so at once is not asked again at once
      if (any) return Outcome::go_on;
      return stop.wait_for(options_.pace.real(backoff_.next())) ? Outcome::stopped : Outcome::go_on;
    }
    auto event = decoder_.watch_event(**line);
    if (!event) {   // something happened that we did not understand: look at everything again
      return wait_after(event.error(), stop) == Outcome::stopped ? Outcome::stopped : Outcome::list_again;
    }
    if (event->type == WatchEventType::error) return after(event->error.value_or(Error{Errc::unavailable, "the watch failed"}));
    if (const Outcome outcome = take(*std::move(event)); outcome != Outcome::go_on) return outcome;
    backoff_.reset();
  }
}

Reflector::Outcome Reflector::take(WatchEvent event) {
  if (event.error) sink_.trouble(*event.error);
  if (!event.resource_version.empty()) resource_version_ = event.resource_version;
  if (!event.object) return Outcome::go_on;
  if (event.type != WatchEventType::deleted) return tell_seen(*std::move(event.object)) ? Outcome::go_on : Outcome::stopped;
  const auto found = known_.find(event.object->key);
  if (found == known_.end()) return Outcome::go_on;
  const bool going_on = tell_gone(found->first, found->second);
  known_.erase(found);
  return going_on ? Outcome::go_on : Outcome::stopped;
}

}   // namespace ebb::kube
