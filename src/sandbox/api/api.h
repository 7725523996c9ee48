#pragma once

// The embedded Kubernetes API as a function of requests: no sockets, no threads, no clock of its
// own. The HTTPS server feeds it text; controllers and simulated kubelets in the same process call
// the typed methods, with the same semantics (validation, optimistic concurrency, admission,
// managed fields). Everything happens on the caller's thread, which is always the same one.

#include "base/result.h"
#include "base/time.h"
#include "model/names.h"
#include "sandbox/json/json.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ebb::sandbox {

// "apps" "v1" "deployments"; the group is empty for the core group.
struct ResourceId {
  std::string group;
  std::string version;
  std::string resource;   // plural, lower case

  friend auto operator<=>(const ResourceId&, const ResourceId&) = default;
};

struct Request {
  std::string method;   // GET, POST, PUT, PATCH, DELETE, HEAD
  std::string path;     // percent-decoded by the API, not by the server
  std::string query;    // raw, without '?'
  std::string content_type;
  std::string accept;
  std::string user_agent;   // its part before '/' is the default field manager
  std::string user;         // who the token belongs to
  std::string body;
};

// A body is a sequence of shared pieces so that a list is sent without being copied together.
using Piece = std::shared_ptr<const std::string>;

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<Piece> body;
  std::vector<std::pair<std::string, std::string>> headers;   // e.g. Retry-After, Warning
  bool promises = false;                                      // that something is stored: true only once it is flushed
};

// An open watch. The server calls take() whenever ready is signalled and sends the pieces; an empty
// answer with finished() true ends the stream. Destroying it unsubscribes.
class Watch {
 public:
  virtual ~Watch() = default;
  virtual std::vector<Piece> take(std::size_t bytes_max) = 0;
  virtual bool finished() const = 0;
  virtual Instant deadline() const = 0;        // timeoutSeconds; the server ends it then
  virtual Instant next_bookmark() const = 0;   // call bookmark() then
  virtual void bookmark(Instant now) = 0;
  virtual void on_ready(std::function<void()> wake) = 0;   // called at most once per take()
  virtual std::string_view content_type() const = 0;
};

enum class ChangeType { added, modified, deleted };

struct Stored;   // store/stored.h: one immutable object: key, uid, version, labels, text

// What in-process observers see, in order of resource version.
struct Change {
  ChangeType type = ChangeType::added;
  const ResourceId& resource;
  std::shared_ptr<const Stored> object;     // for deleted: its last state
  std::shared_ptr<const Stored> previous;   // null for added
};

// Who is calling in-process, for managedFields and admission.
struct Caller {
  std::string user = "system:sandbox";
  std::string field_manager = "sandbox";
};

enum class PatchType { json, merge, strategic, apply };
enum class Propagation { background, foreground, orphan };

struct DeleteOptions {
  std::optional<std::int64_t> grace_seconds;
  std::optional<Propagation> propagation;
  std::string uid;   // preconditions; empty: none
  std::string resource_version;
};

class Api {
 public:
  virtual ~Api() = default;

  // What an answer says is stored is so after the next flush(): until then it must not be given away.
  virtual std::variant<Response, std::unique_ptr<Watch>> handle(const Request& request, Instant now) = 0;

  // In-process calls. Errors: not_found, exists, conflict, invalid, denied, expired, overloaded
  // (the message is that of the Kubernetes Status).
  virtual Result<json::object> get(const ResourceId& resource, const model::ObjectKey& key) = 0;
  virtual std::vector<std::shared_ptr<const Stored>> list(const ResourceId& resource) = 0;
  virtual Result<json::object> create(const ResourceId& resource, json::object object, const Caller& caller, Instant now) = 0;
  virtual Result<json::object> update(const ResourceId& resource, json::object object, std::string_view subresource, const Caller& caller,
                                      Instant now) = 0;
  virtual Result<json::object> patch(const ResourceId& resource, const model::ObjectKey& key, PatchType type, const json::value& patch,
                                     std::string_view subresource, const Caller& caller, Instant now) = 0;
  virtual Status remove(const ResourceId& resource, const model::ObjectKey& key, const DeleteOptions& options, const Caller& caller,
                        Instant now) = 0;

  // Every change of every resource from now on, on this thread, after it is stored. An observer
  // must only note it and act later (from its own run), never call the API from inside.
  virtual void observe(std::function<void(const Change&)> observer) = 0;

  // Writes to the persistence, if there is one, what requests and in-process calls have changed, in
  // one transaction. The loop calls it before it lets clients see those changes. Errors: io; nothing
  // of it is written then, and all of it by a later flush that succeeds.
  virtual Status flush() { return {}; }
};

}   // namespace ebb::sandbox
