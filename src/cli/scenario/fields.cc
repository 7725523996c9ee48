#include "cli/scenario/fields.h"

#include "model/duration.h"
#include "model/quantity.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace ebb::cli::scenario {
namespace {

constexpr auto kUseKeys = std::to_array<std::string_view>({"cpu", "memory"});

// Notes that a mapping was expected, unless it is one.
bool is_mapping(FieldReader& reader, const Located& where, std::string_view of) {
  if (where.node.is_mapping()) return true;
  reader.find(where, fmt::format("{} is not allowed: it must be a mapping of {}", model::describe(where.node), of));
  return false;
}

Located entry_of(const Located& mapping, const model::YamlEntry& entry) {
  return {entry.value, model::path_of(mapping.path, entry.key.text), entry.key.line};
}

}   // namespace

std::optional<Duration> read_duration(FieldReader& reader, const Located& where) {
  const auto duration = model::parse_duration(where.node.text, model::DurationUnits::with_days);
  if (where.node.is_scalar() && duration && duration->v >= 0) return *duration;
  reader.find(where, fmt::format("{} is not allowed: it must be a duration such as 30s or 5m", model::describe(where.node)));
  return std::nullopt;
}

std::optional<std::int64_t> read_amount(FieldReader& reader, const Located& where, bool cpu) {
  if (where.node.is_scalar()) {
    if (cpu) {
      if (const auto amount = model::parse_cpu(where.node.text)) return amount->v;
    } else if (const auto amount = model::parse_count(where.node.text)) {
      return *amount;
    }
  }
  reader.find(where, fmt::format("{} is not allowed: it must be an amount such as 2, 500m or 4Gi", model::describe(where.node)));
  return std::nullopt;
}

std::optional<Amounts> read_amounts(FieldReader& reader, const Located& where) {
  if (!is_mapping(reader, where, "resources and amounts")) return std::nullopt;
  Amounts amounts;
  for (const model::YamlEntry& entry : where.node.entries) {
    const auto amount = read_amount(reader, entry_of(where, entry), entry.key.text == "cpu");
    if (!amount) return std::nullopt;
    amounts.emplace(entry.key.text, *amount);
  }
  return amounts;
}

std::optional<model::Resources> read_resources(FieldReader& reader, const Located& where) {
  const auto amounts = read_amounts(reader, where);
  if (!amounts) return std::nullopt;
  model::Resources resources;
  for (const auto& [name, amount] : *amounts) {
    if (name == "cpu") {
      resources.cpu = MilliCpu{amount};
    } else if (name == "memory") {
      resources.memory = Bytes{amount};
    } else if (name == "ephemeral-storage") {
      resources.ephemeral_storage = Bytes{amount};
    } else if (name == "pods") {
      resources.pods = amount;
    } else {
      resources.scalars.emplace(name, amount);
    }
  }
  return resources;
}

std::optional<model::Labels> read_labels(FieldReader& reader, const Located& where) {
  if (!is_mapping(reader, where, "keys and texts")) return std::nullopt;
  model::Labels labels;
  for (const model::YamlEntry& entry : where.node.entries) {
    const auto text = reader.text(entry_of(where, entry));
    if (!text) return std::nullopt;
    labels.emplace(entry.key.text, *text);
  }
  return labels;
}

std::optional<model::Use> read_use(FieldReader& reader, const Located& where) {
  model::Use use;
  for (const auto& [key, member] : reader.members(where, kUseKeys)) {
    const auto amount = read_amount(reader, member, key == "cpu");
    if (!amount) return std::nullopt;
    (key == "cpu" ? use.cpu.v : use.memory.v) = *amount;
  }
  return use;
}

std::optional<std::string> read_word(FieldReader& reader, const Located& where) {
  if (where.node.is_scalar() && !where.node.is_null()) return where.node.text;
  reader.find(where, fmt::format("{} is not allowed: it must be text", model::describe(where.node)));
  return std::nullopt;
}

std::optional<std::vector<std::string>> read_words(FieldReader& reader, const Located& where) {
  std::vector<std::string> texts;
  bool fine = true;
  read_items(reader, where, [&](const Located& item) {
    auto text = read_word(reader, item);
    if (text) texts.push_back(*std::move(text));
    fine = fine && text.has_value();
  });
  if (!fine) return std::nullopt;
  return texts;
}

model::ObjectKey to_key(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {"default", std::string(text)};
  return {std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

std::vector<std::string> numbered(const std::string& name, const std::optional<std::int64_t>& count) {
  if (!count) return {name};
  std::vector<std::string> names;
  for (std::int64_t i = 1; i <= *count; ++i) names.push_back(fmt::format("{}-{}", name, i));
  return names;
}

void read_items(FieldReader& reader, const Located& where, const std::function<void(const Located&)>& each) {
  if (!where.node.is_sequence()) {
    reader.find(where, fmt::format("{} is not allowed: it must be a list", model::describe(where.node)));
    return;
  }
  for (std::size_t i = 0; i < where.node.items.size(); ++i) {
    const model::YamlNode& item = where.node.items[i];
    each(Located{item, model::path_of(where.path, i), item.line});
  }
}

}   // namespace ebb::cli::scenario
