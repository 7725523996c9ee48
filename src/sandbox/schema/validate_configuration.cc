// ConfigMap and Secret.
#include "sandbox/schema/report.h"

#include <array>

namespace ebb::sandbox {

namespace {

constexpr std::size_t kBytesMax = 1024 * 1024;

void validate_keys(Report& report, const json::object& object, std::string_view member, std::size_t& size) {
  const json::object* map = object_at(object, member);
  if (!map) return;
  for (const auto& [key, value] : *map) {
    report.named(fmt::format("{}[{}]", member, std::string_view(key)), key, names::config_key(key));
    if (value.is_string()) size += value.get_string().size();
  }
}

struct SecretKeys {
  std::string_view type, key;
};
constexpr auto kRequiredKeys = std::to_array<SecretKeys>({
    {"kubernetes.io/dockerconfigjson", ".dockerconfigjson"},
    {"kubernetes.io/dockercfg", ".dockercfg"},
    {"kubernetes.io/ssh-auth", "ssh-privatekey"},
    {"kubernetes.io/tls", "tls.crt"},
    {"kubernetes.io/tls", "tls.key"},
});

void validate_secret_type(Report& report, const json::object& secret) {
  const std::string_view type = string_at(secret, "type");
  const json::object* data = object_at(secret, "data");
  for (const SecretKeys& each : kRequiredKeys) {
    if (each.type == type && (!data || !data->contains(each.key))) report.required(fmt::format("data[{}]", each.key));
  }
  if (type == "kubernetes.io/basic-auth" && (!data || (!data->contains("username") && !data->contains("password")))) {
    report.required("data[username]");
    report.required("data[password]");
  }
  if (type == "kubernetes.io/service-account-token") {
    const json::object* annotations = object_at(secret, "metadata.annotations");
    if (!annotations || !annotations->contains("kubernetes.io/service-account.name"))
      report.required("metadata.annotations[kubernetes.io/service-account.name]");
  }
}

void validate_frozen(Report& report, const json::object& object, const json::object& previous,
                     std::initializer_list<std::string_view> members) {
  if (!bool_at(previous, "immutable")) return;
  if (!bool_at(object, "immutable")) report.forbidden("immutable", "field is immutable when `immutable` is set");
  for (const std::string_view member : members) {
    const json::value* now = object.if_contains(member);
    const json::value* before = previous.if_contains(member);
    if (now && before ? *now != *before : now != before)
      report.forbidden(std::string(member), "field is immutable when `immutable` is set");
  }
}

}   // namespace

void validate_configuration(Report& report, std::string_view kind, const json::object& object, const json::object* previous) {
  if (kind != "ConfigMap" && kind != "Secret") return;
  std::size_t size = 0;
  validate_keys(report, object, "data", size);
  if (kind == "ConfigMap") {
    const json::object* binary = object_at(object, "binaryData");
    if (const json::object* data = object_at(object, "data"); data && binary) {
      for (const auto& entry : *data) {
        if (binary->contains(entry.key())) {
          report.invalid(fmt::format("data[{}]", std::string_view(entry.key())), json::value(entry.key()),
                         "duplicate of key present in binaryData");
        }
      }
    }
    validate_keys(report, object, "binaryData", size);
    if (size > kBytesMax) report.too_long("", kBytesMax);
    if (previous) validate_frozen(report, object, *previous, {"data", "binaryData"});
    return;
  }
  if (size / 4 * 3 > kBytesMax) report.too_long("data", kBytesMax);
  validate_secret_type(report, object);
  check_immutable(report, object, previous, "type");
  if (previous) validate_frozen(report, object, *previous, {"data"});
}

}   // namespace ebb::sandbox
