#pragma once

// Which images are on how many nodes: an image that many nodes have is less of a reason to go to one
// of them. (kube-scheduler's ImageLocality)

#include "base/units.h"
#include "model/node.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ebb::core::placement {

using ImageId = std::uint32_t;
// Of one node: sizes in bytes, ordered by id.
using NodeImages = std::vector<std::pair<ImageId, std::int64_t>>;

class ImageIndex {
 public:
  // Counts the node's images, in place of those it had before.
  void replace(NodeImages& held, const std::vector<model::NodeImage>& images);
  // Grows with every change of which images are where.
  std::uint64_t generation() const { return generation_; }
  bool empty() const { return ids_.empty(); }

  // An image's name as it stands in a container: without a tag it is the latest.
  static std::string normalized(std::string_view image);
  // 0..100 for the images of all of a pod's containers, names normalized.
  std::int64_t points(const NodeImages& held, const std::vector<std::string>& wanted, std::size_t nodes) const;

 private:
  ImageId intern(const std::string& name);
  void release(ImageId id);

  std::unordered_map<std::string, ImageId> ids_;
  std::vector<std::string> names_;
  std::vector<std::int64_t> nodes_;   // that have it
  std::vector<ImageId> unused_;
  std::uint64_t generation_ = 1;
};

}   // namespace ebb::core::placement
