#pragma once

// The sandbox's memory on disk: one SQLite file (WAL, STRICT tables) that holds every object, the
// last resource version and the identity kubeconfigs rely on. It hears of changes through put() and
// erase(), which only note them; commit() writes all that was noted in one transaction. The caller
// answers clients after the commit, so what a client was told is in the file. What a process kill
// cannot undo, a power cut may: commits are not synced one by one (synchronous=NORMAL).

#include "base/result.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

struct sqlite3;

namespace ebb::sandbox {

// One object as the file keeps it. `group` and `resource` name the storage place ("apps",
// "deployments"), `text` is the whole object as JSON.
struct KeptObject {
  std::string group;
  std::string version;   // API version in which `text` is written
  std::string resource;
  std::string ns;   // empty for cluster-scoped objects
  std::string name;
  std::uint64_t resource_version = 0;
  std::string text;

  friend bool operator==(const KeptObject&, const KeptObject&) = default;
};

class Persistence final {
 public:
  // Opens or creates the file (mode 600: it holds a token and a CA key) and checks it. Errors: io
  // (cannot be opened or written), unavailable (another process has it open), invalid (damaged, not
  // ours, or written by a newer ebb).
  static Result<std::unique_ptr<Persistence>> open(const std::string& path);

  ~Persistence();
  Persistence(const Persistence&) = delete;
  Persistence& operator=(const Persistence&) = delete;

  // Every object, by group, resource, namespace, name. An object that cannot be read is an error, never left out.
  Result<std::vector<KeptObject>> load() const;
  // The highest resource version any committed change had; 0 for a new file.
  Result<std::uint64_t> resource_version() const;
  // Small texts beside the objects, e.g. the CA. Written at once.
  Result<std::optional<std::string>> setting(std::string_view key) const;
  Status set_setting(std::string_view key, std::string_view value);

  // Notes a change; the last one per object counts.
  void put(KeptObject object);
  void erase(std::string_view group, std::string_view resource, std::string_view ns, std::string_view name, std::uint64_t resource_version);
  bool pending() const { return !noted_.empty(); }

  // Writes everything noted in one transaction. On an error (e.g. disk full) nothing of it is in the
  // file and all of it stays noted, so that a later commit writes it.
  Status commit();

  const std::string& path() const { return path_; }

  // How many pages the file may have: the operator's bound, and the tests' full disk. Gives the old bound.
  std::uint64_t limit_pages(std::uint64_t pages);

 private:
  using Place = std::tuple<std::string, std::string, std::string, std::string>;
  struct CloseDatabase {
    void operator()(sqlite3* database) const;
  };

  Persistence(std::string path, std::unique_ptr<sqlite3, CloseDatabase> database);
  Status prepare();
  Status check() const;
  Status write_noted();

  std::string path_;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
  std::map<Place, std::optional<KeptObject>> noted_;   // nothing: erased
  std::uint64_t resource_version_ = 0;
};

}   // namespace ebb::sandbox
