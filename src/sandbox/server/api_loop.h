#pragma once

// The thread that owns the embedded control plane: the API, its controllers and the simulated
// kubelets. Requests come in through a queue, answers go out through callbacks; nothing of the
// control plane is touched from anywhere else, so it needs no locks.
//
//   submit() --> queue --> handle a batch --> commit to disk --> reply --> run what is due --> wait

#include "base/result.h"
#include "sandbox/api/api.h"
#include "sandbox/api/controller.h"
#include "sandbox/server/clock.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

namespace ebb::sandbox {

// What a request became: an answer, or a stream known by its number.
using WatchId = std::uint64_t;
using Answer = std::variant<Response, WatchId>;

// Where a stream's pieces go. Called on the loop's thread; must only pass them on.
struct WatchSink {
  std::function<void(std::vector<Piece> pieces, bool finished)> deliver;
};

class ApiLoop final {
 public:
  using Reply = std::move_only_function<void(Answer)>;
  // Told on the loop's thread of the first commit that fails, and of the first after it that does not.
  using CommitReport = std::function<void(const Status&)>;

  ApiLoop(const Clock& clock, Api& api, std::vector<std::unique_ptr<Controller>> controllers, CommitReport report = {});
  ~ApiLoop();   // stops
  ApiLoop(const ApiLoop&) = delete;
  ApiLoop& operator=(const ApiLoop&) = delete;

  void start();
  // Answers nothing more; whatever was committed stays. What still waited is dropped on this thread.
  // Errors, also when it is asked again: the last commit's, whose changes are lost with this process.
  Status stop();

  // Any thread. The reply is called on the loop's thread, once, unless the loop stops first.
  void submit(Request request, WatchSink sink, Reply reply);
  // Any thread: runs `work` on the loop's thread, between batches.
  void post(std::move_only_function<void(Api&, Instant)> work);
  // Runs `work` on the loop's thread and waits for it. Not to be called on that thread.
  void run(const std::function<void(Api&, Instant)>& work);

  // A stream's reader has taken what it was given and can take more, or is gone.
  void want_more(WatchId id);
  void close(WatchId id);

 private:
  struct Job {
    Request request;
    WatchSink sink;
    Reply reply;
    std::move_only_function<void(Api&, Instant)> work;   // instead of a request
  };
  struct Stream {
    std::unique_ptr<Watch> watch;
    WatchSink sink;
    bool wanted = true;   // the reader waits for pieces
    bool ready = true;    // the watch may have some
  };
  struct Driven {
    std::unique_ptr<Controller> controller;
    bool changed = true;
    Instant due;
  };

  void main();
  Status commit();
  std::deque<Job> wait_for_work();
  void serve(std::deque<Job> jobs);
  WatchId open(std::unique_ptr<Watch> watch, WatchSink sink);
  void pump(WatchId id, Stream& stream);
  void pump_ready();
  void keep_time(Instant now);
  bool run_controllers();
  void enqueue(Job job);

  const Clock& clock_;
  Api& api_;
  std::vector<Driven> controllers_;
  CommitReport report_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::thread thread_;

  // The loop's thread only.
  Status committed_;   // how the last commit went; anybody's once the thread has ended
  std::map<WatchId, Stream> streams_;
  std::vector<WatchId> ready_;
  WatchId last_watch_ = 0;
  std::chrono::steady_clock::time_point streams_checked_;
};

}   // namespace ebb::sandbox
