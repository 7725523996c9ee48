#include "sandbox/schema/custom_schema.h"
#include "sandbox/schema/report.h"
#include "sandbox/schema/structure.h"

namespace ebb::sandbox {

std::vector<FieldError> validate(const Kind& kind, const json::object& object, const json::object* previous) {
  Report report;
  validate_metadata(report, kind, object, previous);
  std::vector<FieldError> errors = report.take();
  if (kind.schema->custom) {
    for (FieldError& problem : custom_problems(*kind.schema, object)) errors.push_back(std::move(problem));
    return errors;
  }
  validate_workload(report, kind.kind, object, previous);
  validate_batch(report, kind.kind, object, previous);
  validate_configuration(report, kind.kind, object, previous);
  validate_service(report, kind.kind, object, previous);
  validate_cluster(report, kind, object, previous);
  validate_storage(report, kind.kind, object, previous);
  if (kind.kind == "CustomResourceDefinition") validate_definition(report, object, previous);
  for (FieldError& problem : report.take()) errors.push_back(std::move(problem));
  return errors;
}

}   // namespace ebb::sandbox
