#include "sandbox/store/persistence.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace ebb::sandbox {

namespace {

constexpr std::string_view kFormat = "1";
constexpr int kApplicationId = 0x45424231;   // "EBB1": tells our files from other SQLite files

constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS objects (
  grp TEXT NOT NULL, resource TEXT NOT NULL, ns TEXT NOT NULL, name TEXT NOT NULL,
  api_version TEXT NOT NULL, resource_version INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (grp, resource, ns, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settings (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
)sql";

// What SQLite has just refused, and whether another process, the file or the disk is to blame.
Error problem(sqlite3* database) {
  const int code = sqlite3_errcode(database);
  const bool busy = code == SQLITE_BUSY || code == SQLITE_LOCKED;
  const bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
  return {busy ? Errc::unavailable : damaged ? Errc::invalid : Errc::io, sqlite3_errmsg(database)};
}

// A prepared statement that ends with its scope.
class Statement final {
 public:
  static Result<Statement> prepare(sqlite3* database, std::string_view sql) {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &raw, nullptr) != SQLITE_OK) {
      return std::unexpected(problem(database));
    }
    return Statement(raw);
  }

  // Text must outlive the step.
  Statement& bind(int index, std::string_view text) {
    sqlite3_bind_text64(raw_.get(), index, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    return *this;
  }
  Statement& bind(int index, std::uint64_t number) {
    sqlite3_bind_int64(raw_.get(), index, static_cast<sqlite3_int64>(number));
    return *this;
  }

  // True: a row is there. False: done.
  Result<bool> step() {
    const int code = sqlite3_step(raw_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return std::unexpected(problem(sqlite3_db_handle(raw_.get())));
  }
  void reset() { sqlite3_reset(raw_.get()); }

  std::string text(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(raw_.get(), column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(raw_.get(), column));
    return bytes == nullptr ? std::string() : std::string(bytes, size);
  }
  std::uint64_t number(int column) const { return static_cast<std::uint64_t>(sqlite3_column_int64(raw_.get(), column)); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* raw) const { sqlite3_finalize(raw); }
  };
  explicit Statement(sqlite3_stmt* raw) : raw_(raw) {}
  std::unique_ptr<sqlite3_stmt, Finalize> raw_;
};

Status execute(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return std::unexpected(problem(database));
}

// Created by us before SQLite sees it, so that it is never readable by others, not even for a moment.
Status create_private(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return fail(Errc::io, "{}", std::strerror(errno));
  ::close(file);
  return {};
}

// A file of ours that others may read gives away a token and a CA key. By its name, since closing a
// descriptor of the file would drop SQLite's locks on it.
Status make_private(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return errno == ENOENT ? Status() : fail(Errc::io, "{}", std::strerror(errno));
  if ((found.st_mode & 077u) == 0 || ::chmod(path.c_str(), 0600) == 0) return {};
  return fail(Errc::io, "others may read it, and its mode cannot be changed: {}", std::strerror(errno));
}

}   // namespace

void Persistence::CloseDatabase::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Persistence::Persistence(std::string path, std::unique_ptr<sqlite3, CloseDatabase> database)
    : path_(std::move(path)), database_(std::move(database)) {}

Persistence::~Persistence() = default;

Result<std::unique_ptr<Persistence>> Persistence::open(const std::string& path) {
  if (auto created = create_private(path); !created) return std::unexpected(std::move(created).error().with(path));
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<sqlite3, CloseDatabase> database(raw);
  if (code != SQLITE_OK) return fail(Errc::io, "{}: {}", path, raw == nullptr ? "out of memory" : sqlite3_errmsg(raw));
  std::unique_ptr<Persistence> made(new Persistence(path, std::move(database)));
  if (auto ready = made->prepare(); !ready) {
    Error error = std::move(ready).error();
    if (error.code == Errc::unavailable) error.message = "another process has it open";
    if (error.code == Errc::invalid) error.message += "; move the file away to start with an empty one";
    return std::unexpected(std::move(error).with(path));
  }
  return made;
}

Status Persistence::prepare() {
  sqlite3* const database = database_.get();
  EBB_TRY_VOID(execute(database, "PRAGMA locking_mode=EXCLUSIVE"));
  EBB_TRY_VOID(check());
  EBB_TRY_VOID(make_private(path_));
  EBB_TRY_VOID(make_private(path_ + "-wal"));
  EBB_TRY_VOID(execute(database, "PRAGMA journal_mode=WAL"));
  EBB_TRY_VOID(execute(database, "PRAGMA synchronous=NORMAL"));
  EBB_TRY_VOID(execute(database, "BEGIN IMMEDIATE"));   // takes the lock now, not at the first commit
  EBB_TRY_VOID(execute(database, kSchema));
  EBB_TRY_VOID(execute(database, fmt::format("PRAGMA application_id={}", kApplicationId).c_str()));
  EBB_TRY_VOID(execute(database, "COMMIT"));
  EBB_TRY(const auto format, setting("format"));
  if (format && *format != kFormat)
    return fail(Errc::invalid, "format {} is not known to this ebb, which writes format {}", *format, kFormat);
  if (!format) EBB_TRY_VOID(set_setting("format", kFormat));
  EBB_TRY(resource_version_, resource_version());
  return {};
}

// Refuses files that are damaged or somebody else's, before anything is written to them.
Status Persistence::check() const {
  {
    EBB_TRY(auto tables, Statement::prepare(database_.get(), "SELECT count(*) FROM sqlite_master"));
    EBB_TRY(const bool row, tables.step());
    const bool empty = !row || tables.number(0) == 0;
    EBB_TRY(auto id, Statement::prepare(database_.get(), "PRAGMA application_id"));
    EBB_TRY(const bool has_id, id.step());
    if (!empty && (!has_id || id.number(0) != kApplicationId)) return fail(Errc::invalid, "this SQLite file was not written by ebb");
  }
  EBB_TRY(auto quick, Statement::prepare(database_.get(), "PRAGMA quick_check(1)"));
  EBB_TRY(const bool row, quick.step());
  if (row && quick.text(0) != "ok") return fail(Errc::invalid, "the file is damaged: {}", quick.text(0));
  return {};
}

Result<std::vector<KeptObject>> Persistence::load() const {
  EBB_TRY(auto rows, Statement::prepare(database_.get(),
                                        "SELECT grp, api_version, resource, ns, name, resource_version, body FROM objects "
                                        "ORDER BY grp, resource, ns, name"));
  std::vector<KeptObject> objects;
  for (;;) {
    EBB_TRY(const bool row, rows.step());
    if (!row) return objects;
    objects.push_back({.group = rows.text(0),
                       .version = rows.text(1),
                       .resource = rows.text(2),
                       .ns = rows.text(3),
                       .name = rows.text(4),
                       .resource_version = rows.number(5),
                       .text = rows.text(6)});
  }
}

Result<std::uint64_t> Persistence::resource_version() const {
  EBB_TRY(const auto text, setting("resource_version"));
  if (!text) return std::uint64_t{0};
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (code != std::errc() || end != text->data() + text->size())
    return fail(Errc::invalid, "its resource version '{}' is not a number", *text);
  return value;
}

Result<std::optional<std::string>> Persistence::setting(std::string_view key) const {
  EBB_TRY(auto query, Statement::prepare(database_.get(), "SELECT value FROM settings WHERE key = ?"));
  EBB_TRY(const bool row, query.bind(1, key).step());
  if (!row) return std::optional<std::string>();
  return std::optional<std::string>(query.text(0));
}

Status Persistence::set_setting(std::string_view key, std::string_view value) {
  EBB_TRY(auto statement,
          Statement::prepare(database_.get(), "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"));
  EBB_TRY([[maybe_unused]] const bool row, statement.bind(1, key).bind(2, value).step());
  return {};
}

void Persistence::put(KeptObject object) {
  resource_version_ = std::max(resource_version_, object.resource_version);
  Place place{object.group, object.resource, object.ns, object.name};
  noted_.insert_or_assign(std::move(place), std::move(object));
}

void Persistence::erase(std::string_view group, std::string_view resource, std::string_view ns, std::string_view name,
                        std::uint64_t resource_version) {
  resource_version_ = std::max(resource_version_, resource_version);
  noted_.insert_or_assign(Place{group, resource, ns, name}, std::nullopt);
}

Status Persistence::commit() {
  if (noted_.empty()) return {};
  Status written = execute(database_.get(), "BEGIN IMMEDIATE");
  if (written) {
    written = write_noted();
    if (written) written = execute(database_.get(), "COMMIT");
    if (!written && sqlite3_get_autocommit(database_.get()) == 0) sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  if (!written) return std::unexpected(std::move(written).error().with(path_));
  noted_.clear();
  return {};
}

std::uint64_t Persistence::limit_pages(std::uint64_t pages) {
  std::uint64_t before = 0;
  if (auto old = Statement::prepare(database_.get(), "PRAGMA max_page_count"); old && old->step().value_or(false)) before = old->number(0);
  // A bound below the present size means the present size, which is how SQLite reads it too.
  if (auto set = Statement::prepare(database_.get(), fmt::format("PRAGMA max_page_count={}", pages)); set) static_cast<void>(set->step());
  return before;
}

Status Persistence::write_noted() {
  EBB_TRY(auto put, Statement::prepare(
                        database_.get(),
                        "INSERT INTO objects (grp, resource, ns, name, api_version, resource_version, body) VALUES (?, ?, ?, ?, ?, ?, ?) "
                        "ON CONFLICT DO UPDATE SET api_version = excluded.api_version, resource_version = excluded.resource_version, "
                        "body = excluded.body"));
  EBB_TRY(auto erase, Statement::prepare(database_.get(), "DELETE FROM objects WHERE grp = ? AND resource = ? AND ns = ? AND name = ?"));
  for (const auto& [place, object] : noted_) {
    Statement& statement = object ? put : erase;
    statement.bind(1, std::get<0>(place)).bind(2, std::get<1>(place)).bind(3, std::get<2>(place)).bind(4, std::get<3>(place));
    if (object) statement.bind(5, object->version).bind(6, object->resource_version).bind(7, object->text);
    EBB_TRY([[maybe_unused]] const bool row, statement.step());
    statement.reset();
  }
  return set_setting("resource_version", std::to_string(resource_version_));
}

}   // namespace ebb::sandbox
