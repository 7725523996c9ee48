#pragma once

// The log of a running program: an event is a name and typed fields, one JSON line on standard
// error. The core writes none of it; services turn its notes into events. An event that repeats
// within a second is counted instead of written, and the next line of its name says how often.

#include "base/time.h"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace ebb {

enum class LogLevel {
  debug,
  info,
  warning,   // works, but somebody should know
  error,     // a person must act
};

struct LogField {
  std::string_view key;
  std::variant<std::int64_t, bool, std::string_view> value;
};

class EventLog {
 public:
  using Sink = std::function<void(LogLevel, const std::string& line)>;
  using Now = std::function<Instant()>;

  EventLog(LogLevel threshold, Now now, Sink sink);

  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

 private:
  struct Repeat {
    Instant last;
    std::int64_t suppressed = 0;
  };

  const LogLevel threshold_;
  const Now now_;
  const Sink sink_;
  std::mutex mutex_;
  std::map<std::string, Repeat, std::less<>> repeats_;
};

// Writes to standard error at once (no queue that a crash could lose).
EventLog::Sink standard_error_sink();

}   // namespace ebb
