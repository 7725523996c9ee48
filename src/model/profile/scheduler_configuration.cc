#include "model/profile/scheduler_configuration.h"

#include "model/profile/ebb_section.h"
#include "model/profile/kube_section.h"

#include <fmt/format.h>

#include <algorithm>

namespace ebb::model {
namespace {

constexpr std::string_view kEbbGroup = "scheduling.openfuyao.io";
constexpr std::size_t kBytesMax = std::size_t{1} << 20;

enum class Section { kube, ebb, bare, other };

std::string_view text_of(const YamlNode& document, std::string_view key) {
  const YamlNode* value = document.is_mapping() ? document.find(key) : nullptr;
  return value != nullptr && value->is_scalar() && !value->is_null() ? std::string_view(value->text) : std::string_view();
}

Section section_of(const YamlNode& document) {
  const std::string_view kind = text_of(document, "kind");
  const std::string_view version = text_of(document, "apiVersion");
  const std::string_view group = version.substr(0, version.find('/'));
  if (kind == kKubeSchedulerKind || group == kKubeSchedulerGroup) return Section::kube;
  if (kind == kEbbSchedulerKind || (group == kEbbGroup && kind.empty())) return Section::ebb;
  return kind.empty() && version.empty() ? Section::bare : Section::other;
}

// Where Kubernetes' document stands, YAML is read as Kubernetes reads it; Ebb's own is read strictly.
YamlText parse(std::string_view text) {
  YamlText lenient = parse_yaml(text, {.bytes_max = kBytesMax});
  const bool kube = std::ranges::any_of(lenient.documents, [](const YamlNode& node) { return section_of(node) == Section::kube; });
  return kube ? std::move(lenient) : parse_yaml(text, {.strict = true, .bytes_max = kBytesMax});
}

}   // namespace

std::vector<std::string> SchedulerConfiguration::scheduler_names() const {
  std::vector<std::string> names;
  for (const SchedulerProfile& profile : profiles) names.push_back(profile.scheduler_name);
  return names;
}

ReadConfiguration read_scheduler_configuration(std::string_view text) {
  ReadConfiguration read;
  const YamlText yaml = parse(text);
  read.findings = yaml.findings;
  ConfigReader reader(read.findings, read.notes);
  const YamlNode* kube = nullptr;
  const YamlNode* ebb = nullptr;
  for (const YamlNode& document : yaml.documents) {
    if (document.is_null()) continue;
    const ConfigNode at{&document, "", document.line};
    const Section section = section_of(document);
    if (section == Section::other) {
      reader.refuse(at, fmt::format("{} of {} is not read here: {} or {} is", text_of(document, "kind"), text_of(document, "apiVersion"),
                                    kKubeSchedulerKind, kEbbSchedulerKind));
      continue;
    }
    const YamlNode*& place = section == Section::kube ? kube : ebb;
    if (place != nullptr) {
      reader.refuse(at, fmt::format("a second document of kind {}", section == Section::kube ? kKubeSchedulerKind : kEbbSchedulerKind));
    } else {
      place = &document;
    }
  }
  if (kube != nullptr) read_kube_section(reader, {kube, "", kube->line}, read.value);
  if (ebb != nullptr) read_ebb_section(reader, {ebb, "", ebb->line}, kube != nullptr, read.value);
  std::ranges::stable_sort(read.findings, {}, &Finding::line);
  std::ranges::stable_sort(read.notes, {}, &Finding::line);
  return read;
}

bool is_scheduler_configuration(std::string_view text) {
  const YamlText yaml = parse_yaml(text);
  return std::ranges::any_of(yaml.documents, [](const YamlNode& document) {
    const Section section = section_of(document);
    return section == Section::kube || (section == Section::ebb && text_of(document, "kind") == kEbbSchedulerKind);
  });
}

}   // namespace ebb::model
