#include "core/accelerators/pod_request.h"

#include "base/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace ebb::core::accelerators {
namespace {

constexpr std::string_view kTraceMilli = "alibabacloud.com/gpu-milli";
constexpr std::string_view kTraceCount = "alibabacloud.com/gpu-count";
constexpr std::string_view kTraceModels = "alibabacloud.com/gpu-card-model";

// More than any node has: whoever asks for more is refused all the same, and sums stay small.
constexpr std::int64_t kMostAsked = static_cast<std::int64_t>(kMaxDevices) + 1;

struct Stated {
  std::int64_t count = 0;
  std::int64_t share = 0;

  friend bool operator==(const Stated&, const Stated&) = default;
};

std::string words(const Stated& stated) {
  const std::string_view devices = stated.count == 1 ? "device" : "devices";
  if (stated.share == kWholeDevice.v) return fmt::format("{} whole {}", stated.count, devices);
  return fmt::format("{}/1000 of {} {}", stated.share, stated.count, devices);
}

bool names_devices(const model::Resources& resources) {
  return std::ranges::any_of(resources.scalars, [](const auto& scalar) { return is_about_devices(scalar.first); });
}

// Every pod is asked, and almost none has anything to say. Which models will do says nothing by itself.
bool says_anything(const model::Pod& pod) {
  const auto stated = [&](std::string_view key) { return pod.annotations.contains(key); };
  if (!pod.annotations.empty() && std::ranges::any_of(std::array{kGpuCountAnnotation, kTraceMilli, kTraceCount}, stated)) return true;
  const auto of_container = [](const model::Container& container) { return names_devices(container.requests); };
  return names_devices(pod.overhead) || (pod.pod_requests && names_devices(*pod.pod_requests)) ||
         std::ranges::any_of(pod.containers, of_container) || std::ranges::any_of(pod.init_containers, of_container);
}

const std::string* annotation(const model::Pod& pod, std::string_view key) {
  const auto found = pod.annotations.find(key);
  return found == pod.annotations.end() ? nullptr : &found->second;
}

// None: there is no such annotation.
Result<std::optional<std::int64_t>> number(const model::Pod& pod, std::string_view key, std::int64_t least, std::int64_t most) {
  const std::string* text = annotation(pod, key);
  if (text == nullptr) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size() || value < least || value > most)
    return fail(Errc::invalid, "annotation {} is \"{}\", it must be a number from {} to {}", key, *text, least, most);
  return value;
}

// Up to one device a share, beyond that whole ones.
Result<Stated> of_amount(std::int64_t amount, std::int64_t device, std::string_view name) {
  if (amount <= device) return Stated{1, amount * kWholeDevice.v / device};
  if (amount % device == 0) return Stated{amount / device, kWholeDevice.v};
  return fail(Errc::invalid, "{} is {}, it must be from 1 to {} or a multiple of {}", name, amount, device, device);
}

using Found = Result<std::optional<Stated>>;

Found own_share(const model::Pod& pod, const model::Resources& requests) {
  EBB_TRY(const std::optional<std::int64_t> count, number(pod, kGpuCountAnnotation, 1, kMostAsked));
  const std::int64_t milli = requests.scalar(kGpuMilliResource);
  if (milli <= 0) {
    if (count) return fail(Errc::invalid, "annotation {} is there and {} is not asked for", kGpuCountAnnotation, kGpuMilliResource);
    return std::nullopt;
  }
  if (!count) {
    EBB_TRY(const Stated stated, of_amount(milli, kWholeDevice.v, kGpuMilliResource));
    return stated;
  }
  if (milli > kWholeDevice.v) return fail(Errc::invalid, "{} is {} of each device, it must be from 1 to 1000", kGpuMilliResource, milli);
  return Stated{*count, milli};
}

// Percent of computing and of memory: the larger one is what no other pod can have.
Found koordinator_share(const model::Resources& requests) {
  std::int64_t percent = 0;
  std::string_view name;
  for (const std::string_view resource : share_resources().subspan(1)) {
    const std::int64_t amount = requests.scalar(resource);
    if (amount <= percent) continue;
    percent = amount;
    name = resource;
  }
  if (percent == 0) return std::nullopt;
  EBB_TRY(const Stated stated, of_amount(percent, 100, name));
  return stated;
}

Found trace_share(const model::Pod& pod) {
  EBB_TRY(const std::optional<std::int64_t> milli, number(pod, kTraceMilli, 0, kWholeDevice.v));
  EBB_TRY(const std::optional<std::int64_t> count, number(pod, kTraceCount, 0, kMostAsked));
  if (!milli && !count) return std::nullopt;
  const Stated stated{count.value_or(1), milli.value_or(kWholeDevice.v)};
  if (stated.count == 0 || stated.share == 0) return std::nullopt;
  return stated;
}

Result<std::vector<std::string>> models_of(const model::Pod& pod) {
  std::vector<std::string> models;
  for (const std::string_view key : {kGpuModelsAnnotation, kTraceModels}) {
    const std::string* text = annotation(pod, key);
    if (text == nullptr) continue;
    for (std::string_view rest = *text; !rest.empty();) {
      const std::size_t end = std::min(rest.find_first_of(",|"), rest.size());
      std::string_view name = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      while (name.starts_with(' ')) name.remove_prefix(1);
      while (name.ends_with(' ')) name.remove_suffix(1);
      if (!name.empty()) models.emplace_back(name);
    }
    if (models.empty() && key == kGpuModelsAnnotation) return fail(Errc::invalid, "annotation {} is \"{}\", it names no model", key, *text);
    if (!models.empty()) break;
  }
  std::ranges::sort(models);
  const auto repeated = std::ranges::unique(models);
  models.erase(repeated.begin(), repeated.end());
  return models;
}

Result<PodDevices> read(const model::Pod& pod) {
  const model::Resources requests = model::effective_requests(pod);
  PodDevices devices;
  devices.request.cpu = requests.cpu;
  std::optional<Stated> stated;
  std::string_view whole;
  for (std::size_t kind = 0; kind < device_resources().size() && !stated; ++kind) {
    const std::int64_t amount = requests.scalar(device_resources()[kind].name);
    if (amount <= 0) continue;
    stated = Stated{amount, kWholeDevice.v};
    devices.kind = static_cast<DeviceKind>(kind);
    whole = device_resources()[kind].name;
  }
  EBB_TRY(const std::optional<Stated> own, own_share(pod, requests));
  EBB_TRY(const std::optional<Stated> koordinator, koordinator_share(requests));
  EBB_TRY(const std::optional<Stated> trace, trace_share(pod));
  for (const std::optional<Stated>& other : {own, koordinator, trace}) {
    if (!other) continue;
    if (stated && *stated != *other) {
      const std::string first = whole.empty() ? words(*stated) : fmt::format("{} {}", stated->count, whole);
      return fail(Errc::invalid, "the pod asks for {} and for {}: one or the other", first, words(*other));
    }
    stated = *other;
  }
  if (!stated) return devices;
  devices.request.count = static_cast<std::int32_t>(std::min(stated->count, kMostAsked));
  devices.request.share = GpuMilli{stated->share};
  EBB_TRY(devices.request.models, models_of(pod));
  return devices;
}

}   // namespace

PodDevices devices_of(const model::Pod& pod) {
  if (!says_anything(pod)) return {};
  Result<PodDevices> devices = read(pod);
  if (devices) return *std::move(devices);
  PodDevices refused;
  refused.problem = devices.error().message;
  return refused;
}

}   // namespace ebb::core::accelerators
