#pragma once

// The lowest of many counts that go up and down one by one: how many there are of each value.

#include <cstdint>
#include <vector>

namespace ebb::core::affinity {

class LowestCount {
 public:
  void join(std::int32_t count);
  void leave(std::int32_t count);
  void move(std::int32_t from, std::int32_t to);

  std::int32_t lowest() const { return static_cast<std::int32_t>(lowest_); }   // 0 if there is none
  std::size_t members() const { return members_; }

 private:
  std::vector<std::uint32_t> having_;   // by count, as far as there are any
  std::size_t lowest_ = 0;
  std::size_t members_ = 0;
};

}   // namespace ebb::core::affinity
