#include "kube/objects.h"

#include <boost/json.hpp>

namespace ebb::kube {
namespace {

namespace json = boost::json;

constexpr int kListRestartsMax = 5;

Result<json::object> parse_object(const Response& response) {
  boost::system::error_code error;
  json::value parsed = json::parse(response.body, error);
  if (error) return fail(Errc::unavailable, "the server's answer is no JSON: {}", error.message());
  if (!parsed.is_object()) return fail(Errc::unavailable, "the server's answer is no JSON object");
  return std::move(parsed.get_object());
}

std::string text_at(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

// "?a=b&c=d", leaving out what is empty.
std::string query_of(std::initializer_list<std::pair<std::string_view, std::string_view>> parameters) {
  std::string query;
  for (const auto& [name, value] : parameters) {
    if (!value.empty()) query += fmt::format("{}{}={}", query.empty() ? '?' : '&', name, url_encode(value));
  }
  return query;
}

std::string list_target(const Resource& resource, const ListQuery& query, std::string_view continue_token) {
  const std::string limit = query.limit > 0 ? std::to_string(query.limit) : "";
  return path_of(resource, {query.ns, ""}) + query_of({{"labelSelector", query.label_selector},
                                                       {"fieldSelector", query.field_selector},
                                                       {"limit", limit},
                                                       {"continue", continue_token}});
}

std::string write_query(const WriteOptions& options, bool is_apply = false) {
  return query_of({{"fieldManager", options.field_manager},
                   {"force", is_apply && options.force ? "true" : ""},
                   {"dryRun", options.dry_run ? "All" : ""}});
}

Result<json::object> send(Client& client, std::string method, std::string target, const json::value& body, const Stop* stop,
                          std::string content_type = "application/json") {
  EBB_TRY(const Response response, client.request({.method = std::move(method),
                                                   .target = std::move(target),
                                                   .body = json::serialize(body),
                                                   .content_type = std::move(content_type),
                                                   .stop = stop}));
  return parse_object(response);
}

std::string content_type_of(PatchKind kind) {
  switch (kind) {
    case PatchKind::json: return "application/json-patch+json";
    case PatchKind::merge: return "application/merge-patch+json";
    case PatchKind::strategic: return "application/strategic-merge-patch+json";
    case PatchKind::apply: return "application/apply-patch+yaml";
  }
  return {};
}

// Calls take_page(response) -> Result<continue token> until the list is done; restart() before beginning anew.
template <class TakePage, class Restart>
Status each_page(Client& client, const Resource& resource, const ListQuery& query, const Stop* stop, TakePage&& take_page,
                 Restart&& restart) {
  std::string token;
  for (int restarts = 0;;) {
    auto response = client.request({.target = list_target(resource, query, token), .timeout = seconds(60), .stop = stop});
    if (!response && response.error().code == Errc::expired && restarts < kListRestartsMax) {
      ++restarts;
      token.clear();
      restart();
      continue;
    }
    if (!response) return std::unexpected(std::move(response).error());
    EBB_TRY(token, take_page(*response));
    if (token.empty()) return {};
  }
}

}   // namespace

std::string path_of(const Resource& resource, const model::ObjectKey& key, std::string_view subresource) {
  std::string path =
      resource.group.empty() ? fmt::format("/api/{}", resource.version) : fmt::format("/apis/{}/{}", resource.group, resource.version);
  if (!key.ns.empty()) path += "/namespaces/" + url_encode(key.ns);
  path += "/" + resource.plural;
  if (!key.name.empty()) path += "/" + url_encode(key.name);
  if (!subresource.empty()) path += fmt::format("/{}", subresource);
  return path;
}

Result<std::vector<json::object>> list_objects(Client& client, const Resource& resource, const ListQuery& query) {
  std::vector<json::object> objects;
  const auto take_page = [&](const Response& response) -> Result<std::string> {
    EBB_TRY(json::object page, parse_object(response));
    const std::string api_version = text_at(page, "apiVersion");
    std::string kind = text_at(page, "kind");
    if (kind.ends_with("List")) kind.resize(kind.size() - 4);
    json::value* items = page.if_contains("items");
    if (items == nullptr) return fail(Errc::unavailable, "the server's answer is no list");
    if (items->is_array()) {
      for (json::value& item : items->get_array()) {
        if (!item.is_object()) return fail(Errc::unavailable, "the server's list holds something that is no object");
        json::object& object = objects.emplace_back(std::move(item.get_object()));
        if (!object.contains("kind")) object["kind"] = kind;
        if (!object.contains("apiVersion")) object["apiVersion"] = api_version;
      }
    }
    const json::value* metadata = page.if_contains("metadata");
    return metadata != nullptr && metadata->is_object() ? text_at(metadata->get_object(), "continue") : std::string();
  };
  EBB_TRY_VOID(each_page(client, resource, query, nullptr, take_page, [&] { objects.clear(); }));
  return objects;
}

Result<Page> list_decoded(Client& client, Decoder& decoder, const Resource& resource, const ListQuery& query, const Stop* stop) {
  Page all;
  const auto take_page = [&](const Response& response) -> Result<std::string> {
    auto page = decoder.page(response.body);
    if (!page) return std::unexpected(std::move(page).error().with(fmt::format("list of {}", resource.plural)));
    if (all.items.empty()) {
      all.items = std::move(page->items);
    } else {
      all.items.insert(all.items.end(), std::make_move_iterator(page->items.begin()), std::make_move_iterator(page->items.end()));
    }
    all.refused.insert(all.refused.end(), std::make_move_iterator(page->refused.begin()), std::make_move_iterator(page->refused.end()));
    all.resource_version = std::move(page->resource_version);
    return std::move(page->continue_token);
  };
  EBB_TRY_VOID(each_page(client, resource, query, stop, take_page, [&] { all = {}; }));
  return all;
}

Result<json::object> get_object(Client& client, const Resource& resource, const model::ObjectKey& key, std::string_view subresource) {
  EBB_TRY(const Response response, client.request({.target = path_of(resource, key, subresource)}));
  return parse_object(response);
}

Result<json::object> create_object(Client& client, const Resource& resource, const std::string& ns, const json::object& object,
                                   const WriteOptions& options) {
  return send(client, "POST", path_of(resource, {ns, ""}) + write_query(options), object, options.stop);
}

Result<json::object> update_object(Client& client, const Resource& resource, const model::ObjectKey& key, const json::object& object,
                                   const WriteOptions& options) {
  return send(client, "PUT", path_of(resource, key, options.subresource) + write_query(options), object, options.stop);
}

Result<json::object> patch_object(Client& client, const Resource& resource, const model::ObjectKey& key, PatchKind kind,
                                  const json::value& patch, const WriteOptions& options) {
  const std::string target = path_of(resource, key, options.subresource) + write_query(options, kind == PatchKind::apply);
  return send(client, "PATCH", target, patch, options.stop, content_type_of(kind));
}

Status delete_object(Client& client, const Resource& resource, const model::ObjectKey& key, const DeleteQuery& query) {
  json::object body{{"kind", "DeleteOptions"}, {"apiVersion", "v1"}};
  if (!query.propagation.empty()) body["propagationPolicy"] = query.propagation;
  if (query.grace_seconds) body["gracePeriodSeconds"] = *query.grace_seconds;
  if (!query.uid.empty()) body["preconditions"] = json::object{{"uid", query.uid.v}};
  EBB_TRY_VOID(client.request({.method = "DELETE", .target = path_of(resource, key), .body = json::serialize(body), .stop = query.stop}));
  return {};
}

Status bind_pod(Client& client, const model::ObjectKey& pod, const model::Uid& uid, const model::NodeName& node,
                const model::Annotations& annotations, const Stop* stop) {
  json::object metadata{{"name", pod.name}, {"namespace", pod.ns}};
  if (!uid.empty()) metadata["uid"] = uid.v;
  if (!annotations.empty()) {
    json::object& written = metadata["annotations"].emplace_object();
    for (const auto& [key, value] : annotations) written[key] = value;
  }
  const json::object body{{"apiVersion", "v1"},
                          {"kind", "Binding"},
                          {"metadata", std::move(metadata)},
                          {"target", json::object{{"apiVersion", "v1"}, {"kind", "Node"}, {"name", node.v}}}};
  EBB_TRY_VOID(send(client, "POST", path_of(resources::kPods, pod, "binding"), body, stop));
  return {};
}

Status evict_pod(Client& client, const model::ObjectKey& pod, const model::Uid& uid, std::optional<std::int64_t> grace_seconds) {
  json::object options;
  if (!uid.empty()) options["preconditions"] = json::object{{"uid", uid.v}};
  if (grace_seconds) options["gracePeriodSeconds"] = *grace_seconds;
  const json::object body{{"apiVersion", "policy/v1"},
                          {"kind", "Eviction"},
                          {"metadata", json::object{{"name", pod.name}, {"namespace", pod.ns}}},
                          {"deleteOptions", std::move(options)}};
  EBB_TRY_VOID(send(client, "POST", path_of(resources::kPods, pod, "eviction"), body, nullptr));
  return {};
}

Status scale(Client& client, const Resource& resource, const model::ObjectKey& key, std::int32_t replicas) {
  const json::object patch{{"spec", json::object{{"replicas", replicas}}}};
  EBB_TRY_VOID(patch_object(client, resource, key, PatchKind::merge, patch, {.subresource = "scale"}));
  return {};
}

}   // namespace ebb::kube
