#include "core/placement/image_index.h"

#include <algorithm>

namespace ebb::core::placement {
namespace {

constexpr std::int64_t kFewestBytes = std::int64_t{23} << 20;
constexpr std::int64_t kMostBytesPerContainer = std::int64_t{1000} << 20;

}   // namespace

void ImageIndex::replace(NodeImages& held, const std::vector<model::NodeImage>& images) {
  NodeImages now;
  for (const model::NodeImage& image : images) {
    for (const std::string& name : image.names) now.emplace_back(intern(name), image.size.v);
  }
  std::ranges::sort(now);
  const auto repeated = std::ranges::unique(now, {}, [](const auto& one) { return one.first; });
  now.erase(repeated.begin(), repeated.end());
  if (now == held) return;
  for (const auto& [id, size] : now) ++nodes_[id];
  for (const auto& [id, size] : held) release(id);
  held = std::move(now);
  ++generation_;
}

std::string ImageIndex::normalized(std::string_view image) {
  const std::size_t colon = image.rfind(':');
  const std::size_t slash = image.rfind('/');
  const bool tagged = colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
  return tagged ? std::string(image) : std::string(image) + ":latest";
}

std::int64_t ImageIndex::points(const NodeImages& held, const std::vector<std::string>& wanted, std::size_t nodes) const {
  if (held.empty() || wanted.empty() || nodes == 0) return 0;
  std::int64_t sum = 0;
  for (const std::string& name : wanted) {
    const auto id = ids_.find(name);
    if (id == ids_.end()) continue;
    const auto found = std::ranges::lower_bound(held, id->second, {}, [](const auto& one) { return one.first; });
    if (found == held.end() || found->first != id->second) continue;
    const double share = static_cast<double>(nodes_[id->second]) / static_cast<double>(nodes);
    sum += static_cast<std::int64_t>(static_cast<double>(found->second) * share);
  }
  const std::int64_t most = kMostBytesPerContainer * static_cast<std::int64_t>(wanted.size());
  return 100 * (std::clamp(sum, kFewestBytes, most) - kFewestBytes) / (most - kFewestBytes);
}

ImageId ImageIndex::intern(const std::string& name) {
  if (const auto found = ids_.find(name); found != ids_.end()) return found->second;
  if (unused_.empty()) {
    unused_.push_back(static_cast<ImageId>(nodes_.size()));
    names_.emplace_back();
    nodes_.push_back(0);
  }
  const ImageId id = unused_.back();
  unused_.pop_back();
  names_[id] = name;
  ids_.emplace(name, id);
  return id;
}

void ImageIndex::release(ImageId id) {
  if (--nodes_[id] > 0) return;
  ids_.erase(names_[id]);
  names_[id].clear();
  unused_.push_back(id);
}

}   // namespace ebb::core::placement
