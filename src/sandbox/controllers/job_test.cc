#include "sandbox/controllers/job_status.h"
#include "sandbox/controllers/test_plane.h"

namespace ebb::sandbox::control {
namespace {

using resources::kJobs;
using resources::kPods;

json::object a_job(const json::object& spec) {
  json::object job = from_json(R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"work","namespace":"default"},
    "spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"x"}]}}}})");
  for (const auto& member : spec) child(job, "spec")[member.key()] = member.value();
  return job;
}
json::object job(TestPlane& plane) { return plane.get(kJobs, "work"); }
std::string ended(TestPlane& plane, std::string_view type) {
  const json::object object = job(plane);
  const json::object* found = find_condition(*object_at(object, "status"), type);
  return found == nullptr || text_at(*found, "status") != "True" ? "" : text_at(*found, "reason");
}
void end_pods(TestPlane& plane, std::string_view phase, std::size_t most = 1000) {
  for (const auto& pod : plane.live_pods()) {
    if (most-- == 0) break;
    plane.set_phase(key_of(pod), phase);
  }
  plane.settle();
}

TEST(Job, NeverRunsMoreThanItsParallelismAndStopsAtItsCompletions) {
  TestPlane plane;
  std::size_t most = 0;
  plane.on_round = [&] { most = std::max(most, plane.live_pods().size()); };
  plane.create(kJobs, a_job({{"parallelism", 3}, {"completions", 8}}));
  plane.settle();
  EXPECT_EQ(number_at(job(plane), "status.active"), 3);
  for (int round = 0; round < 20 && ended(plane, "Complete").empty(); ++round) {
    plane.advance(seconds(1));
    end_pods(plane, "Succeeded", 2);
  }
  EXPECT_EQ(most, 3u);
  EXPECT_EQ(plane.list(kPods).size(), 8u);
  const json::object done = job(plane);
  EXPECT_EQ(number_at(done, "status.succeeded"), 8);
  EXPECT_EQ(number_at(done, "status.active"), std::nullopt);
  EXPECT_TRUE(object_at(done, "status.uncountedTerminatedPods")->empty());
  EXPECT_EQ(ended(plane, "Complete"), "CompletionsReached");
  EXPECT_EQ(ended(plane, "SuccessCriteriaMet"), "CompletionsReached");
  EXPECT_TRUE(time_at(done, "status.completionTime").has_value());
  for (const auto& pod : plane.list(kPods)) EXPECT_FALSE(has_finalizer(pod, kJobFinalizer));
  EXPECT_EQ(plane.events("Completed", "work"), 1);
}

TEST(Job, PodsCarryTheJobsLabelsAndAreFinalizedUntilCounted) {
  TestPlane plane;
  plane.create(kJobs, a_job({}));
  plane.settle();
  ASSERT_EQ(plane.live_pods().size(), 1u);
  const json::object pod = plane.live_pods()[0];
  auto labels = labels_at(pod, "metadata.labels");
  EXPECT_EQ(labels["job-name"], "work");
  EXPECT_EQ(labels["batch.kubernetes.io/job-name"], "work");
  EXPECT_EQ(labels["controller-uid"], uid_of(job(plane)));
  EXPECT_EQ(labels["batch.kubernetes.io/controller-uid"], uid_of(job(plane)));
  EXPECT_TRUE(has_finalizer(pod, kJobFinalizer));
}

TEST(Job, FailuresAreRetriedEverMoreSlowlyUntilTheLimit) {
  TestPlane plane;
  plane.create(kJobs, a_job({{"backoffLimit", 3}}));
  plane.settle();
  for (const int wait : {10, 20, 40}) {
    end_pods(plane, "Failed");
    EXPECT_TRUE(plane.live_pods().empty());
    plane.advance(seconds(wait - 1));
    EXPECT_TRUE(plane.live_pods().empty()) << wait;
    plane.advance(seconds(2));
    EXPECT_EQ(plane.live_pods().size(), 1u) << wait;
  }
  EXPECT_EQ(ended(plane, "Failed"), "");
  end_pods(plane, "Failed");
  EXPECT_EQ(ended(plane, "Failed"), "BackoffLimitExceeded");
  EXPECT_EQ(ended(plane, "FailureTarget"), "BackoffLimitExceeded");
  EXPECT_EQ(number_at(job(plane), "status.failed"), 4);
  plane.advance(hours(1));
  EXPECT_EQ(plane.list(kPods).size(), 4u);
  EXPECT_EQ(plane.events("BackoffLimitExceeded", "work"), 1);
}

TEST(Job, ASuccessEndsTheBackoff) {
  TestPlane plane;
  plane.create(kJobs, a_job({{"completions", 3}, {"parallelism", 1}}));
  plane.settle();
  end_pods(plane, "Failed");
  plane.advance(seconds(11));
  end_pods(plane, "Succeeded");
  EXPECT_EQ(plane.live_pods().size(), 1u);
}

TEST(Job, ARunningPodThatIsDeletedCountsAsFailedAndIsReplacedAtOnceOnceTheBackoffIsOver) {
  TestPlane plane;
  plane.create(kJobs, a_job({}));
  plane.create(resources::kNodes,
               R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"n1"},"status":{"conditions":[{"type":"Ready","status":"True"}]}})");
  plane.settle();
  const model::ObjectKey pod = key_of(plane.live_pods()[0]);
  plane.bind(pod, "n1");
  plane.start_pods();
  plane.remove(kPods, pod.name);
  plane.settle();
  EXPECT_EQ(number_at(job(plane), "status.failed"), 1);
  EXPECT_EQ(number_at(job(plane), "status.terminating"), 1);
  plane.advance(seconds(11));
  EXPECT_EQ(plane.live_pods().size(), 1u);   // while the old one is still ending
  EXPECT_EQ(plane.list(kPods).size(), 2u);
}

TEST(Job, RestartsInPlaceCountAgainstTheLimitToo) {
  TestPlane plane;
  json::object object = a_job({{"backoffLimit", 2}});
  child(child(child(object, "spec"), "template"), "spec")["restartPolicy"] = "OnFailure";
  plane.create(kJobs, std::move(object));
  plane.settle();
  const model::ObjectKey pod = key_of(plane.live_pods()[0]);
  plane.set_phase(pod, "Running", true, 1);
  plane.settle();
  EXPECT_EQ(ended(plane, "FailureTarget"), "");
  plane.set_phase(pod, "Running", true, 2);
  plane.settle();
  EXPECT_EQ(ended(plane, "Failed"), "BackoffLimitExceeded");
  EXPECT_TRUE(plane.live_pods().empty());
}

TEST(Job, AnIndexedOneGivesEachIndexToOnePodAndFillsTheGaps) {
  TestPlane plane;
  plane.create(kJobs, a_job({{"completionMode", "Indexed"}, {"completions", 4}, {"parallelism", 2}}));
  plane.settle();
  const auto index_of = [](const json::object& pod) { return annotation(pod, kIndexAnnotation); };
  auto pods = plane.live_pods();
  ASSERT_EQ(pods.size(), 2u);
  EXPECT_EQ(index_of(pods[0]) + index_of(pods[1]), "01");
  EXPECT_EQ(text_at(pods[0], "spec.hostname"), "work-0");
  const json::array* env = array_at((*array_at(pods[0], "spec.containers"))[0].get_object(), "env");
  ASSERT_NE(env, nullptr);
  EXPECT_EQ(text_at((*env)[0].get_object(), "name"), "JOB_COMPLETION_INDEX");
  plane.set_phase(key_of(pods[1]), "Succeeded");
  plane.set_phase(key_of(pods[0]), "Failed");
  plane.advance(seconds(15));
  EXPECT_EQ(text_at(job(plane), "status.completedIndexes"), "1");
  pods = plane.live_pods();
  ASSERT_EQ(pods.size(), 2u);
  EXPECT_EQ(index_of(pods[0]) + index_of(pods[1]), "02");
  for (int round = 0; round < 5; ++round) end_pods(plane, "Succeeded");
  EXPECT_EQ(text_at(job(plane), "status.completedIndexes"), "0-3");
  EXPECT_EQ(number_at(job(plane), "status.succeeded"), 4);
  EXPECT_EQ(ended(plane, "Complete"), "CompletionsReached");
}

TEST(Job, StopsAtItsDeadline) {
  TestPlane plane;
  plane.create(kJobs, a_job({{"activeDeadlineSeconds", 30}}));
  plane.settle();
  plane.start_pods();
  plane.advance(seconds(29));
  EXPECT_EQ(plane.live_pods().size(), 1u);
  plane.advance(seconds(2));
  EXPECT_TRUE(plane.live_pods().empty());
  EXPECT_EQ(ended(plane, "Failed"), "DeadlineExceeded");
}

TEST(Job, ASuspendedOneHasNoPodsAndItsTimeStartsAnewWhenItGoesOn) {
  TestPlane plane;
  plane.create(kJobs, a_job({{"parallelism", 2}, {"completions", 2}}));
  plane.settle();
  plane.edit(kJobs, {"default", "work"}, [](json::object& object) { child(object, "spec")["suspend"] = true; });
  plane.settle();
  EXPECT_TRUE(plane.live_pods().empty());
  EXPECT_EQ(ended(plane, "Suspended"), "JobSuspended");
  EXPECT_EQ(number_at(job(plane), "status.failed"), std::nullopt);   // nobody's failure
  plane.advance(minutes(5));
  plane.edit(kJobs, {"default", "work"}, [](json::object& object) { child(object, "spec")["suspend"] = false; });
  plane.settle();
  EXPECT_EQ(plane.live_pods().size(), 2u);
  EXPECT_EQ(time_at(job(plane), "status.startTime"), plane.now);
  EXPECT_EQ(plane.events("Resumed", "work"), 1);
}

TEST(Job, IsDeletedWithItsPodsWhenItsTimeAfterTheEndHasPassed) {
  TestPlane plane;
  plane.create(kJobs, a_job({{"ttlSecondsAfterFinished", 60}}));
  plane.settle();
  end_pods(plane, "Succeeded");
  plane.advance(seconds(59));
  EXPECT_TRUE(plane.exists(kJobs, "work"));
  plane.advance(seconds(2));
  EXPECT_FALSE(plane.exists(kJobs, "work"));
  EXPECT_TRUE(plane.list(kPods).empty());
}

TEST(Job, ADeletedOneLeavesNoPodHangingOnItsFinalizer) {
  TestPlane plane;
  plane.create(kJobs, a_job({{"parallelism", 3}, {"completions", 3}}));
  plane.settle();
  plane.remove(kJobs, "work", {.propagation = Propagation::background});
  plane.settle();
  plane.advance(seconds(1));
  EXPECT_TRUE(plane.list(kPods).empty());
}

TEST(Job, LoweringTheParallelismIsNobodysFailure) {
  TestPlane plane;
  plane.create(kJobs, a_job({{"parallelism", 5}, {"completions", 5}}));
  plane.settle();
  plane.edit(kJobs, {"default", "work"}, [](json::object& object) { child(object, "spec")["parallelism"] = 2; });
  plane.settle();
  EXPECT_EQ(plane.live_pods().size(), 2u);
  EXPECT_EQ(number_at(job(plane), "status.failed"), std::nullopt);
}

TEST(Job, WithoutCompletionsTheFirstSuccessEndsTheCreating) {
  TestPlane plane;
  plane.create(kJobs, a_job({{"parallelism", 3}, {"completions", nullptr}}));
  plane.settle();
  EXPECT_EQ(plane.live_pods().size(), 3u);
  end_pods(plane, "Succeeded", 1);
  EXPECT_EQ(plane.live_pods().size(), 2u);
  EXPECT_EQ(ended(plane, "Complete"), "");
  end_pods(plane, "Succeeded");
  EXPECT_EQ(ended(plane, "Complete"), "CompletionsReached");
  EXPECT_EQ(number_at(job(plane), "status.succeeded"), 3);
}

}   // namespace
}   // namespace ebb::sandbox::control
