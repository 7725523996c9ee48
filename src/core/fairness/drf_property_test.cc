// The properties that Ghodsi et al. prove of dominant-resource fairness, on random demands. Tasks cannot
// be cut, so every property holds up to some tasks' worth of share; tasks are small against the total.

#include "core/fairness/fairness_testing.h"
#include "core/fairness/water_filling.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace ebb::core::fairness {
namespace {

using testing::a_queue;
using testing::Player;

struct User {
  Amounts task;
  std::int64_t weight = 1;
  int tasks = 0;
};

struct Game {
  std::vector<std::int64_t> total;
  std::vector<User> users;
};

Amounts amounts(const std::vector<std::int64_t>& by_resource) {
  Amounts out;
  for (std::size_t r = 0; r < by_resource.size(); ++r) out.set(static_cast<ResourceId>(r), by_resource[r]);
  return out;
}

Amounts random_task(std::size_t resources) {
  Amounts task;
  for (ResourceId r = 0; r < resources; ++r) task.set(r, *rc::gen::inRange(0, 4));
  if (task.zero()) task.set(0, 1);
  return task;
}

Game random_game(std::size_t resources, int least = 2) {
  Game game;
  for (std::size_t r = 0; r < resources; ++r) game.total.push_back(*rc::gen::inRange(120, 240));
  const int users = *rc::gen::inRange(least, 6);
  for (int i = 0; i < users; ++i) game.users.push_back({random_task(resources), 1, 300});
  return game;
}

std::string name(std::size_t i) { return std::string(1, static_cast<char>('a' + i)); }

// How many tasks each user gets.
std::vector<std::int64_t> play(const Game& game) {
  Player player(amounts(game.total));
  std::vector<QueueId> ids;
  for (std::size_t i = 0; i < game.users.size(); ++i) {
    const User& user = game.users[i];
    ids.push_back(player.queue(a_queue(name(i), "", user.weight), user.task, user.tasks));
  }
  player.play();
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < game.users.size(); ++i) out.push_back(game.users[i].tasks - player.tree().pending_pods(ids[i]));
  return out;
}

// Shares in doubles are good enough to compare with a tolerance.
double task_share(const Game& game, const User& user) {
  double most = 0;
  for (std::size_t r = 0; r < game.total.size(); ++r) {
    most = std::max(most, static_cast<double>(user.task[static_cast<ResourceId>(r)]) / static_cast<double>(game.total[r]));
  }
  return most;
}

double largest_task(const Game& game) {
  double most = 0;
  for (const User& user : game.users) most = std::max(most, task_share(game, user) / static_cast<double>(user.weight));
  return most;
}

// How many tasks like `task` fit into an allocation.
std::int64_t fits(const Amounts& allocation, const Amounts& task, std::size_t resources) {
  std::int64_t out = INT64_MAX;
  for (ResourceId r = 0; r < resources; ++r) {
    if (task[r] > 0) out = std::min(out, allocation[r] / task[r]);
  }
  return out;
}

Amounts times(const Amounts& task, std::int64_t n, std::size_t resources) {
  Amounts out;
  for (ResourceId r = 0; r < resources; ++r) out.set(r, task[r] * n);
  return out;
}

RC_GTEST_PROP(DrfProperties, SharingIncentive, ()) {
  Game game = random_game(3);
  std::int64_t weights = 0;
  for (User& user : game.users) weights += user.weight = *rc::gen::inRange(1, 4);
  const std::vector<std::int64_t> tasks = play(game);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const double weight = static_cast<double>(game.users[i].weight);
    const double alone = weight / static_cast<double>(weights);   // what a part of the cluster of its own would give
    RC_ASSERT(static_cast<double>(tasks[i]) * task_share(game, game.users[i]) >=
              alone - weight * static_cast<double>(tasks.size()) * largest_task(game));
  }
}

RC_GTEST_PROP(DrfProperties, ParetoEfficiency, ()) {
  Game game = random_game(3);
  for (User& user : game.users) user.tasks = *rc::gen::inRange(1, 120);
  const std::vector<std::int64_t> tasks = play(game);
  std::vector<std::int64_t> left = game.total;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    for (ResourceId r = 0; r < 3; ++r) left[r] -= tasks[i] * game.users[i].task[r];
  }
  // Nobody could have one more task without somebody having less.
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i] < game.users[i].tasks) RC_ASSERT(fits(amounts(left), game.users[i].task, 3) == 0);
  }
}

RC_GTEST_PROP(DrfProperties, EnvyFreeness, ()) {
  const Game game = random_game(3);
  const std::vector<std::int64_t> tasks = play(game);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    for (std::size_t j = 0; j < tasks.size(); ++j) {
      const std::int64_t with_theirs = fits(times(game.users[j].task, tasks[j], 3), game.users[i].task, 3);
      RC_ASSERT(static_cast<double>(with_theirs - tasks[i]) * task_share(game, game.users[i]) <= 2 * largest_task(game));
    }
  }
}

RC_GTEST_PROP(DrfProperties, StrategyProofness, ()) {
  const Game honest = random_game(3);
  Game lying = honest;
  const auto liar = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(honest.users.size())));
  const Amounts need = honest.users[liar].task;
  for (ResourceId r = 0; r < 3; ++r) lying.users[liar].task.set(r, need[r] + *rc::gen::inRange(0, 4));
  const std::int64_t before = play(honest)[liar];
  const std::int64_t got = play(lying)[liar];
  const std::int64_t useful = fits(times(lying.users[liar].task, got, 3), need, 3);
  RC_ASSERT(static_cast<double>(useful - before) * task_share(honest, honest.users[liar]) <=
            static_cast<double>(honest.users.size()) * largest_task(lying));
}

RC_GTEST_PROP(DrfProperties, OneResourceIsMaxMinFairness, ()) {
  Game game = random_game(1);
  std::vector<Vessel> vessels;
  for (User& user : game.users) {
    user.task = Amounts{1};
    user.tasks = *rc::gen::inRange(1, 100);
    vessels.push_back({0, user.tasks, 1});
  }
  RC_ASSERT(play(game) == fill(game.total[0], vessels));   // to the unit: ties go by name in both
}

// The order of service and the entitlements that reclaim goes by are worked out apart; where there is
// one resource they have to agree, or one would undo what the other does.
RC_GTEST_PROP(DrfProperties, ServingATreeOfOneResourceLeadsToWhatIsDeserved, ()) {
  const std::int64_t total = *rc::gen::inRange(60, 240);
  Player player(Amounts{total});
  const int branches = *rc::gen::inRange(1, 4);
  std::vector<QueueId> leaves;
  for (int i = 0; i < branches; ++i) {
    player.queue(a_queue(name(static_cast<std::size_t>(i)), "", *rc::gen::inRange(1, 5)));
    const int below = *rc::gen::inRange(1, 4);
    for (int j = 0; j < below; ++j) {
      const QueueSpec leaf =
          a_queue(name(static_cast<std::size_t>(i)) + std::to_string(j), name(static_cast<std::size_t>(i)), *rc::gen::inRange(1, 5));
      leaves.push_back(player.queue(leaf, Amounts{1}, *rc::gen::inRange(1, 120)));
    }
  }
  player.play();
  for (const QueueId leaf : leaves) {
    const Sum apart = player.tree().allocated(leaf, 0) - player.tree().deserved(leaf, 0);
    RC_ASSERT(apart >= -4 && apart <= 4);   // roundings of two levels
  }
}

RC_GTEST_PROP(DrfProperties, BottleneckFairness, ()) {
  Game game = random_game(3);
  game.total = {*rc::gen::inRange(120, 240), 240, 240};
  std::vector<std::int64_t> held;
  double largest = 0;
  for (User& user : game.users) {   // the first resource is everybody's dominant one
    user.task.set(0, 4 + *rc::gen::inRange(0, 4));
    largest = std::max(largest, static_cast<double>(user.task[0]));
  }
  const std::vector<std::int64_t> tasks = play(game);
  for (std::size_t i = 0; i < tasks.size(); ++i) held.push_back(tasks[i] * game.users[i].task[0]);
  const auto [low, high] = std::minmax_element(held.begin(), held.end());
  RC_ASSERT(static_cast<double>(*high - *low) <= 2 * largest);
}

RC_GTEST_PROP(DrfProperties, PopulationMonotonicity, ()) {
  // Holds where everybody needs some of everything; else somebody's going may let a second one grow
  // into what a third one had.
  Game all = random_game(3, 3);
  for (User& user : all.users) {
    for (ResourceId r = 0; r < 3; ++r) user.task.set(r, std::max<std::int64_t>(user.task[r], 1));
  }
  Game fewer = all;
  fewer.users.pop_back();
  const std::vector<std::int64_t> before = play(all);
  const std::vector<std::int64_t> after = play(fewer);
  for (std::size_t i = 0; i < after.size(); ++i) {
    RC_ASSERT(static_cast<double>(before[i] - after[i]) * task_share(all, all.users[i]) <=
              static_cast<double>(all.users.size()) * largest_task(all));
  }
}

}   // namespace
}   // namespace ebb::core::fairness
