#include "sandbox/schema/open_api_proto.h"
#include "sandbox/schema/open_api_types.h"

#include <algorithm>
#include <array>

namespace ebb::sandbox {

namespace {

constexpr std::string_view kDeleteOptions = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";
constexpr std::string_view kStatus = "io.k8s.apimachinery.pkg.apis.meta.v1.Status";

bool has_verb(const Kind& kind, std::string_view verb) {
  return kind.verbs.empty() || std::ranges::find(kind.verbs, verb) != kind.verbs.end();
}

class Document {
 public:
  explicit Document(OpenApi version) : version_(version), types_(version) {}

  void add(const Kind& kind) {
    types_.add_kind(kind);
    const std::string group =
        kind.group.empty() ? fmt::format("/api/{}", kind.version) : fmt::format("/apis/{}/{}", kind.group, kind.version);
    const std::string all = fmt::format("{}/{}", group, kind.resource);
    const std::string collection = kind.namespaced ? fmt::format("{}/namespaces/{{namespace}}/{}", group, kind.resource) : all;
    const std::string one = collection + "/{name}";
    add_path(collection, kind, {{"get", "list"}, {"post", "create"}, {"delete", "deletecollection"}});
    if (kind.namespaced && has_verb(kind, "list")) add_path(all, kind, {{"get", "list"}});
    add_path(one, kind, {{"get", "get"}, {"put", "update"}, {"patch", "patch"}, {"delete", "delete"}});
    if (kind.has_status) add_path(one + "/status", kind, {{"get", "get"}, {"put", "update"}, {"patch", "patch"}});
  }

  json::object take() {
    types_.add_named(kDeleteOptions);
    types_.add_named(kStatus);
    json::object document;
    json::object info;
    info.emplace("title", "Kubernetes");
    info.emplace("version", "unversioned");
    document.emplace(version_ == OpenApi::v2 ? "swagger" : "openapi", version_ == OpenApi::v2 ? "2.0" : "3.0.0");
    document.emplace("info", std::move(info));
    document.emplace("paths", std::move(paths_));
    if (version_ == OpenApi::v2) {
      document.emplace("definitions", types_.take());
    } else {
      json::object components;
      components.emplace("schemas", types_.take());
      document.emplace("components", std::move(components));
    }
    return document;
  }

 private:
  struct Operation {
    std::string_view method, action;
  };

  void add_path(const std::string& path, const Kind& kind, std::initializer_list<Operation> operations) {
    json::object item;
    for (const Operation& operation : operations) {
      if (has_verb(kind, operation.action)) item.emplace(operation.method, operation_object(path, kind, operation));
    }
    if (item.empty()) return;
    json::array parameters;
    for (const std::string_view name : {"namespace", "name"}) {
      if (path.find(fmt::format("{{{}}}", name)) != std::string::npos) parameters.push_back(parameter(name, "path", "string"));
    }
    if (!parameters.empty()) item.emplace("parameters", std::move(parameters));
    paths_.emplace(path, std::move(item));
  }

  json::object operation_object(const std::string& path, const Kind& kind, const Operation& operation) {
    const bool writes = operation.method != "get";
    const bool lists = operation.action == "list";
    json::object object;
    json::array parameters;
    if (writes) parameters.push_back(parameter("dryRun", "query", "string"));
    if (operation.method == "post" || operation.method == "put" || operation.method == "patch") {
      parameters.push_back(parameter("fieldManager", "query", "string"));
      parameters.push_back(parameter("fieldValidation", "query", "string"));
    }
    if (operation.method == "patch") parameters.push_back(parameter("force", "query", "boolean"));
    if (lists) {
      for (const std::string_view name : {"continue", "fieldSelector", "labelSelector", "resourceVersion"})
        parameters.push_back(parameter(name, "query", "string"));
      parameters.push_back(parameter("limit", "query", "integer"));
      parameters.push_back(parameter("watch", "query", "boolean"));
    }
    object.emplace("operationId", fmt::format("{}{}{}{}", operation.action, kind.group, kind.version, path));
    object.emplace("parameters", std::move(parameters));
    object.emplace("responses", responses(OpenApiTypes::name_of(kind) + (lists ? "List" : "")));
    object.emplace("x-kubernetes-action", operation.action);
    json::object gvk;
    gvk.emplace("group", kind.group);
    gvk.emplace("kind", kind.kind);
    gvk.emplace("version", kind.version);
    object.emplace("x-kubernetes-group-version-kind", std::move(gvk));
    return object;
  }

  json::object parameter(std::string_view name, std::string_view where, std::string_view type) const {
    json::object object;
    object.emplace("name", name);
    object.emplace("in", where);
    if (where == "path") object.emplace("required", true);
    if (version_ == OpenApi::v2) {
      object.emplace("type", type);
    } else {
      object.emplace("schema", json::object{{"type", type}});
    }
    return object;
  }

  json::object responses(const std::string& type) const {
    json::object ok;
    ok.emplace("description", "OK");
    if (version_ == OpenApi::v2) {
      ok.emplace("schema", types_.reference(type));
    } else {
      json::object schema;
      schema.emplace("schema", types_.reference(type));
      json::object content;
      content.emplace("application/json", std::move(schema));
      ok.emplace("content", std::move(content));
    }
    json::object all;
    all.emplace("200", std::move(ok));
    return all;
  }

  OpenApi version_;
  OpenApiTypes types_;
  json::object paths_;
};

json::object document_of_version_2(const std::vector<Kind>& kinds) {
  Document document(OpenApi::v2);
  for (const Kind& kind : kinds) document.add(kind);
  return document.take();
}

}   // namespace

std::string open_api_v2(const std::vector<Kind>& kinds) { return json::serialize(document_of_version_2(kinds)); }

std::string open_api_v2_binary(const std::vector<Kind>& kinds) { return encode_open_api_v2(document_of_version_2(kinds)); }

std::string open_api_v3(const std::vector<Kind>& kinds, std::string_view group_version) {
  Document document(OpenApi::v3);
  for (const Kind& kind : kinds) {
    const std::string own = kind.group.empty() ? kind.version : fmt::format("{}/{}", kind.group, kind.version);
    if (own == group_version) document.add(kind);
  }
  return json::serialize(document.take());
}

}   // namespace ebb::sandbox
