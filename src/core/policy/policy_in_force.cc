#include "core/policy/policy_in_force.h"

#include "model/policy_parser.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace ebb::core::policy {
namespace {

using model::ClusterAction;
using model::Findings;
using model::PolicyDocument;
using model::PolicySource;
using Actions = PolicyInForce::Actions;

constexpr std::size_t kNoteBytesMax = 1024;        // of an event
constexpr std::size_t kConditionBytesMax = 8192;   // Kubernetes allows 32768

constexpr std::string_view kAccepted = "PolicyAccepted";
constexpr std::string_view kRefused = "PolicyRefused";
constexpr std::string_view kOverridden = "PolicyOverridden";
constexpr std::string_view kIgnored = "PolicyIgnored";
constexpr std::string_view kContradicted = "PolicyContradicted";

model::ObjectReference reference(const PolicyDocument& document) {
  const bool resource = document.source == PolicySource::policy_resource;
  return {.api_version = std::string(resource ? model::kPolicyApiVersion : std::string_view("v1")),
          .kind = std::string(resource ? model::kPolicyKind : std::string_view("ConfigMap")),
          .key = document.key,
          .uid = document.uid};
}

struct Verdict {
  bool good = false;
  std::string_view reason;
  std::string begin;   // of the note
  Findings findings;
};

std::string note(const Verdict& verdict, std::size_t bytes_max) {
  if (verdict.findings.empty()) return verdict.begin;
  return verdict.begin + ": " + model::summary(verdict.findings, bytes_max - verdict.begin.size() - 2);
}

// An event, and for a custom resource the condition too.
void tell(const PolicyDocument& document, const Verdict& verdict, Actions& out) {
  out.emplace_back(model::PostEvent{.regarding = reference(document),
                                    .warning = !verdict.good,
                                    .reason = std::string(verdict.reason),
                                    .action = "Validating",
                                    .note = note(verdict, kNoteBytesMax)});
  if (document.source != PolicySource::policy_resource) return;
  out.emplace_back(model::SetPolicyCondition{.policy = document.key,
                                             .uid = document.uid,
                                             .accepted = verdict.good,
                                             .reason = std::string(verdict.reason),
                                             .message = note(verdict, kConditionBytesMax)});
}

// Writing a condition gives a custom resource a new version, so its verdict is known by what it says;
// that of a ConfigMap by its version, so that each edit is answered.
std::string signature(const PolicyDocument& document, const Verdict& verdict) {
  const bool resource = document.source == PolicySource::policy_resource;
  return fmt::format("{} {} {} {}", document.uid.v, resource ? "" : document.resource_version, verdict.reason,
                     note(verdict, kConditionBytesMax));
}

Findings missing_key(std::string_view key) { return {{0, "data", fmt::format("the key {} is missing", key)}}; }

}   // namespace

const model::ColocationPolicy* PolicyInForce::policy() const {
  if (resource_.accepted) return &*resource_.accepted;
  return config_map_.accepted ? &*config_map_.accepted : nullptr;
}

Actions PolicyInForce::step(const model::PolicyDocumentSeen& event) {
  Actions out;
  const PolicyDocument& document = event.document;
  if (document.source == PolicySource::node_config_map) {
    judge_overlay(document, out);
  } else {
    judge_policy(document, out);
    policy_changed(out);
  }
  return out;
}

Actions PolicyInForce::step(const model::PolicyDocumentGone& event) {
  Actions out;
  if (event.source == PolicySource::node_config_map) {
    if (overlay_.accepted) ++generation_;
    overlay_ = {};
    return out;
  }
  if (event.source == PolicySource::policy_resource) ignored_.erase(event.key);
  PolicyHolder& gone = holder(event.source);
  if (!gone.document || gone.document->key != event.key) return out;   // one that was never in force
  gone = {};
  if (event.source == PolicySource::policy_resource && config_map_.accepted) {
    const Verdict verdict{.good = true, .reason = kAccepted, .begin = "in force, as the custom resource is gone"};
    tell(*config_map_.document, verdict, out);
  }
  policy_changed(out);
  return out;
}

void PolicyInForce::judge_policy(const PolicyDocument& document, Actions& out) {
  const bool resource = document.source == PolicySource::policy_resource;
  if (resource && document.key.name != model::kDefaultPolicyName) {
    const auto [told, first] = ignored_.try_emplace(document.key, document.uid);
    if (!first && std::exchange(told->second, document.uid) == document.uid) return;
    const Verdict verdict{.reason = kIgnored, .begin = fmt::format("not in force: only the one named {} is", model::kDefaultPolicyName)};
    return tell(document, verdict, out);
  }
  PolicyHolder& held = holder(document.source);
  if (held.document && held.document->uid != document.uid) held = {};   // deleted and made anew
  held.document = document;

  auto parsed = document.missing_key ? model::Parsed<model::ColocationPolicy>{{}, missing_key(model::kPolicyKey)}
                                     : model::parse_colocation_policy(document.text);
  Verdict verdict{.good = parsed.value.has_value(), .reason = kAccepted, .begin = "in force"};
  if (parsed.value) {
    held.accepted = *std::move(parsed.value);
  } else {
    verdict.reason = kRefused;
    verdict.begin = held.accepted ? "refused, the previous one stays in force" : "refused";
    verdict.findings = std::move(parsed.findings);
  }
  const bool overridden = verdict.good && !resource && resource_.accepted;   // tell_overridden says it
  std::string said = overridden ? std::string() : signature(document, verdict);
  if (said == held.said) return;
  held.said = std::move(said);
  if (!overridden) tell(document, verdict, out);
}

void PolicyInForce::policy_changed(Actions& out) {
  tell_overridden(out);
  const model::ColocationPolicy* now = policy();
  if (known_ == (now != nullptr ? std::optional(*now) : std::nullopt)) return;
  known_ = now != nullptr ? std::optional(*now) : std::nullopt;
  ++generation_;
  if (overlay_.document) judge_overlay(model::PolicyDocument(*overlay_.document), out);
}

void PolicyInForce::tell_overridden(Actions& out) {
  if (!resource_.accepted || !config_map_.document) {
    overridden_.clear();
    return;
  }
  const PolicyDocument& document = *config_map_.document;
  std::string which = document.uid.v + " " + document.resource_version;
  if (which == overridden_) return;
  overridden_ = std::move(which);
  tell(document,
       {.reason = kOverridden,
        .begin = fmt::format("not in force: the custom resource {} {} wins", model::kPolicyKind, resource_.document->key.name)},
       out);
}

void PolicyInForce::judge_overlay(const PolicyDocument& document, Actions& out) {
  if (overlay_.document && overlay_.document->uid != document.uid) {
    if (overlay_.accepted) ++generation_;
    overlay_ = {};
  }
  const bool same = overlay_.judged == document.text && overlay_.accepted;
  overlay_.document = document;
  auto parsed = document.missing_key ? model::Parsed<model::NodeOverlay>{{}, missing_key(model::kNodePolicyKey)}
                                     : model::parse_node_overlay(document.text, policy());
  Verdict verdict{.good = parsed.value.has_value(), .reason = kAccepted, .begin = "in force"};
  if (parsed.value) {
    if (overlay_.accepted != parsed.value) {
      overlay_.accepted = *std::move(parsed.value);
      ++generation_;
    }
    overlay_.judged = document.text;
  } else if (same) {
    verdict.reason = kContradicted;
    verdict.begin = "in force without the fields that contradict the policy";
    verdict.findings = std::move(parsed.findings);
  } else {
    verdict.reason = kRefused;
    verdict.begin = overlay_.accepted ? "refused, the previous one stays in force" : "refused";
    verdict.findings = std::move(parsed.findings);
  }
  std::string said = signature(document, verdict);
  if (said == overlay_.said) return;
  overlay_.said = std::move(said);
  tell(document, verdict, out);
}

}   // namespace ebb::core::policy
