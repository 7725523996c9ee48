#include "core/policy/policy_in_force.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace ebb::core::policy {
namespace {

using model::PolicyDocument;
using model::PolicyDocumentGone;
using model::PolicyDocumentSeen;
using model::PolicySource;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kHead = "apiVersion: scheduling.openfuyao.io/v1alpha1\nkind: ColocationPolicy\nspec:\n";

std::string a_policy(std::string_view cpu_threshold) {
  return fmt::format("{}  resourceSharing: {{cpuThreshold: {}}}\n", kHead, cpu_threshold);
}

PolicyDocumentSeen config_map(std::string text, std::string version) {
  return {{.source = PolicySource::policy_config_map,
           .key = {"openfuyao-system", "openfuyao-colocation-config"},
           .uid = model::Uid("cm"),
           .resource_version = std::move(version),
           .text = std::move(text)}};
}

PolicyDocumentSeen resource(std::string text, std::string version) {
  return {{.source = PolicySource::policy_resource,
           .key = {"", "default-colocation-policy"},
           .uid = model::Uid("cr"),
           .resource_version = std::move(version),
           .text = std::move(text)}};
}

PolicyDocumentSeen node_config(std::string text, std::string version) {
  return {{.source = PolicySource::node_config_map,
           .key = {"openfuyao-system", "node-colocation-config"},
           .uid = model::Uid("nodes"),
           .resource_version = std::move(version),
           .text = std::move(text)}};
}

// Each action in a few words: "!Refused" is a warning, "=" and "#" stand for a condition that is true or false.
std::vector<std::string> told(const PolicyInForce::Actions& actions) {
  std::vector<std::string> words;
  for (const model::ClusterAction& action : actions) {
    if (const auto* event = std::get_if<model::PostEvent>(&action)) {
      words.push_back(fmt::format("{}{} {}", event->warning ? "!" : "", event->reason, event->regarding.key.name));
    } else if (const auto* condition = std::get_if<model::SetPolicyCondition>(&action)) {
      words.push_back(fmt::format("{}{}", condition->accepted ? "=" : "#", condition->reason));
    }
  }
  return words;
}

Permille cpu_threshold(const PolicyInForce& holder) {
  return holder.policy() != nullptr ? holder.policy()->resource_sharing.cpu_threshold : Permille{-1};
}

TEST(PolicyInForce, REQ_S1_30_a_good_policy_comes_into_force_and_is_told_once) {
  PolicyInForce holder;
  EXPECT_EQ(holder.policy(), nullptr);
  EXPECT_THAT(told(holder.step(config_map(a_policy("0.75"), "1"))), ElementsAre("PolicyAccepted openfuyao-colocation-config"));
  EXPECT_EQ(cpu_threshold(holder), Permille{750});
  const auto generation = holder.generation();
  EXPECT_THAT(told(holder.step(config_map(a_policy("0.75"), "1"))), IsEmpty());
  EXPECT_EQ(holder.generation(), generation);
}

TEST(PolicyInForce, REQ_S1_30_a_bad_policy_is_refused_with_its_field_and_the_old_one_stays) {
  PolicyInForce holder;
  holder.step(config_map(a_policy("0.75"), "1"));
  const auto generation = holder.generation();
  const auto actions = holder.step(config_map(a_policy("7.5"), "2"));
  EXPECT_THAT(told(actions), ElementsAre("!PolicyRefused openfuyao-colocation-config"));
  const auto& event = std::get<model::PostEvent>(actions.front());
  EXPECT_EQ(event.note,
            "refused, the previous one stays in force: line 4: spec.resourceSharing.cpuThreshold: 7.5 is out of range: it must be a number "
            "from 0 to 1");
  EXPECT_EQ(cpu_threshold(holder), Permille{750});
  EXPECT_EQ(holder.generation(), generation);
  EXPECT_THAT(told(holder.step(config_map(a_policy("7.5"), "2"))), IsEmpty());
}

TEST(PolicyInForce, a_refusal_fits_into_an_event_however_much_is_wrong) {
  std::string text(kHead);
  for (int i = 0; i < 500; ++i) text += fmt::format("  nonsense{}: {}\n", i, std::string(50, 'x'));
  PolicyInForce holder;
  const auto actions = holder.step(config_map(text, "1"));
  const auto& event = std::get<model::PostEvent>(actions.front());
  EXPECT_LE(event.note.size(), 1024u);
  EXPECT_GT(event.note.size(), 700u);
  EXPECT_THAT(event.note, ::testing::ContainsRegex("and [0-9]+ more"));
  EXPECT_EQ(holder.policy(), nullptr);
}

TEST(PolicyInForce, a_config_map_without_its_key_is_refused) {
  PolicyInForce holder;
  auto event = config_map("", "1");
  event.document.missing_key = true;
  const auto actions = holder.step(event);
  EXPECT_EQ(std::get<model::PostEvent>(actions.front()).note, "refused: data: the key colocation-policy.yaml is missing");
}

TEST(PolicyInForce, REQ_S1_30_the_custom_resource_wins_with_a_warning_whichever_comes_first) {
  PolicyInForce first_map;
  first_map.step(config_map(a_policy("0.75"), "1"));
  EXPECT_THAT(told(first_map.step(resource(a_policy("0.65"), "2"))),
              ElementsAre("PolicyAccepted default-colocation-policy", "=PolicyAccepted", "!PolicyOverridden openfuyao-colocation-config"));
  EXPECT_EQ(cpu_threshold(first_map), Permille{650});

  PolicyInForce first_resource;
  first_resource.step(resource(a_policy("0.65"), "1"));
  EXPECT_THAT(told(first_resource.step(config_map(a_policy("0.75"), "2"))), ElementsAre("!PolicyOverridden openfuyao-colocation-config"));
  EXPECT_EQ(cpu_threshold(first_resource), Permille{650});
  EXPECT_THAT(told(first_resource.step(config_map(a_policy("0.75"), "2"))), IsEmpty());
}

TEST(PolicyInForce, a_deleted_document_takes_its_policy_away) {
  PolicyInForce holder;
  holder.step(config_map(a_policy("0.75"), "1"));
  holder.step(resource(a_policy("0.65"), "2"));
  const PolicyDocumentGone resource_gone{PolicySource::policy_resource, {"", "default-colocation-policy"}};
  EXPECT_THAT(told(holder.step(resource_gone)), ElementsAre("PolicyAccepted openfuyao-colocation-config"));
  EXPECT_EQ(cpu_threshold(holder), Permille{750});
  const auto generation = holder.generation();
  holder.step(PolicyDocumentGone{PolicySource::policy_config_map, {"openfuyao-system", "openfuyao-colocation-config"}});
  EXPECT_EQ(holder.policy(), nullptr);
  EXPECT_GT(holder.generation(), generation);
}

TEST(PolicyInForce, a_recreated_bad_document_does_not_inherit_what_the_deleted_one_said) {
  PolicyInForce holder;
  holder.step(config_map(a_policy("0.75"), "1"));
  auto recreated = config_map(a_policy("7.5"), "9");
  recreated.document.uid = model::Uid("another");
  holder.step(recreated);
  EXPECT_EQ(holder.policy(), nullptr);
}

TEST(PolicyInForce, a_bad_custom_resource_gets_a_false_condition_and_leaves_the_config_map_in_force) {
  PolicyInForce holder;
  holder.step(config_map(a_policy("0.75"), "1"));
  EXPECT_THAT(told(holder.step(resource(a_policy("7.5"), "2"))), ElementsAre("!PolicyRefused default-colocation-policy", "#PolicyRefused"));
  EXPECT_EQ(cpu_threshold(holder), Permille{750});
}

TEST(PolicyInForce, its_own_condition_coming_back_as_a_new_version_is_not_answered_again) {
  PolicyInForce holder;
  holder.step(resource(a_policy("0.65"), "1"));
  EXPECT_THAT(told(holder.step(resource(a_policy("0.65"), "2"))), IsEmpty());
  holder.step(resource(a_policy("7.5"), "3"));
  EXPECT_THAT(told(holder.step(resource(a_policy("7.5"), "4"))), IsEmpty());
}

TEST(PolicyInForce, a_custom_resource_of_another_name_is_not_in_force) {
  PolicyInForce holder;
  auto other = resource(a_policy("0.65"), "1");
  other.document.key.name = "mine";
  EXPECT_THAT(told(holder.step(other)), ElementsAre("!PolicyIgnored mine", "#PolicyIgnored"));
  EXPECT_THAT(told(holder.step(other)), IsEmpty());
  EXPECT_EQ(holder.policy(), nullptr);
}

TEST(PolicyInForce, the_overlay_is_refused_or_accepted_like_the_policy) {
  PolicyInForce holder;
  EXPECT_THAT(told(holder.step(node_config("nodeColocationConfig: [{maxOfflinePods: 20}]", "1"))),
              ElementsAre("PolicyAccepted node-colocation-config"));
  EXPECT_THAT(told(holder.step(node_config("nodeColocationConfig: [{maxOfflinePods: many}]", "2"))),
              ElementsAre("!PolicyRefused node-colocation-config"));
  ASSERT_EQ(holder.overlay().entries.size(), 1u);
  EXPECT_EQ(holder.overlay().entries.front().max_offline_pods, 20);
  holder.step(PolicyDocumentGone{PolicySource::node_config_map, {"openfuyao-system", "node-colocation-config"}});
  EXPECT_THAT(holder.overlay().entries, IsEmpty());
}

TEST(PolicyInForce, an_overlay_that_contradicts_the_policy_is_in_force_but_for_the_contradicting_fields) {
  PolicyInForce holder;
  holder.step(config_map(a_policy("0.75"), "1"));
  EXPECT_THAT(told(holder.step(node_config("nodeColocationConfig: [{eviction: {waterLine: {cpu: 0.78}}}]", "1"))),
              ElementsAre("!PolicyContradicted node-colocation-config"));
  EXPECT_EQ(resolve_node_policy(holder.policy(), holder.overlay(), {}).eviction.water_line_cpu, std::nullopt);
  // What was wrong with it was the policy.
  EXPECT_THAT(told(holder.step(config_map(a_policy("0.8"), "2"))),
              ElementsAre("PolicyAccepted openfuyao-colocation-config", "PolicyAccepted node-colocation-config"));
  EXPECT_EQ(holder.overlay().entries.size(), 1u);
}

TEST(PolicyInForce, an_overlay_that_a_later_policy_contradicts_loses_only_the_contradicting_fields) {
  PolicyInForce holder;
  holder.step(config_map(a_policy("0.8"), "1"));
  holder.step(node_config("nodeColocationConfig: [{maxOfflinePods: 3, eviction: {waterLine: {cpu: 0.78}}}]", "1"));
  EXPECT_EQ(resolve_node_policy(holder.policy(), holder.overlay(), {}).eviction.water_line_cpu, Permille{780});
  EXPECT_THAT(told(holder.step(config_map(a_policy("0.7"), "2"))),
              ElementsAre("PolicyAccepted openfuyao-colocation-config", "!PolicyContradicted node-colocation-config"));
  const auto resolved = resolve_node_policy(holder.policy(), holder.overlay(), {});
  EXPECT_EQ(resolved.eviction.water_line_cpu, std::nullopt);
  EXPECT_EQ(resolved.max_offline_pods, 3);
}

TEST(PolicyInForce, what_is_in_force_does_not_depend_on_which_document_came_first) {
  const auto policy = config_map(a_policy("0.75"), "1");
  const auto overlay = node_config("nodeColocationConfig: [{maxOfflinePods: 3, eviction: {waterLine: {cpu: 0.78}}}]", "2");
  PolicyInForce policy_first;
  policy_first.step(policy);
  policy_first.step(overlay);
  PolicyInForce overlay_first;
  overlay_first.step(overlay);
  overlay_first.step(policy);
  EXPECT_EQ(policy_first.overlay(), overlay_first.overlay());
  EXPECT_EQ(policy_first.overlay().entries.size(), 1u);
}

std::vector<model::KeepAcceptedPolicy> kept(const PolicyInForce::Actions& actions) {
  std::vector<model::KeepAcceptedPolicy> found;
  for (const model::ClusterAction& action : actions) {
    if (const auto* keep = std::get_if<model::KeepAcceptedPolicy>(&action)) found.push_back(*keep);
  }
  return found;
}

TEST(PolicyInForce, an_accepted_text_is_kept_with_its_object_once) {
  PolicyInForce holder;
  auto document = config_map(a_policy("0.75"), "1");
  const auto keep = kept(holder.step(document));
  ASSERT_EQ(keep.size(), 1u);
  EXPECT_EQ(keep[0].document.kind, "ConfigMap");
  EXPECT_EQ(keep[0].document.uid.v, "cm");
  EXPECT_EQ(keep[0].text, a_policy("0.75"));
  document.document.resource_version = "2";
  document.document.last_accepted = keep[0].text;
  EXPECT_THAT(holder.step(document), IsEmpty()) << "what we wrote ourselves is no edit";
  auto bad = config_map(a_policy("7.5"), "3");
  bad.document.last_accepted = keep[0].text;
  EXPECT_THAT(kept(holder.step(bad)), IsEmpty());
}

TEST(PolicyInForce, a_holder_that_never_saw_the_accepted_text_goes_on_with_the_one_that_was_kept) {
  auto bad_map = config_map(a_policy("7.5"), "3");
  bad_map.document.last_accepted = a_policy("0.75");
  auto bad_resource = resource(a_policy("7.5"), "3");
  bad_resource.document.last_accepted = a_policy("0.65");
  auto bad_overlay = node_config("nodeColocationConfig: [{maxOfflinePods: many}]", "3");
  bad_overlay.document.last_accepted = "nodeColocationConfig: [{maxOfflinePods: 20}]";

  PolicyInForce holder;
  const auto actions = holder.step(bad_map);
  EXPECT_THAT(told(actions), ElementsAre("!PolicyRefused openfuyao-colocation-config"));
  EXPECT_THAT(std::get<model::PostEvent>(actions.front()).note, ::testing::StartsWith("refused, the previous one stays in force"));
  EXPECT_EQ(cpu_threshold(holder), Permille{750});
  holder.step(bad_resource);
  EXPECT_EQ(cpu_threshold(holder), Permille{650});
  holder.step(bad_overlay);
  ASSERT_EQ(holder.overlay().entries.size(), 1u);
  EXPECT_EQ(holder.overlay().entries[0].max_offline_pods, 20);
}

TEST(PolicyInForce, a_kept_text_that_is_no_policy_is_not_believed) {
  auto bad = config_map(a_policy("7.5"), "3");
  bad.document.last_accepted = a_policy("8.5");
  PolicyInForce holder;
  holder.step(bad);
  EXPECT_EQ(holder.policy(), nullptr);
}

TEST(PolicyInForce, a_text_that_is_too_large_to_be_kept_says_so) {
  PolicyInForce holder;
  const auto actions = holder.step(config_map(a_policy("0.75") + "# " + std::string(100'000, 'x') + "\n", "1"));
  EXPECT_THAT(kept(actions), IsEmpty());
  EXPECT_THAT(std::get<model::PostEvent>(actions.front()).note, ::testing::HasSubstr("too many"));
}

TEST(PolicyInForce, each_accepted_edit_of_the_custom_resource_is_told_with_its_generation) {
  PolicyInForce holder;
  auto document = resource(a_policy("0.65"), "1");
  document.document.generation = 1;
  holder.step(document);
  document.document.generation = 2;
  document.document.text = a_policy("0.66");
  const auto actions = holder.step(document);
  EXPECT_THAT(told(actions), ElementsAre("PolicyAccepted default-colocation-policy", "=PolicyAccepted"));
  EXPECT_EQ(std::get<model::SetPolicyCondition>(actions[1]).generation, 2);
}

}   // namespace
}   // namespace ebb::core::policy
