#pragma once

// Values of a scenario file: amounts, labels, durations. Each reader gives nothing where the value is
// wrong, and notes what is wrong with it.

#include "base/time.h"
#include "cli/scenario/scenario.h"
#include "model/field_reader.h"
#include "model/node_report.h"
#include "model/resources.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ebb::cli::scenario {

using model::FieldReader;
using model::Located;

std::optional<Duration> read_duration(FieldReader& reader, const Located& where);
std::optional<std::int64_t> read_amount(FieldReader& reader, const Located& where, bool cpu);
std::optional<Amounts> read_amounts(FieldReader& reader, const Located& where);
std::optional<model::Resources> read_resources(FieldReader& reader, const Located& where);
std::optional<model::Labels> read_labels(FieldReader& reader, const Located& where);
std::optional<model::Use> read_use(FieldReader& reader, const Located& where);
// A name or a piece of a message: whatever is written, also where kubectl would see a boolean ("n") or a number.
std::optional<std::string> read_word(FieldReader& reader, const Located& where);
std::optional<std::vector<std::string>> read_words(FieldReader& reader, const Located& where);

// "namespace/name", or the name of something in namespace default.
model::ObjectKey to_key(std::string_view text);

// What several things of one name are called: name-1, name-2 ...; without a count just the name.
std::vector<std::string> numbered(const std::string& name, const std::optional<std::int64_t>& count);

// Calls `each` with every item of a sequence; anything else is noted.
void read_items(FieldReader& reader, const Located& where, const std::function<void(const Located&)>& each);

template <class T>
std::optional<At<T>> at(std::optional<T> value, const Located& where) {
  if (!value) return std::nullopt;
  return At<T>{*std::move(value), where.line};
}

}   // namespace ebb::cli::scenario
