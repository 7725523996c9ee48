#include "sandbox/server/sandbox.h"

#include "model/custom_resources.h"
#include "model/scheduling_resources.h"
#include "sandbox/admission/pod_admission.h"
#include "sandbox/api/make_api.h"
#include "sandbox/controllers/controllers.h"
#include "sandbox/controllers/event_expiry.h"
#include "sandbox/kubelet/kubelets.h"
#include "sandbox/server/api_loop.h"
#include "sandbox/server/certificates.h"
#include "sandbox/server/https_server.h"
#include "sandbox/server/kubeconfig_file.h"
#include "sandbox/store/persistence.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

namespace ebb::sandbox {
namespace {

constexpr std::string_view kCaCertificateSetting = "ca.certificate";
constexpr std::string_view kCaKeySetting = "ca.key";
constexpr std::string_view kTokenSetting = "token";

// What clients were given once and must find again: kept with the data, else made for this run.
struct Identity {
  CertificateAuthority authority;
  std::string token;
};

Result<Identity> new_identity(Instant now) {
  Identity identity;
  EBB_TRY(identity.authority, make_certificate_authority(now));
  EBB_TRY(identity.token, make_token());
  return identity;
}

Result<Identity> kept_identity(Persistence& persistence, Instant now) {
  EBB_TRY(const auto certificate, persistence.setting(kCaCertificateSetting));
  EBB_TRY(const auto key, persistence.setting(kCaKeySetting));
  EBB_TRY(const auto token, persistence.setting(kTokenSetting));
  if (certificate && key && token) return Identity{.authority = {.certificate = *certificate, .key = *key}, .token = *token};
  EBB_TRY(Identity identity, new_identity(now));
  EBB_TRY_VOID(persistence.set_setting(kCaCertificateSetting, identity.authority.certificate));
  EBB_TRY_VOID(persistence.set_setting(kCaKeySetting, identity.authority.key));
  EBB_TRY_VOID(persistence.set_setting(kTokenSetting, identity.token));
  return identity;
}

// A fast clock leaves what clients and threads do in real time no time: these bounds are real.
constexpr Duration kHistoryAtLeast = seconds(30);    // so that a client can watch from what it has just listed
constexpr Duration kNodeGraceAtLeast = seconds(2);   // so that a busy machine's kubelets are not taken for dead

ControllerOptions control_options(const CertificateAuthority& authority, const Clock& clock) {
  ControllerOptions options{.root_ca_pem = authority.certificate};
  options.node_grace = clock.at_least(options.node_grace, kNodeGraceAtLeast);
  return options;
}

bool is_wildcard(std::string_view address) { return address == "0.0.0.0" || address == "::"; }

std::string url_of(const std::string& address, std::uint16_t port) {
  const std::string host = is_wildcard(address) ? "127.0.0.1" : address;
  return host.contains(':') ? fmt::format("https://[{}]:{}", host, port) : fmt::format("https://{}:{}", host, port);
}

// Ebb's own kinds are there from the start, so that policies and reports can be written at once, and those of
// other projects that the scheduler honours.
Status define_own_kinds(Api& api, Instant now) {
  const ResourceId definitions{.group = "apiextensions.k8s.io", .version = "v1", .resource = "customresourcedefinitions"};
  std::vector<std::string> texts = model::custom_resource_definitions();
  std::ranges::move(model::scheduling_resource_definitions(), std::back_inserter(texts));
  for (const std::string& text : texts) {
    const auto made = api.create(definitions, json::parse(text).as_object(), Caller{}, now);
    if (!made && made.error().code != Errc::exists) return std::unexpected(made.error());
  }
  return {};
}

class RunningSandbox final : public Sandbox {
 public:
  explicit RunningSandbox(const SandboxOptions& options) : clock_(options.clock) {}
  ~RunningSandbox() override { static_cast<void>(stop()); }

  Status begin(SandboxOptions options);

  const std::string& url() const override { return url_; }
  const std::string& kubeconfig() const override { return kubeconfig_; }
  const Clock& clock() const override { return clock_; }
  Status stop() override {
    server_.reset();
    return loop_ ? loop_->stop() : Status();
  }
  SandboxMeasurements measurements() override {
    SandboxMeasurements measured;
    loop_->run([&](Api&, Instant) { measured = kubelets_->measurements(); });
    return measured;
  }

 private:
  Status make_the_api(const SandboxOptions& options, std::unique_ptr<Persistence> persistence, Kubelets& kubelets);

  Clock clock_;
  PodAdmission admission_;
  std::unique_ptr<Api> api_;
  Kubelets* kubelets_ = nullptr;   // owned by the loop
  std::unique_ptr<ApiLoop> loop_;
  std::unique_ptr<HttpsServer> server_;
  std::string url_;
  std::string kubeconfig_;
};

Status RunningSandbox::make_the_api(const SandboxOptions& options, std::unique_ptr<Persistence> persistence, Kubelets& kubelets) {
  ApiOptions api{.now = clock_.now()};
  api.speed = clock_.speed();
  api.history = clock_.at_least(api.history, kHistoryAtLeast);
  api.persistence = std::move(persistence);
  api.metrics = kubelets.metrics_source();
  if (options.admission) {
    api.pod_admission = [this](const AdmissionReview& review, json::object& object) { return admission_.review(review, object); };
  }
  EBB_TRY(api_, try_make_api(std::move(api)));
  kubelets.connect(*api_);
  return define_own_kinds(*api_, clock_.now());
}

Status RunningSandbox::begin(SandboxOptions options) {
  std::unique_ptr<Persistence> persistence;
  if (!options.data_path.empty()) {
    EBB_TRY(persistence, Persistence::open(options.data_path));
  }
  auto made = persistence ? kept_identity(*persistence, clock_.now()) : new_identity(clock_.now());
  if (!made) return std::unexpected(std::move(made).error());
  const Identity identity = std::move(*made);

  auto kubelets = std::make_unique<Kubelets>(options.kubelets, clock_.now());
  kubelets_ = kubelets.get();
  EBB_TRY_VOID(make_the_api(options, std::move(persistence), *kubelets));

  // The admission hears of a new owner before the controllers make its pods.
  std::vector<std::unique_ptr<Controller>> controllers;
  if (options.admission) controllers.push_back(std::make_unique<AdmissionObserver>(*api_, admission_));
  if (options.controllers) {
    for (auto& controller : make_controllers(*api_, control_options(identity.authority, clock_)))
      controllers.push_back(std::move(controller));
  }
  controllers.push_back(std::move(kubelets));
  controllers.push_back(std::make_unique<EventExpiry>(*api_));
  loop_ = std::make_unique<ApiLoop>(clock_, *api_, std::move(controllers), std::move(options.commit_report));
  loop_->start();

  std::vector<std::string> addresses{"127.0.0.1", "::1"};
  if (!is_wildcard(options.address) && options.address != addresses[0] && options.address != addresses[1])
    addresses.push_back(options.address);
  EBB_TRY(const ServerCertificate certificate,
          issue_server_certificate(identity.authority, addresses,
                                   {"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"}, clock_.now()));
  EBB_TRY(server_, HttpsServer::start(*loop_, {.address = options.address, .port = options.port, .token = identity.token}, certificate));
  url_ = url_of(options.address, server_->port());
  kubeconfig_ = kubeconfig_text({.url = url_, .ca_certificate = identity.authority.certificate, .token = identity.token});
  return {};
}

}   // namespace

Result<std::unique_ptr<Sandbox>> Sandbox::start(SandboxOptions options) {
  auto sandbox = std::make_unique<RunningSandbox>(options);
  EBB_TRY_VOID(sandbox->begin(std::move(options)));
  return sandbox;
}

}   // namespace ebb::sandbox
