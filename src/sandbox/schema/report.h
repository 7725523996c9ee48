#pragma once

// What validation finds, collected in the form of a Kubernetes Status' causes.

#include "sandbox/schema/name_rules.h"
#include "sandbox/schema/schema.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::sandbox {

class Report {
 public:
  void required(std::string field, std::string_view why = {});
  void invalid(std::string field, const json::value& value, std::string_view why);
  void unsupported(std::string field, const json::value& value, std::initializer_list<std::string_view> supported);
  void duplicate(std::string field, const json::value& value);
  void forbidden(std::string field, std::string_view why);
  void not_found(std::string field, const json::value& value);
  void too_long(std::string field, std::size_t most);
  void add(FieldError error) { errors_.push_back(std::move(error)); }
  // One invalid() per problem of a name.
  void named(const std::string& field, std::string_view value, const names::Problems& problems);

  std::vector<FieldError> take() { return std::move(errors_); }
  bool empty() const { return errors_.empty(); }

 private:
  std::vector<FieldError> errors_;
};

// Looks at parts of objects, leaving alone what is not there.
void check_one_of(Report& report, const json::object& object, std::string_view key, const std::string& field,
                  std::initializer_list<std::string_view> allowed);
void check_not_negative(Report& report, const json::object& object, std::string_view key, const std::string& field);
void check_port(Report& report, const json::value* port, const std::string& field);   // number or name
// A number or percentage; with `percent_max` no more than 100 %.
void check_count_or_percent(Report& report, const json::value* value, const std::string& field, bool percent_max);
void check_immutable(Report& report, const json::object& object, const json::object* previous, std::string_view path);

void validate_metadata(Report& report, const Kind& kind, const json::object& object, const json::object* previous);
void validate_labels(Report& report, const json::object* labels, const std::string& field);
void validate_selector(Report& report, const json::object* selector, const std::string& field);
bool selector_matches(const json::object& selector, const json::object* labels);
bool selector_is_empty(const json::object& selector);

void validate_pod_spec(Report& report, const json::object& spec, const std::string& field);
void validate_containers(Report& report, const json::object& spec, const std::string& field);
void validate_affinity(Report& report, const json::object& spec, const std::string& field);
void validate_pod_update(Report& report, const json::object& spec, const json::object& previous);

// Each leaves kinds alone that are not its own.
void validate_workload(Report& report, std::string_view kind, const json::object& object, const json::object* previous);
void validate_batch(Report& report, std::string_view kind, const json::object& object, const json::object* previous);
void validate_configuration(Report& report, std::string_view kind, const json::object& object, const json::object* previous);
void validate_service(Report& report, std::string_view kind, const json::object& object, const json::object* previous);
void validate_cluster(Report& report, const Kind& kind, const json::object& object, const json::object* previous);
void validate_storage(Report& report, std::string_view kind, const json::object& object, const json::object* previous);
void validate_definition(Report& report, const json::object& object, const json::object* previous);

}   // namespace ebb::sandbox
