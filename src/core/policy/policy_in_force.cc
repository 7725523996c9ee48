#include "core/policy/policy_in_force.h"

#include "model/policy_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
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
constexpr std::size_t kKeptBytesMax = 96 * 1024;

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
                                             .message = note(verdict, kConditionBytesMax),
                                             .generation = document.generation});
}

// Each edit is answered, and nothing else: what Ebb itself writes on the object (a condition, the text
// that is kept) gives it a new version, but neither a new generation nor a new text.
std::string signature(const PolicyDocument& document, const Verdict& verdict) {
  return fmt::format("{} {} {} {} {}", document.uid.v, document.generation, verdict.reason, note(verdict, kConditionBytesMax),
                     document.text);
}

// The accepted text goes on the object, unless it is there. Annotations have 256 KiB together, and
// kubectl may need as much for a copy of its own.
void keep(const PolicyDocument& document, const std::string& text, Verdict& verdict, Actions& out) {
  if (text.empty() || document.last_accepted == text) return;
  if (text.size() <= kKeptBytesMax) {
    out.emplace_back(model::KeepAcceptedPolicy{.document = reference(document), .text = text});
  } else if (verdict.good) {
    verdict.begin += fmt::format(
        "; its {} bytes are too many (at most {}) to be kept for the case that a later text is refused and the scheduler starts anew",
        text.size(), kKeptBytesMax);
  }
}

// The text kept with the object, for a holder that has accepted none of its own.
template <class Holder, class Parse>
void take_kept(const PolicyDocument& document, Holder& holder, Parse parse) {
  if (holder.accepted || !document.last_accepted) return;
  auto parsed = parse(*document.last_accepted);
  if (!parsed.value) return;
  holder.accepted = *std::move(parsed.value);
  holder.accepted_text = *document.last_accepted;
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

  const auto parse = [](std::string_view text) { return model::parse_colocation_policy(text); };
  auto parsed = document.missing_key ? model::Parsed<model::ColocationPolicy>{{}, missing_key(model::kPolicyKey)} : parse(document.text);
  Verdict verdict{.good = parsed.value.has_value(), .reason = kAccepted, .begin = "in force"};
  if (parsed.value) {
    held.accepted = *std::move(parsed.value);
    held.accepted_text = document.text;
  } else {
    take_kept(document, held, parse);
    verdict.reason = kRefused;
    verdict.begin = held.accepted ? "refused, the previous one stays in force" : "refused";
    verdict.findings = std::move(parsed.findings);
  }
  Actions kept;
  keep(document, held.accepted_text, verdict, kept);
  const bool overridden = verdict.good && !resource && resource_.accepted;   // tell_overridden says it
  std::string said = overridden ? std::string() : signature(document, verdict);
  if (said != held.said) {
    held.said = std::move(said);
    if (!overridden) tell(document, verdict, out);
  }
  std::ranges::move(kept, std::back_inserter(out));
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
  std::string which = document.uid.v + " " + document.text;
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
  overlay_.document = document;
  const auto parse = [](std::string_view text) { return model::parse_node_overlay(text, nullptr); };
  auto parsed = document.missing_key ? model::Parsed<model::NodeOverlay>{{}, missing_key(model::kNodePolicyKey)} : parse(document.text);
  Verdict verdict{.good = parsed.value.has_value(), .reason = kAccepted, .begin = "in force"};
  const std::optional<model::NodeOverlay> before = overlay_.accepted;
  if (parsed.value) {
    overlay_.accepted = *std::move(parsed.value);
    overlay_.accepted_text = document.text;
    // The policy may come later and change at any time, so it decides about fields and not about the document.
    verdict.findings = policy() != nullptr ? model::parse_node_overlay(document.text, policy()).findings : Findings{};
    if (!verdict.findings.empty()) {
      verdict.good = false;
      verdict.reason = kContradicted;
      verdict.begin = "in force without the fields that contradict the policy";
    }
  } else {
    take_kept(document, overlay_, parse);
    verdict.reason = kRefused;
    verdict.begin = overlay_.accepted ? "refused, the previous one stays in force" : "refused";
    verdict.findings = std::move(parsed.findings);
  }
  if (overlay_.accepted != before) ++generation_;
  Actions kept;
  keep(document, overlay_.accepted_text, verdict, kept);
  if (std::string said = signature(document, verdict); said != overlay_.said) {
    overlay_.said = std::move(said);
    tell(document, verdict, out);
  }
  std::ranges::move(kept, std::back_inserter(out));
}

}   // namespace ebb::core::policy
