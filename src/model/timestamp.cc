#include "model/timestamp.h"

#include <fmt/format.h>

#include <optional>

namespace ebb::model {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

// A day of the proleptic Gregorian calendar.
struct Date {
  std::int64_t year = 1970;
  std::int64_t month = 1;   // 1..12
  std::int64_t day = 1;     // 1..31
};

constexpr bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

constexpr std::int64_t days_in(std::int64_t year, std::int64_t month) {
  if (month == 2) return is_leap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

constexpr std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// Years are counted from March, so that the leap day is the last of its year and the lengths of
// the months before it follow one linear formula (H. Hinnant, "chrono-compatible low-level date
// algorithms"). 719,468 is the number of days from 0000-03-01 to 1970-01-01.
constexpr std::int64_t days_since_epoch(Date date) {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = floor_divide(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

constexpr Date date_of(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = floor_divide(days, 146'097);
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const std::int64_t month = month_from_march + (month_from_march < 10 ? 3 : -9);
  return {
      .year = year_of_era + era * 400 + (month <= 2 ? 1 : 0), .month = month, .day = day_of_year - (153 * month_from_march + 2) / 5 + 1};
}

static_assert(days_since_epoch({1970, 1, 1}) == 0);
static_assert(days_since_epoch({2000, 3, 1}) == 11'017);

// Reads fixed-width fields from the front of a text; after the first that does not fit, all fail.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::int64_t digits(std::size_t count) {
    std::int64_t number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i >= rest_.size() || rest_[i] < '0' || rest_[i] > '9') return give_up();
      number = number * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return number;
  }

  void expect(char c) {
    if (!accept(c)) give_up();
  }

  bool accept(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // The digits after a decimal point, as nanoseconds.
  std::int64_t nanos() {
    std::int64_t result = 0;
    std::int64_t place = kNanosPerSecond / 10;
    if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return give_up();
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1)) {
      result += (rest_.front() - '0') * place;
      place /= 10;
    }
    return result;
  }

  bool all_read() const { return ok_ && rest_.empty(); }

 private:
  std::int64_t give_up() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

// "Z", or a sign with hours and minutes.
std::int64_t read_offset_seconds(Reader& reader, bool& in_range) {
  if (reader.accept('Z')) return 0;
  const bool west = reader.accept('-');
  if (!west) reader.expect('+');
  const std::int64_t hours = reader.digits(2);
  reader.expect(':');
  const std::int64_t minutes = reader.digits(2);
  in_range = in_range && hours < 24 && minutes < 60;
  return (west ? -1 : 1) * (hours * 3600 + minutes * 60);
}

struct Fields {
  Date date;
  std::int64_t hour, minute, second;
};

Fields fields_of(Instant time) {
  const std::int64_t seconds = floor_divide(time.v, kNanosPerSecond);
  const std::int64_t days = floor_divide(seconds, kSecondsPerDay);
  const std::int64_t second_of_day = seconds - days * kSecondsPerDay;
  return {.date = date_of(days), .hour = second_of_day / 3600, .minute = second_of_day / 60 % 60, .second = second_of_day % 60};
}

}   // namespace

Result<Instant> parse_timestamp(std::string_view text) {
  Reader reader(text);
  Date date;
  date.year = reader.digits(4);
  reader.expect('-');
  date.month = reader.digits(2);
  reader.expect('-');
  date.day = reader.digits(2);
  reader.expect('T');
  const std::int64_t hour = reader.digits(2);
  reader.expect(':');
  const std::int64_t minute = reader.digits(2);
  reader.expect(':');
  const std::int64_t second = reader.digits(2);
  const std::int64_t nanos = reader.accept('.') ? reader.nanos() : 0;

  bool in_range = date.month >= 1 && date.month <= 12 && date.day >= 1 && hour < 24 && minute < 60 && second < 60;
  in_range = in_range && date.day <= days_in(date.year, date.month);
  const std::int64_t offset = read_offset_seconds(reader, in_range);
  if (!reader.all_read() || !in_range) {
    return fail(Errc::invalid, "'{}' is not a time: it must look like 2026-01-31T23:59:59Z (RFC 3339)", text.substr(0, 64));
  }
  if (date.year < 1678 || date.year > 2261) return fail(Errc::too_large, "'{}' is outside the years 1678 to 2261", text);
  const std::int64_t seconds = days_since_epoch(date) * kSecondsPerDay + hour * 3600 + minute * 60 + second - offset;
  return Instant{seconds * kNanosPerSecond + nanos};
}

std::string to_timestamp_text(Instant time) {
  const auto [date, hour, minute, second] = fields_of(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", date.year, date.month, date.day, hour, minute, second);
}

std::string to_micro_timestamp_text(Instant time) {
  const auto [date, hour, minute, second] = fields_of(time);
  const std::int64_t micros = (time.v - floor_divide(time.v, kNanosPerSecond) * kNanosPerSecond) / 1'000;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", date.year, date.month, date.day, hour, minute, second, micros);
}

}   // namespace ebb::model
