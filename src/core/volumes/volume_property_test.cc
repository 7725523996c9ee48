// Random events, and after each of them: the answers are those of a plain recomputation from what is
// there; an answer that has changed was announced, and one that has turned to yes was announced as better.

#include "base/check.h"
#include "core/volumes/in_tree_plugins.h"
#include "core/volumes/reach.h"
#include "core/volumes/volume_testing.h"

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <set>

namespace ebb::core::volumes::testing {
namespace {

constexpr std::array kDrivers{"csi.example.com", "ebs.csi.aws.com"};

// Everything as it is, in the simplest form, and what follows from it by looking through all of it.
struct Plain {
  std::map<model::ObjectKey, model::VolumeClaim> claims;
  std::map<std::string, model::Volume> volumes;
  std::map<std::string, model::StorageClass> classes;
  std::map<std::string, model::CsiDriver> drivers;
  std::map<std::string, model::CsiNode> csi;
  std::map<model::ObjectKey, model::CsiStorageCapacity> capacities;
  std::map<std::string, model::VolumeAttachment> attachments;
  std::vector<std::pair<Slot, model::Pod>> pods;

  std::optional<std::pair<std::string, std::string>> counted(const model::VolumeClaim& claim, bool in_tree) const {
    const auto volume = volumes.find(claim.volume_name);
    if (!claim.volume_name.empty() && volume != volumes.end()) {
      if (volume->second.csi_driver.empty()) return std::nullopt;
      return std::pair{volume->second.csi_driver, volume->second.csi_handle};
    }
    const auto of = classes.find(claim.storage_class.value_or(""));
    if (of == classes.end()) return std::nullopt;
    const InTreePlugin* plugin = in_tree_plugin(of->second.provisioner);
    if (plugin != nullptr && !in_tree) return std::nullopt;
    return std::pair{plugin == nullptr ? of->second.provisioner : std::string(plugin->driver), "?" + claim.key.name};
  }

  std::set<std::pair<std::string, std::string>> counted(const model::Pod& pod, bool in_tree = true) const {
    std::set<std::pair<std::string, std::string>> result;
    for (const model::PodVolume& volume : pod.volumes) {
      if (const auto inline_one = inline_disk(volume); inline_one && in_tree) result.emplace(inline_one->driver, inline_one->handle);
      const auto name = claim_of(pod, volume);
      const auto claim = name ? claims.find(*name) : claims.end();
      if (claim == claims.end()) continue;
      if (const auto one = counted(claim->second, in_tree)) result.insert(*one);
    }
    return result;
  }

  bool restricted(const model::Pod& pod, Slot slot) const {
    for (const auto& [where, other] : pods) {
      for (const model::PodVolume& mine : pod.volumes) {
        for (const model::PodVolume& theirs : other.volumes) {
          if (mine.kind != theirs.kind || mine.id != theirs.id) continue;
          if (mine.kind == model::VolumeKind::claim) {
            const auto& modes = claims.at(key(mine.id)).access_modes;
            if (std::ranges::find(modes, "ReadWriteOncePod") != modes.end()) return true;
          } else if (where == slot && (mine.kind == model::VolumeKind::aws_disk || !mine.read_only || !theirs.read_only)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  bool limited(const model::Pod& pod, Slot slot, const model::Node& node) const {
    const auto here = csi.find(node.name.v);
    auto fresh = counted(pod);
    for (const auto& [driver, handle] : counted(pod, here != csi.end())) {
      const auto known = drivers.find(driver);
      if (known == drivers.end() || !known->second.required_on_node) continue;
      const auto is = [&](const model::CsiNodeDriver& one) { return one.name == driver; };
      if (here == csi.end() || std::ranges::none_of(here->second.drivers, is)) return true;
    }
    if (here == csi.end()) return false;
    std::set<std::pair<std::string, std::string>> used;
    for (const auto& [where, other] : pods) {
      if (where == slot) used.merge(counted(other));
    }
    std::erase_if(fresh, [&](const auto& one) { return used.contains(one); });
    for (const auto& [name, attachment] : attachments) {
      const auto volume = volumes.find(attachment.volume);
      if (attachment.node != node.name || volume == volumes.end() || volume->second.csi_driver.empty()) continue;
      used.emplace(attachment.attacher, volume->second.csi_handle);
    }
    return std::ranges::any_of(here->second.drivers, [&](const model::CsiNodeDriver& driver) {
      const auto of = [&](const auto& one) { return one.first == driver.name; };
      const auto wanted = std::ranges::count_if(fresh, of);
      return driver.attach_limit && wanted > 0 && std::ranges::count_if(used, of) + wanted > *driver.attach_limit;
    });
  }

  const model::Volume* match(const model::VolumeClaim& claim, const model::Node& node, const std::set<std::string>& chosen) const {
    const model::Volume* best = nullptr;
    for (const auto& [name, volume] : volumes) {
      const bool mine = volume.claim == claim.key && (volume.claim_uid.empty() || volume.claim_uid == claim.uid);
      if (chosen.contains(name) || volume.storage_class != claim.storage_class || (volume.claim && !mine)) continue;
      if (volume.capacity < claim.request) continue;
      if (mine) return reachable(volume, node.labels) ? &volume : nullptr;
      if (volume.phase != "Available" || !reachable(volume, node.labels)) continue;
      if (best == nullptr || volume.capacity < best->capacity) best = &volume;
    }
    return best;
  }

  // The bits of the reasons.
  std::set<VolumeReason> unbindable(const model::Pod& pod, const model::Node& node) const {
    std::set<VolumeReason> reasons;
    std::vector<const model::VolumeClaim*> delayed;
    bool checking = true;
    for (const model::PodVolume& volume : pod.volumes) {
      if (volume.kind != model::VolumeKind::claim) continue;
      const model::VolumeClaim& claim = claims.at(key(volume.id));
      if (!claim.bound) {
        delayed.push_back(&claim);
      } else if (checking && !reachable(volumes.at(claim.volume_name), node.labels)) {
        reasons.insert(VolumeReason::affinity_conflict);
        checking = false;
      }
    }
    std::set<std::string> chosen;
    std::vector<const model::VolumeClaim*> to_provide;
    for (const auto* claim : delayed) {
      if (claim->selected_node.empty()) continue;
      if (claim->selected_node != node.name.v) return reasons.insert(VolumeReason::nothing_to_bind), reasons;
      to_provide.push_back(claim);
    }
    std::ranges::stable_sort(delayed, {}, [](const auto* claim) { return claim->request.v; });
    for (const auto* claim : delayed) {
      if (!claim->selected_node.empty()) continue;
      const model::Volume* found = match(*claim, node, chosen);
      if (found != nullptr) {
        chosen.insert(found->name);
      } else {
        to_provide.push_back(claim);
      }
    }
    for (const auto* claim : to_provide) {
      const model::StorageClass& of = classes.at(*claim->storage_class);
      if (of.provisioner == "kubernetes.io/no-provisioner" || !provides_for(of, node.labels)) {
        reasons.insert(VolumeReason::nothing_to_bind);
        return reasons;
      }
      const auto driver = drivers.find(of.provisioner);
      if (driver == drivers.end() || !driver->second.storage_capacity) continue;
      const bool enough = std::ranges::any_of(capacities, [&](const auto& one) {
        const auto& [name, capacity] = one;
        return capacity.storage_class == of.name && capacity.capacity >= claim->request && capacity.node_topology->matches(node.labels);
      });
      if (enough) continue;
      reasons.insert(VolumeReason::not_enough_storage);
      return reasons;
    }
    return reasons;
  }
};

Bytes some_size() { return gibibytes(*rc::gen::inRange(1, 4)); }
template <class T, std::size_t n>
T one_of(const T (&all)[n]) {
  return all[*rc::gen::inRange<std::size_t>(0, n)];
}
std::string numbered(const char* what, int n) { return what + std::to_string(*rc::gen::inRange(0, n)); }
bool sometimes() { return *rc::gen::inRange(0, 3) == 0; }

class RandomCluster : public StorageTest {
 public:
  void TestBody() override {}
  ~RandomCluster() override = default;

  RandomCluster() {
    node("n0", {{"zone", "a"}});
    node("n1", {{"zone", "b"}});
    node("n2", {{"zone", "a"}, {std::string(kZone), "z"}});
    for (const auto& pod : candidates()) demands_.push_back(acquire(pod));
  }

  void act() {
    switch (*rc::gen::inRange(0, 16)) {
      case 0:
      case 1:
      case 2: return claim_event();
      case 3:
      case 4:
      case 5: return volume_event();
      case 6: return class_event();
      case 7: return driver_event();
      case 8: return csi_node_event();
      case 9: return capacity_event();
      case 10: return attachment_event();
      case 11:
      case 12: return pod_comes();
      case 13: return pod_goes();
      case 14: return assume();
      default: return book.forget(model::Uid(numbered("try", 2)));
    }
  }

  // Answers of every candidate on every node: the reasons; a single text for one that is refused everywhere.
  using Answers = std::map<std::pair<std::uint32_t, Slot>, Texts>;
  Answers answers() {
    Answers result;
    for (const DemandId demand : demands_) {
      for (Slot slot = 0; slot < 3; ++slot) {
        Texts& texts_there = result[{demand.v, slot}];
        if (const PodRefusal* everywhere = book.pod_refusal(demand)) {
          texts_there = {everywhere->text};
        } else if (const auto refusal = book.refusal(demand, slot, at(slot))) {
          texts_there = texts(*refusal);
        }
      }
    }
    return result;
  }
  std::map<std::uint32_t, std::uint64_t> generations() {
    std::map<std::uint32_t, std::uint64_t> result;
    for (const DemandId demand : demands_) result[demand.v] = book.generation(demand);
    return result;
  }

  // What nobody has assumed anything of is as the plain recomputation says.
  void compare() {
    const auto pods = candidates();
    for (std::size_t i = 0; i < pods.size(); ++i) {
      if (book.pod_refusal(demands_[i]) != nullptr) continue;
      for (Slot slot = 0; slot < 3; ++slot) {
        const auto refusal = book.refusal(demands_[i], slot, at(slot));
        const bool restricted = plain.restricted(pods[i], slot);
        RC_ASSERT(restricted == (refusal && refusal->plugin == VolumePlugin::restrictions));
        if (restricted) continue;
        const bool limited = plain.limited(pods[i], slot, at(slot));
        RC_ASSERT(limited == (refusal && refusal->plugin == VolumePlugin::node_limits));
        if (limited) continue;
        const auto reasons = plain.unbindable(pods[i], at(slot));
        std::set<VolumeReason> told;
        for (std::size_t bit = 0; bit < kVolumeReasonCount; ++bit) {
          const auto reason = static_cast<VolumeReason>(bit);
          if (refusal && refusal->has(reason) && reason != VolumeReason::zone_conflict) told.insert(reason);
        }
        RC_ASSERT(told == reasons);
      }
    }
  }
  void forget_all() {
    book.forget(model::Uid("try0"));
    book.forget(model::Uid("try1"));
  }

  Plain plain;

 private:
  static std::vector<model::Pod> candidates() {
    return {a_pod("a", {uses("c0")}), a_pod("b", {uses("c1"), uses("c2")}),
            a_pod("c", {uses("c3"), disk(model::VolumeKind::aws_disk, "vol-1")}),
            a_pod("d", {disk(model::VolumeKind::gce_disk, "d", true)}), a_pod("e", {uses("c2"), disk(model::VolumeKind::gce_disk, "d")})};
  }

  void claim_event() {
    model::VolumeClaim claim = a_claim(numbered("c", 4), numbered("s", 2));
    if (sometimes()) {
      plain.claims.erase(claim.key);
      return book.step(model::VolumeClaimGone{claim.key});
    }
    claim.request = some_size();
    if (sometimes()) claim.access_modes = {"ReadWriteOncePod"};
    if (sometimes()) claim.selected_node = numbered("n", 3);
    if (*rc::gen::arbitrary<bool>()) {
      claim.volume_name = numbered("v", 4);
      claim.bound = true;
    }
    plain.claims[claim.key] = claim;
    see(claim);
  }

  void volume_event() {
    model::Volume volume = csi_volume(numbered("v", 4), kDrivers[*rc::gen::inRange<std::size_t>(0, 2)], numbered("h", 3));
    if (sometimes()) {
      plain.volumes.erase(volume.name);
      return book.step(model::VolumeGone{volume.name});
    }
    volume.storage_class = numbered("s", 2);
    volume.capacity = some_size();
    volume.access_modes = {"ReadWriteOnce", "ReadWriteOncePod"};
    if (sometimes()) volume.csi_driver.clear();
    if (sometimes()) volume.phase = "Released";
    if (sometimes()) volume = on_node(volume, numbered("n", 3));
    if (sometimes()) {
      volume.node_terms = {term("zone", {"a"}), term("kubernetes.io/hostname", {"n1"})};
      volume.has_node_affinity = true;
    }
    if (sometimes()) volume.labels = {{std::string(kZone), "z"}};
    if (sometimes()) {
      volume.claim = key(numbered("c", 4));
      if (*rc::gen::arbitrary<bool>()) volume.claim_uid = model::Uid("uid-" + volume.claim->name);
    }
    plain.volumes[volume.name] = volume;
    see(volume);
  }

  void class_event() {
    model::StorageClass one =
        waiting_class(numbered("s", 2), one_of({"csi.example.com", "kubernetes.io/no-provisioner", "kubernetes.io/aws-ebs"}));
    if (sometimes()) one.allowed_topologies = {term("zone", {"a"})};
    if (*rc::gen::inRange(0, 8) == 0) {
      plain.classes.erase(one.name);
      return book.step(model::StorageClassGone{one.name});
    }
    plain.classes[one.name] = one;
    see(one);
  }

  void driver_event() {
    model::CsiDriver driver{kDrivers[*rc::gen::inRange<std::size_t>(0, 2)], *rc::gen::arbitrary<bool>(), true, sometimes()};
    if (sometimes()) {
      plain.drivers.erase(driver.name);
      return book.step(model::CsiDriverGone{driver.name});
    }
    plain.drivers[driver.name] = driver;
    see(driver);
  }

  void csi_node_event() {
    model::CsiNode csi{model::NodeName(numbered("n", 3)), {}, {}};
    if (sometimes()) {
      plain.csi.erase(csi.node.v);
      return book.step(model::CsiNodeGone{csi.node});
    }
    for (const char* driver : kDrivers) {
      if (sometimes()) continue;
      csi.drivers.push_back({driver, {}, {}});
      if (!sometimes()) csi.drivers.back().attach_limit = *rc::gen::inRange(0, 4);
    }
    plain.csi[csi.node.v] = csi;
    see(csi);
  }

  void capacity_event() {
    model::CsiStorageCapacity capacity{{"ns", numbered("cap", 3)}, numbered("s", 2), some_size(), {}, model::LabelSelector{}};
    if (*rc::gen::arbitrary<bool>()) capacity.node_topology = term("zone", {"a"}).match_labels;
    if (sometimes()) {
      plain.capacities.erase(capacity.key);
      return book.step(model::CsiStorageCapacityGone{capacity.key});
    }
    plain.capacities[capacity.key] = capacity;
    see(capacity);
  }

  void attachment_event() {
    const model::VolumeAttachment attachment{numbered("va", 3), kDrivers[*rc::gen::inRange<std::size_t>(0, 2)],
                                             model::NodeName(numbered("n", 3)), numbered("v", 4)};
    if (sometimes()) {
      plain.attachments.erase(attachment.name);
      return book.step(model::VolumeAttachmentGone{attachment.name});
    }
    plain.attachments[attachment.name] = attachment;
    see(attachment);
  }

  void pod_comes() {
    const auto pods = candidates();
    const auto slot = static_cast<Slot>(*rc::gen::inRange(0, 3));
    const model::Pod& pod = pods[*rc::gen::inRange<std::size_t>(0, pods.size())];
    plain.pods.emplace_back(slot, pod);
    book.add_pod(slot, pod);
  }

  void pod_goes() {
    if (plain.pods.empty()) return;
    const auto which = plain.pods.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(plain.pods));
    book.remove_pod(which->first, which->second);
    plain.pods.erase(which);
  }

  void assume() {
    const auto slot = static_cast<Slot>(*rc::gen::inRange(0, 3));
    book.assume(demands_[*rc::gen::inRange<std::size_t>(0, demands_.size())], model::Uid(numbered("try", 2)), slot, at(slot));
  }

  std::vector<DemandId> demands_;
};

RC_GTEST_PROP(VolumeBookProperty, AnswersAreThoseOfARecomputation, ()) {
  RandomCluster cluster;
  const int events = *rc::gen::inRange(20, 120);
  for (int i = 0; i < events; ++i) cluster.act();
  cluster.forget_all();
  cluster.compare();
}

RC_GTEST_PROP(VolumeBookProperty, EveryChangeOfAnAnswerIsAnnounced, ()) {
  RandomCluster cluster;
  for (int i = *rc::gen::inRange(0, 60); i > 0; --i) cluster.act();
  cluster.book.take_changes();
  for (int i = 0; i < 10; ++i) {
    const auto before = cluster.answers();
    const auto generations = cluster.generations();
    cluster.act();
    const VolumeChanges changes = cluster.book.take_changes();
    const auto after = cluster.answers();
    const auto generations_after = cluster.generations();
    for (const auto& [where, texts] : after) {
      if (texts == before.at(where)) continue;
      const auto demand = std::ranges::find(changes.demands, DemandId{where.first}, &DemandChange::demand);
      const auto slot = std::ranges::find(changes.slots, where.second, &SlotChange::slot);
      RC_ASSERT(demand != changes.demands.end() || slot != changes.slots.end());
      if (slot == changes.slots.end()) RC_ASSERT(generations_after.at(where.first) > generations.at(where.first));
      if (!texts.empty()) continue;
      RC_ASSERT((demand != changes.demands.end() && demand->better) || (slot != changes.slots.end() && slot->better));
    }
  }
}

RC_GTEST_PROP(VolumeBookProperty, ATrialThatIsTakenBackLeavesNoTrace, ()) {
  RandomCluster cluster;
  for (int i = *rc::gen::inRange(0, 80); i > 0; --i) cluster.act();
  cluster.book.take_changes();
  const auto before = cluster.answers();
  for (const auto& [slot, pod] : cluster.plain.pods) cluster.book.take_out(slot, pod);
  for (const auto& [slot, pod] : cluster.plain.pods) cluster.book.put_back(slot, pod);
  RC_ASSERT(cluster.answers() == before);
  RC_ASSERT(cluster.book.take_changes().empty());
}

}   // namespace
}   // namespace ebb::core::volumes::testing
