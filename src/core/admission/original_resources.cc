#include "core/admission/original_resources.h"

#include "model/quantity.h"
#include "model/yaml.h"

#include <fmt/format.h>

#include <utility>

namespace ebb::core {
namespace {

using model::YamlEntry;
using model::YamlNode;
using Containers = std::map<std::string, OriginalContainer, std::less<>>;

constexpr std::size_t kAnnotationsMax = 256 << 10;   // of all annotations of an object together, in Kubernetes

std::string amounts_json(const OriginalAmounts& amounts) {
  std::string json;
  if (amounts.cpu) json += fmt::format("\"cpu\":\"{}\"", model::to_quantity_text(*amounts.cpu));
  if (amounts.memory) json += fmt::format("{}\"memory\":\"{}\"", json.empty() ? "" : ",", model::to_quantity_text(*amounts.memory));
  return "{" + json + "}";
}

std::string containers_json(const Containers& containers) {
  std::string json;
  for (const auto& [name, container] : containers) {
    json += fmt::format("{}{}:{{\"requests\":{},\"limits\":{}}}", json.empty() ? "" : ",", model::json_quoted(name),
                        amounts_json(container.requests), amounts_json(container.limits));
  }
  return "{" + json + "}";
}

Status expect_mapping(const YamlNode& node, std::string_view what) {
  if (!node.is_mapping()) return fail(Errc::invalid, "{}: expected a mapping, got {}", what, model::describe(node));
  return {};
}

Result<OriginalAmounts> amounts_of(const YamlNode& node) {
  EBB_TRY_VOID(expect_mapping(node, "requests or limits"));
  OriginalAmounts amounts;
  for (const YamlEntry& entry : node.entries) {
    if (!entry.value.is_scalar())
      return fail(Errc::invalid, "{}: expected a quantity, got {}", entry.key.text, model::describe(entry.value));
    if (entry.key.text == "cpu") {
      EBB_TRY(amounts.cpu, model::parse_cpu(entry.value.text));
    } else if (entry.key.text == "memory") {
      EBB_TRY(amounts.memory, model::parse_memory(entry.value.text));
    } else {
      return fail(Errc::invalid, "{}: neither cpu nor memory", entry.key.text);
    }
  }
  return amounts;
}

Result<OriginalContainer> container_of(const YamlNode& node) {
  EBB_TRY_VOID(expect_mapping(node, "a container"));
  OriginalContainer container;
  for (const YamlEntry& entry : node.entries) {
    if (entry.key.text == "requests") {
      EBB_TRY(container.requests, amounts_of(entry.value));
    } else if (entry.key.text == "limits") {
      EBB_TRY(container.limits, amounts_of(entry.value));
    } else {
      return fail(Errc::invalid, "{}: neither requests nor limits", entry.key.text);
    }
  }
  return container;
}

Result<Containers> containers_of(const YamlNode& node) {
  EBB_TRY_VOID(expect_mapping(node, "containers"));
  Containers containers;
  for (const YamlEntry& entry : node.entries) {
    EBB_TRY(OriginalContainer container, container_of(entry.value));
    containers.emplace(entry.key.text, std::move(container));
  }
  return containers;
}

}   // namespace

std::string to_json(const OriginalResources& resources) {
  return fmt::format("{{\"containers\":{},\"initContainers\":{}}}", containers_json(resources.containers),
                     containers_json(resources.init_containers));
}

Result<OriginalResources> parse_original_resources(std::string_view json) {
  const model::YamlText text = model::parse_yaml(json, {.strict = true, .bytes_max = kAnnotationsMax});   // JSON is YAML
  if (!text.ok()) return fail(Errc::invalid, "{}", model::summary(text.findings, 200));
  if (text.documents.size() != 1) return fail(Errc::invalid, "expected one JSON object");
  EBB_TRY_VOID(expect_mapping(text.documents[0], "the annotation"));
  OriginalResources resources;
  for (const YamlEntry& entry : text.documents[0].entries) {
    if (entry.key.text == "containers") {
      EBB_TRY(resources.containers, containers_of(entry.value));
    } else if (entry.key.text == "initContainers") {
      EBB_TRY(resources.init_containers, containers_of(entry.value));
    } else {
      return fail(Errc::invalid, "{}: neither containers nor initContainers", entry.key.text);
    }
  }
  return resources;
}

}   // namespace ebb::core
