#include "cli/demo/own_scheduler.h"

#include "cli/scheduler/scheduler_loop.h"
#include "kube/kubeconfig.h"

#include <thread>

namespace ebb::cli {
namespace {

class Running final : public OwnScheduler {
 public:
  explicit Running(std::unique_ptr<kube::Client> client)
      : log_(LogLevel::error, system_now, standard_error_sink()),
        client_(std::move(client)),
        thread_([this] { run_scheduler_loop(*client_, {.pace = {}, .now = system_now}, log_, stop_); }) {}

  ~Running() override {
    stop_.request();
    thread_.join();
  }

 private:
  EventLog log_;
  std::unique_ptr<kube::Client> client_;
  kube::Stop stop_;
  std::thread thread_;
};

}   // namespace

Result<std::unique_ptr<OwnScheduler>> OwnScheduler::start(const std::string& kubeconfig) {
  EBB_TRY(auto access, kube::load_access(kubeconfig));
  kube::ClientOptions options;
  options.user_agent = "ebb-scheduler";
  EBB_TRY(auto client, kube::Client::make(std::move(access), std::move(options)));
  return std::make_unique<Running>(std::move(client));
}

}   // namespace ebb::cli
