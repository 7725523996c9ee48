#include "sandbox/schema/json_path.h"
#include "sandbox/schema/schema.h"
#include "sandbox/schema/structure.h"
#include "sandbox/schema/table_kinds.h"

#include <cmath>

namespace ebb::sandbox {

namespace {

json::object definition(std::string_view name, std::string_view type, std::string_view format, std::string_view description,
                        std::int64_t priority) {
  json::object column;
  column.emplace("name", name);
  column.emplace("type", type);
  column.emplace("format", format);
  column.emplace("description", description);
  column.emplace("priority", priority);
  return column;
}

bool is_custom(const Kind& kind) { return kind.schema && kind.schema->custom; }

// Where a definition says nothing, its objects show their age.
const std::vector<PrinterColumn>& custom_or_age(const std::vector<PrinterColumn>& custom) {
  static const std::vector<PrinterColumn> age{
      {.name = "Age", .type = "date", .format = "", .description = "", .json_path = ".metadata.creationTimestamp"}};
  return custom.empty() ? age : custom;
}

json::value custom_cell(const PrinterColumn& column, const json::value& object, Instant now) {
  const auto found = find_by_json_path(object, column.json_path);
  if (!found || found->empty()) return nullptr;
  const json::value& value = *found->front();
  if (column.type == "integer") {
    if (value.is_double()) return static_cast<std::int64_t>(value.get_double());
    return value.is_number() ? value : json::value(nullptr);
  }
  if (column.type == "number") return value.is_number() ? value : json::value(nullptr);
  if (column.type == "boolean") return value.is_bool() ? value : json::value(nullptr);
  if (column.type == "date") return json::value(std::string_view(table::human_since(&value, now)));
  if (value.is_null()) return nullptr;
  return value.is_string() ? value : json::value(std::string_view(json::serialize(value)));
}

}   // namespace

json::array table_columns(const Kind& kind, const std::vector<PrinterColumn>& custom) {
  json::array columns;
  if (is_custom(kind)) {
    columns.push_back(definition("Name", "string", "name", "", 0));
    for (const PrinterColumn& column : custom_or_age(custom)) {
      columns.push_back(definition(column.name, column.type, column.format, column.description, column.priority));
    }
    return columns;
  }
  for (const table::Column& column : table::columns_of(kind.group, kind.resource)) {
    columns.push_back(definition(column.name, column.type, column.name == "Name" ? "name" : "", "", column.wide ? 1 : 0));
  }
  if (columns.empty()) {
    columns.push_back(definition("Name", "string", "name", "", 0));
    columns.push_back(definition("Created At", "date", "", "", 0));
  }
  return columns;
}

json::array table_cells(const Kind& kind, const std::vector<PrinterColumn>& custom, const json::object& object, Instant now) {
  const table::Row row{object, now};
  json::array cells;
  if (is_custom(kind)) {
    cells.push_back(table::text(row, "metadata.name"));
    const json::value whole(object);
    for (const PrinterColumn& column : custom_or_age(custom)) cells.push_back(custom_cell(column, whole, now));
    return cells;
  }
  for (const table::Column& column : table::columns_of(kind.group, kind.resource)) cells.push_back(column.cell(row, column.word));
  if (cells.empty()) {
    cells.push_back(table::text(row, "metadata.name"));
    cells.push_back(table::created_at(row, ""));
  }
  return cells;
}

}   // namespace ebb::sandbox
