#include "telemetry/event_log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace ebb {
namespace {

constexpr Duration kRepeatWindow = seconds(1);
constexpr std::size_t kNamesMax = 1000;   // names are literals of the program; the bound is for a caller who forgets that

void append_escaped(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
          out += c;
    }
  }
  out += '"';
}

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
  }
  return "error";
}

}   // namespace

EventLog::EventLog(LogLevel threshold, Now now, Sink sink) : threshold_(threshold), now_(std::move(now)), sink_(std::move(sink)) {}

void EventLog::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < threshold_) return;
  const Instant now = now_();
  std::int64_t suppressed = 0;
  {
    const std::lock_guard lock(mutex_);
    auto found = repeats_.find(event);
    if (found == repeats_.end()) {
      if (repeats_.size() >= kNamesMax) repeats_.clear();
      repeats_.emplace(event, Repeat{now});
    } else if (level < LogLevel::error && now - found->second.last < kRepeatWindow) {
      ++found->second.suppressed;
      return;
    } else {
      suppressed = std::exchange(found->second.suppressed, 0);
      found->second.last = now;
    }
  }
  std::string line = fmt::format(R"({{"time_ms":{},"level":"{}","event":)", now.v / 1'000'000, level_name(level));
  append_escaped(line, event);
  for (const LogField& field : fields) {
    line += ',';
    append_escaped(line, field.key);
    line += ':';
    if (const auto* number = std::get_if<std::int64_t>(&field.value))
      line += fmt::format("{}", *number);
    else if (const auto* flag = std::get_if<bool>(&field.value))
      line += *flag ? "true" : "false";
    else
      append_escaped(line, std::get<std::string_view>(field.value));
  }
  if (suppressed > 0) line += fmt::format(R"(,"repeated":{})", suppressed);
  line += '}';
  sink_(level, line);
}

EventLog::Sink standard_error_sink() {
  auto logger = std::make_shared<spdlog::logger>("ebb", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  return [logger](LogLevel, const std::string& line) { logger->info("{}", line); };
}

}   // namespace ebb
