#pragma once

// What the API server knows about the shape of objects. A Schema is one type's structure: fields,
// how their lists merge, what they default to. The built-in ones come from a table; a custom
// resource's is made of its openAPIV3Schema. Validation, pruning, patches and server-side apply
// all read the same structure.

#include "base/result.h"
#include "base/time.h"
#include "sandbox/json/json.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::sandbox {

struct Schema;   // schema/structure.h
using SchemaPtr = std::shared_ptr<const Schema>;

// One thing wrong with an object: becomes a cause in the Kubernetes Status.
struct FieldError {
  std::string reason;    // FieldValueInvalid, FieldValueRequired, FieldValueNotSupported, FieldValueForbidden, FieldValueDuplicate,
                         // FieldValueTypeInvalid ...
  std::string field;     // spec.template.spec.containers[0].name
  std::string message;   // as upstream words it after the field: Invalid value: "x": must be ...
};

// A kind that the server serves. Group-version-resource and how it is spelt in every place.
struct Kind {
  std::string group, version, resource;   // "apps" "v1" "deployments"
  std::string kind, list_kind, singular;
  std::vector<std::string> short_names, categories;
  bool namespaced = true;
  bool has_status = false;   // subresource status
  bool has_scale = false;
  std::vector<std::string> subresources;        // all of them: status, scale, eviction, log ...
  std::vector<std::string> verbs;               // create, delete, deletecollection, get, list, patch, update, watch
  std::string storage_group, storage_version;   // where its objects are kept (events.k8s.io: "" "v1")
  SchemaPtr schema;
};

// Every built-in kind, sorted by group, version, resource. Built once at first call.
const std::vector<Kind>& builtin_kinds();

// The structure of a type that is no kind of its own but a body of requests: "autoscaling/v1"
// "Scale", "policy/v1" "Eviction", "authentication.k8s.io/v1" "TokenRequest", "meta/v1"
// "DeleteOptions", or of any built-in kind. Null for what is unknown.
SchemaPtr builtin_schema(std::string_view group_version, std::string_view kind);

// Brings an object into the form in which it is stored: takes away what the schema does not know,
// nulls and (built-in types) what is empty, writes quantities and times canonically, adds what is
// written even when empty. `unknown` gets one text per unknown field as upstream words it under
// fieldValidation: unknown field "spec.foo". The errors are wrong types of built-in kinds, worded
// as upstream's decoder does after "cannot be handled as a Deployment: " (a Status 400) and without a field; those of
// custom kinds are found by validate().
std::vector<FieldError> prune_and_check(const Schema& schema, json::object& object, std::vector<std::string>& unknown);

// Structural defaults: of the built-in table (restartPolicy: Always ...) or of a CRD's `default:`.
void apply_defaults(const Kind& kind, json::object& object);

// The rules that a structure does not say (names, immutable fields, selectors that match their
// template ...) for the kinds that have them. `previous` is null on create.
std::vector<FieldError> validate(const Kind& kind, const json::object& object, const json::object* previous);

// An openAPIV3Schema of a CRD. Errors: invalid with the path of what is not structural.
Result<SchemaPtr> schema_from_openapi(const json::object& open_api_v3_schema);

// --- patches ---   Errors: invalid (the patch itself), conflict (a failed `test` operation), too_large (too many operations
// or copied bytes).

Result<json::value> apply_json_patch(const json::value& document, const json::value& operations);   // RFC 6902
json::value apply_merge_patch(const json::value& document, const json::value& patch);               // RFC 7386
// With $patch, $retainKeys, $setElementOrder, $deleteFromPrimitiveList and merge keys.
Result<json::value> apply_strategic_merge_patch(const Schema& schema, const json::value& document, const json::value& patch);

// --- managed fields ---   metadata.managedFields (fieldsV1) and server-side apply.

struct ManagedFieldsContext {
  std::string manager;
  std::string api_version;   // of the request
  std::string subresource;
  Instant now;
};

struct ApplyConflict {
  std::string manager;   // with its subresource and version as upstream words them
  std::string field;     // .spec.replicas
};

// After a create, update or non-apply patch, on objects in stored form: who owns what now.
// `before` is null on create. An object sent with managedFields: [{}] loses all of them; one that
// is not tracked stays so, as upstream. Where only times of managedFields would change, the old
// ones stay.
void track_update(const Schema& schema, const json::object* before, json::object& after, const ManagedFieldsContext& context);

// Server-side apply of `applied`, as it was sent, onto `live` (null: create). Gives the merged
// object with its managedFields, which is then brought into stored form, defaulted and validated;
// conflicts is filled and the object meaningless where others own what would change and force is
// false. For a custom kind with a status subresource take `status` out of `applied` before.
// Errors: invalid, as upstream words it after "failed to create typed patch object (...): ".
Result<json::object> apply_server_side(const Schema& schema, const json::object* live, const json::object& applied, bool force,
                                       const ManagedFieldsContext& context, std::vector<ApplyConflict>& conflicts);

// Where `after` differs from `before` in nothing but the times in managedFields, takes the old
// ones. To be called after an apply's result is in stored form: then equal means nothing to write.
void keep_times_if_unchanged(const json::object& before, json::object& after);

// --- OpenAPI ---   Documents for kubectl: /openapi/v2 (JSON), the index at /openapi/v3 and /openapi/v3/PATH.
// `kinds` are all that are served, custom ones too; `group_version` is "" + "v1" or "apps/v1".
std::string open_api_v2(const std::vector<Kind>& kinds);
std::string open_api_v3(const std::vector<Kind>& kinds, std::string_view group_version);

// --- tables ---   meta.k8s.io/v1 Table as `kubectl get` asks for it.

struct PrinterColumn {   // of a CRD's additionalPrinterColumns
  std::string name, type, format, description, json_path;
  std::int32_t priority = 0;
};
// columnDefinitions for the kind; `custom` is used for custom resources.
json::array table_columns(const Kind& kind, const std::vector<PrinterColumn>& custom);
// The cells of one object, as many as columns. `now` for ages.
json::array table_cells(const Kind& kind, const std::vector<PrinterColumn>& custom, const json::object& object, Instant now);

}   // namespace ebb::sandbox
