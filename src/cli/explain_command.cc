// ebb explain: why a pod is where it is, or nowhere, and what a node has to give. A placement of our own is fed with what the
// cluster holds now and asked; nothing is written.

#include "cli/cluster/read_cluster.h"
#include "cli/commands.h"
#include "cli/explain_json.h"
#include "core/placement/placement.h"
#include "kube/client.h"
#include "kube/kubeconfig.h"
#include "kube/objects.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <chrono>

namespace ebb::cli {
namespace {

namespace json = boost::json;
using core::placement::Explanation;
using core::placement::NodeExplanation;
using core::placement::Placement;

Instant system_now() {
  return Instant{std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

// When something was measured; none for what is no measurement.
std::optional<Instant> measured_at(const model::ClusterEvent& event) {
  if (const auto* report = std::get_if<model::ReportSeen>(&event)) return report->report.time;
  if (const auto* node = std::get_if<model::NodeUsageSeen>(&event)) return node->time;
  if (const auto* pod = std::get_if<model::PodUsageSeen>(&event)) return pod->time;
  return std::nullopt;
}

core::placement::Options placement_options(const std::vector<std::string>& scheduler_names) {
  core::placement::Options options;
  options.profiles.clear();
  for (const std::string& name : scheduler_names) options.profiles.push_back(model::default_profile(name));
  return options;
}

// Feeds the placement with everything that a decision looks at, once.
Status read_into(kube::Client& client, Placement& placement) {
  core::placement::Actions ignored;
  // A cluster's clock may be ahead of ours: a sandbox's runs sped up.
  Instant now = system_now();
  EBB_TRY_VOID(read_cluster(client, [&](model::ClusterEvent event) {
    if (const auto measured = measured_at(event)) now = std::max(now, *measured);
    placement.step(system_now(), std::move(event), ignored);
    ignored.clear();
  }));
  placement.schedule(std::max(now, system_now()), ignored, 0);   // brings the oversold amounts up to date, places nobody
  return {};
}

std::string condition_message(const json::object& pod) {
  const json::value* status = pod.if_contains("status");
  if (status == nullptr || !status->is_object()) return {};
  const json::value* conditions = status->get_object().if_contains("conditions");
  if (conditions == nullptr || !conditions->is_array()) return {};
  for (const json::value& condition : conditions->get_array()) {
    if (!condition.is_object()) continue;
    const json::value* type = condition.get_object().if_contains("type");
    const json::value* message = condition.get_object().if_contains("message");
    if (type != nullptr && *type == "PodScheduled" && message != nullptr && message->is_string()) return std::string(message->get_string());
  }
  return {};
}

struct Question {
  std::string kubeconfig;
  std::string name;
  std::vector<std::string> scheduler_names{std::string(model::kEbbSchedulerName)};
};

Result<Explanation> explain_pod(const Question& question) {
  const std::string& name = question.name;
  EBB_TRY(auto access, kube::load_access(question.kubeconfig));
  EBB_TRY(const auto client, kube::Client::make(std::move(access)));
  const std::size_t slash = name.find('/');
  const model::ObjectKey key = slash == std::string::npos ? model::ObjectKey{client->default_namespace(), name}
                                                          : model::ObjectKey{name.substr(0, slash), name.substr(slash + 1)};
  EBB_TRY(const json::object pod, kube::get_object(*client, kube::resources::kPods, key));
  Placement placement(placement_options(question.scheduler_names));
  EBB_TRY_VOID(read_into(*client, placement));
  Explanation explanation = placement.explain(key);
  if (!explanation.found) return fail(Errc::not_found, "pod {} went away while the cluster was read", model::to_string(key));
  explanation.message = condition_message(pod);
  return explanation;
}

Result<NodeExplanation> explain_node(const Question& question) {
  EBB_TRY(auto access, kube::load_access(question.kubeconfig));
  EBB_TRY(const auto client, kube::Client::make(std::move(access)));
  EBB_TRY(const json::object node, kube::get_object(*client, kube::resources::kNodes, {"", question.name}));
  Placement placement(placement_options(question.scheduler_names));
  EBB_TRY_VOID(read_into(*client, placement));
  NodeExplanation explanation = placement.explain(model::NodeName(question.name));
  if (!explanation.found) return fail(Errc::not_found, "node {} went away while the cluster was read", question.name);
  return explanation;
}

template <class Answer>
int print(const Result<Answer>& answer, bool as_json) {
  if (!answer) return failed(answer.error().message);
  if (as_json) {
    fmt::print("{}\n", to_json_text(*answer));
  } else {
    fmt::print("{}", core::placement::to_text(*answer));
  }
  return 0;
}

}   // namespace

int run_explain(const Arguments& arguments) {
  CLI::App app("Says why a pod is where it is or nowhere, and what a node has to give to offline work", "ebb explain");
  app.require_subcommand(1);
  Question question;
  bool as_json = false;
  CLI::App* pod = app.add_subcommand("pod", "A pod: its class, its place in the queue, what refused it, and what would help");
  pod->add_option("NAME", question.name, "NAMESPACE/NAME, or NAME in the kubeconfig's namespace")->required();
  pod->add_option("--scheduler-name", question.scheduler_names, "Which spec.schedulerName the scheduler serves")
      ->capture_default_str()
      ->option_text("NAME...");
  CLI::App* node = app.add_subcommand("node", "A node: how much may be oversold there, term by term");
  node->add_option("NAME", question.name, "Its name")->required();
  for (CLI::App* command : {pod, node}) {
    command->add_flag("--json", as_json, "For programs");
    add_kubeconfig_flag(*command, question.kubeconfig);
  }
  if (const auto done = parse(app, arguments)) return *done;
  return node->parsed() ? print(explain_node(question), as_json) : print(explain_pod(question), as_json);
}

}   // namespace ebb::cli
