#include "sandbox/server/api_loop.h"

#include "base/check.h"
#include "sandbox/server/refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>

namespace ebb::sandbox {
namespace {

constexpr std::size_t kBatch = 128;                      // requests between two commits
constexpr std::size_t kPieceBytes = 256 * 1024;          // given to a stream at once
constexpr std::chrono::milliseconds kTimekeeping(200);   // how exact bookmarks and time-outs of streams are
constexpr std::chrono::milliseconds kLongestWait(1000);

Response not_stored(const Error& error) {
  return refusal(500, "InternalError",
                 fmt::format("the change is in memory, but the data file could not be written yet: {}", error.message));
}

}   // namespace

ApiLoop::ApiLoop(const Clock& clock, Api& api, std::vector<std::unique_ptr<Controller>> controllers, CommitReport report)
    : clock_(clock), api_(api), report_(std::move(report)) {
  for (auto& controller : controllers) {
    controllers_.push_back(Driven{.controller = std::move(controller), .changed = true, .due = clock.now()});
  }
  api_.observe([this](const Change& change) {
    for (Driven& driven : controllers_) {
      driven.controller->observe(change);
      driven.changed = true;
    }
  });
}

ApiLoop::~ApiLoop() { static_cast<void>(stop()); }

void ApiLoop::start() {
  EBB_CHECK(!thread_.joinable());
  thread_ = std::thread([this] { main(); });
}

Status ApiLoop::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  // Here rather than on the thread: what waits for an answer belongs to whoever asked, and goes on theirs.
  streams_.clear();
  queue_.clear();
  return committed_;
}

void ApiLoop::enqueue(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void ApiLoop::submit(Request request, WatchSink sink, Reply reply) {
  Job job;
  job.request = std::move(request);
  job.sink = std::move(sink);
  job.reply = std::move(reply);
  enqueue(std::move(job));
}

void ApiLoop::post(std::move_only_function<void(Api&, Instant)> work) {
  Job job;
  job.work = std::move(work);
  enqueue(std::move(job));
}

void ApiLoop::run(const std::function<void(Api&, Instant)>& work) {
  auto done = std::make_shared<std::promise<void>>();
  auto finished = done->get_future();
  post([&work, done = std::move(done)](Api& api, Instant now) {
    work(api, now);
    done->set_value();
  });
  // A loop that stops drops the work and with it the promise, which ends the wait as well.
  finished.wait();
}

void ApiLoop::want_more(WatchId id) {
  post([this, id](Api&, Instant) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    found->second.wanted = true;
    ready_.push_back(id);   // what this batch has changed is not committed yet
  });
}

void ApiLoop::close(WatchId id) {
  post([this, id](Api&, Instant) { streams_.erase(id); });
}

std::deque<ApiLoop::Job> ApiLoop::wait_for_work() {
  auto longest = std::chrono::nanoseconds(kLongestWait);
  for (const Driven& driven : controllers_) {
    longest = driven.changed ? std::chrono::nanoseconds(0) : std::min(longest, clock_.until(driven.due));
    if (longest.count() == 0) break;
  }
  if (!streams_.empty()) longest = std::min(longest, std::chrono::nanoseconds(kTimekeeping));

  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, longest, [this] { return stopping_ || !queue_.empty(); });
  std::deque<Job> jobs;
  while (!queue_.empty() && jobs.size() < kBatch) {
    jobs.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return jobs;
}

void ApiLoop::main() {
  for (;;) {
    auto jobs = wait_for_work();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    serve(std::move(jobs));
    if (run_controllers()) static_cast<void>(commit());   // what stays noted is written by a later one
    pump_ready();
    keep_time(clock_.now());
  }
  static_cast<void>(commit());
}

Status ApiLoop::commit() {
  Status now = api_.flush();
  const bool news = now.has_value() != committed_.has_value();
  committed_ = now;
  if (news && report_) report_(now);
  return now;
}

void ApiLoop::serve(std::deque<Job> jobs) {
  std::vector<std::pair<Reply, Answer>> answers;
  std::vector<std::size_t> written;
  for (Job& job : jobs) {
    const Instant now = clock_.now();
    if (job.work) {
      job.work(api_, now);
      continue;
    }
    auto result = api_.handle(job.request, now);
    if (auto* response = std::get_if<Response>(&result)) {
      if (response->promises) written.push_back(answers.size());
      answers.emplace_back(std::move(job.reply), std::move(*response));
    } else {
      answers.emplace_back(std::move(job.reply), open(std::move(std::get<1>(result)), std::move(job.sink)));
    }
  }
  if (const Status committed = commit(); !committed) {
    for (const std::size_t index : written) answers[index].second = not_stored(committed.error());
  }
  for (auto& [reply, answer] : answers) reply(std::move(answer));
}

WatchId ApiLoop::open(std::unique_ptr<Watch> watch, WatchSink sink) {
  const WatchId id = ++last_watch_;
  Stream& stream = streams_[id];
  stream.watch = std::move(watch);
  stream.sink = std::move(sink);
  stream.watch->on_ready([this, id] { ready_.push_back(id); });
  ready_.push_back(id);
  return id;
}

void ApiLoop::pump(WatchId id, Stream& stream) {
  if (!stream.wanted) return;
  auto pieces = stream.watch->take(kPieceBytes);
  const bool finished = pieces.empty() && stream.watch->finished();
  if (pieces.empty() && !finished) return;
  stream.wanted = false;
  stream.sink.deliver(std::move(pieces), finished);
  if (finished) streams_.erase(id);
}

void ApiLoop::pump_ready() {
  std::vector<WatchId> ready;
  ready.swap(ready_);
  std::ranges::sort(ready);
  ready.erase(std::unique(ready.begin(), ready.end()), ready.end());
  for (const WatchId id : ready) {
    const auto found = streams_.find(id);
    if (found != streams_.end()) pump(id, found->second);
  }
}

void ApiLoop::keep_time(Instant now) {
  const auto real_now = std::chrono::steady_clock::now();
  if (real_now - streams_checked_ < kTimekeeping) return;
  streams_checked_ = real_now;
  std::vector<WatchId> over;
  for (auto& [id, stream] : streams_) {
    if (now >= stream.watch->deadline()) {
      over.push_back(id);
    } else if (now >= stream.watch->next_bookmark()) {
      stream.watch->bookmark(now);
      ready_.push_back(id);
    }
  }
  for (const WatchId id : over) {
    Stream stream = std::move(streams_.at(id));
    streams_.erase(id);
    stream.sink.deliver(stream.watch->take(SIZE_MAX), true);
  }
  pump_ready();
}

bool ApiLoop::run_controllers() {
  bool any = false;
  for (Driven& driven : controllers_) {
    if (!driven.changed && driven.due > clock_.now()) continue;
    driven.changed = false;
    driven.due = driven.controller->run(clock_.now());
    any = true;
  }
  return any;
}

}   // namespace ebb::sandbox
