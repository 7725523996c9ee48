#include "sandbox/store/persistence.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace ebb::sandbox {
namespace {

class PersistenceTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + "ebb-persistence-XXXXXX";
    ASSERT_NE(mkdtemp(directory_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string file() const { return directory_ + "/data.db"; }
  std::unique_ptr<Persistence> opened() {
    auto made = Persistence::open(file());
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made ? *std::move(made) : nullptr;
  }

  std::string directory_;
};

KeptObject pod(std::string name, std::uint64_t version, std::string text = "{}") {
  return {.group = "",
          .version = "v1",
          .resource = "pods",
          .ns = "default",
          .name = std::move(name),
          .resource_version = version,
          .text = std::move(text)};
}

TEST_F(PersistenceTest, GivesBackWhatWasCommittedAfterAReopen) {
  {
    const auto file = opened();
    file->put(pod("a", 1, R"({"x":"é \u0000"})"));
    file->put(pod("b", 2));
    file->put(pod("a", 5, "{\"new\":1}"));
    file->erase("", "pods", "default", "b", 6);
    ASSERT_TRUE(file->commit().has_value());
    EXPECT_FALSE(file->pending());
  }
  const auto file = opened();
  EXPECT_EQ(file->load().value(), std::vector{pod("a", 5, "{\"new\":1}")});
  EXPECT_EQ(file->resource_version().value(), 6u);
}

TEST_F(PersistenceTest, ForgetsWhatWasNotCommitted) {
  {
    const auto file = opened();
    file->put(pod("a", 1));
  }
  EXPECT_TRUE(opened()->load().value().empty());
}

TEST_F(PersistenceTest, KeepsTextWithAnyBytes) {
  const std::string text("a\0b\xff\n'\"", 8);
  {
    const auto file = opened();
    file->put(pod("a", 1, text));
    ASSERT_TRUE(file->commit().has_value());
  }
  EXPECT_EQ(opened()->load().value().at(0).text, text);
}

TEST_F(PersistenceTest, KeepsSettings) {
  ASSERT_TRUE(opened()->set_setting("token", "one").has_value());
  {
    const auto file = opened();
    EXPECT_EQ(file->setting("token").value(), "one");
    EXPECT_EQ(file->setting("absent").value(), std::nullopt);
    ASSERT_TRUE(file->set_setting("token", "two").has_value());
  }
  EXPECT_EQ(opened()->setting("token").value(), "two");
}

TEST_F(PersistenceTest, IsReadableByItsOwnerOnly) {
  const auto file = opened();
  struct stat found{};
  ASSERT_EQ(stat(this->file().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777u, 0600u);
}

TEST_F(PersistenceTest, TakesAwayFromOthersWhatTheyCouldRead) {
  opened();
  std::filesystem::permissions(file(), std::filesystem::perms(0644));
  const auto again = opened();
  EXPECT_EQ(std::filesystem::status(file()).permissions(), std::filesystem::perms(0600));
}

TEST_F(PersistenceTest, RefusesAFileThatAnotherHasOpen) {
  const auto first = opened();
  const auto second = Persistence::open(file());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::unavailable);
  EXPECT_NE(second.error().message.find("another process has it open"), std::string::npos) << second.error().message;
}

TEST_F(PersistenceTest, RefusesWhatIsNoDatabase) {
  std::ofstream(file())
      << "this is a text file, and long enough to be taken for a header of a database by mistake..............................";
  const auto made = Persistence::open(file());
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, Errc::invalid);
}

TEST_F(PersistenceTest, RefusesSomebodyElsesDatabaseAndLeavesItAlone) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "CREATE TABLE theirs (x)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  std::filesystem::permissions(file(), std::filesystem::perms(0644));
  const auto bytes = [this] {
    std::ifstream stream(file(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  const std::string before = bytes();
  const auto made = Persistence::open(file());
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, Errc::invalid);
  EXPECT_TRUE(bytes() == before);
  EXPECT_EQ(std::filesystem::status(file()).permissions(), std::filesystem::perms(0644));
  EXPECT_NE(made.error().message.find("not written by ebb"), std::string::npos);
}

TEST_F(PersistenceTest, RefusesADamagedFile) {
  {
    const auto file = opened();
    for (int i = 0; i < 400; ++i) file->put(pod("pod-" + std::to_string(i), 1, std::string(500, 'x')));
    ASSERT_TRUE(file->commit().has_value());
  }
  std::filesystem::resize_file(file(), std::filesystem::file_size(file()) / 2);
  const auto made = Persistence::open(file());
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, Errc::invalid) << made.error().message;
}

TEST_F(PersistenceTest, RefusesAFormatOfTheFuture) {
  ASSERT_TRUE(opened()->set_setting("format", "99").has_value());
  const auto made = Persistence::open(file());
  ASSERT_FALSE(made.has_value());
  EXPECT_NE(made.error().message.find("format 99"), std::string::npos);
}

TEST_F(PersistenceTest, SaysWhereItCannotWrite) {
  const auto made = Persistence::open(directory_ + "/no/such/place.db");
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, Errc::io);
  EXPECT_NE(made.error().message.find("/no/such/place.db"), std::string::npos);
}

// A full disk, as SQLite sees it: the file may grow no further. What could not be written stays noted and is written once there is room.
TEST_F(PersistenceTest, KeepsWhatAFullDiskRefusedAndWritesItLater) {
  const auto file = opened();
  file->put(pod("first", 1));
  ASSERT_TRUE(file->commit().has_value());
  const auto pages = file->limit_pages(1);
  file->put(pod("big", 2, std::string(5'000'000, 'x')));
  const auto refused = file->commit();
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("full"), std::string::npos) << refused.error().message;
  EXPECT_TRUE(file->pending());
  EXPECT_EQ(file->load().value().size(), 1u);
  file->limit_pages(pages);
  ASSERT_TRUE(file->commit().has_value());
  EXPECT_EQ(file->load().value().size(), 2u);
}

// Law: whatever puts, erases and commits happen, the file holds exactly the last committed state.
TEST_F(PersistenceTest, EqualsAMapThatSawTheSameChanges) {
  rc::check([this] {
    std::filesystem::remove(file());
    std::filesystem::remove(file() + "-wal");
    std::map<std::string, std::string> committed;
    std::map<std::string, std::string> now;
    std::uint64_t version = 0;
    {
      const auto file = opened();
      const auto steps =
          *rc::gen::container<std::vector<std::pair<int, int>>>(rc::gen::pair(rc::gen::inRange(0, 6), rc::gen::inRange(0, 5)));
      for (const auto& [name, what] : steps) {
        const std::string key = "n" + std::to_string(name);
        ++version;
        if (what == 0) {
          file->erase("", "pods", "default", key, version);
          now.erase(key);
        } else if (what == 1) {
          RC_ASSERT(file->commit().has_value());
          committed = now;
        } else {
          file->put(pod(key, version, std::to_string(version)));
          now[key] = std::to_string(version);
        }
      }
    }
    std::map<std::string, std::string> found;
    for (const KeptObject& object : opened()->load().value()) found[object.name] = object.text;
    RC_ASSERT(found == committed);
  });
}

}   // namespace
}   // namespace ebb::sandbox
