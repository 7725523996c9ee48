#pragma once

// Cells that the tables of many kinds share. A cell is a function of the object, of now, and of one
// word, mostly the dotted path of what it shows.

#include "base/time.h"
#include "sandbox/json/json.h"

#include <string>
#include <string_view>

namespace ebb::sandbox::table {

struct Row {
  const json::object& object;
  Instant now;
};
using Cell = json::value (*)(const Row& row, std::string_view word);

json::value text(const Row& row, std::string_view path);             // empty where it is missing
json::value text_or(const Row& row, std::string_view word);          // "PATH otherwise"
json::value integer(const Row& row, std::string_view path);          // 0 where it is missing
json::value boolean(const Row& row, std::string_view path);          // false where it is missing
json::value flag_text(const Row& row, std::string_view path);        // "True", "False", "<unset>"
json::value number_or_none(const Row& row, std::string_view path);   // a number or "<none>"
json::value count(const Row& row, std::string_view path);            // members or elements
json::value counts(const Row& row, std::string_view paths);          // of several, joined by '+'
json::value joined(const Row& row, std::string_view path);           // a list of texts, by commas
json::value age(const Row& row, std::string_view);                   // since creation
json::value since(const Row& row, std::string_view path);            // "<none>" where it is missing
json::value created_at(const Row& row, std::string_view);            // the timestamp itself
json::value ready_of(const Row& row, std::string_view paths);        // "READY WANTED" -> 1/3
json::value containers(const Row& row, std::string_view pod_spec_path);
json::value images(const Row& row, std::string_view pod_spec_path);
json::value selector(const Row& row, std::string_view path);   // an object selector as text
json::value labels(const Row& row, std::string_view path);     // a map as text

// As kubectl shows durations: 90s, 5m30s, 3h, 2d4h.
std::string human_duration(Duration duration);
// Since a timestamp; "<unknown>" where there is none.
std::string human_since(const json::value* timestamp, Instant now);
// Text of a string, number or boolean; empty for everything else.
std::string scalar(const json::value* value);

}   // namespace ebb::sandbox::table
