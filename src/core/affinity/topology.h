#pragma once

// Node labels as columns: for every topology key in use, the domain of each slot. Domain 0 means
// that the node has no such label, or that there is no node.

#include "core/affinity/requirement_spec.h"
#include "model/names.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ebb::core::affinity {

using KeyId = std::uint32_t;
using Domain = std::uint32_t;

constexpr Domain kNoDomain = 0;
constexpr std::string_view kHostnameLabel = "kubernetes.io/hostname";

struct KeyContent {
  enum class Kind : std::uint8_t {
    label,            // the label's values
    label_or_empty,   // as if nodes without the label had it, with an empty value
    node,             // each node for itself, whatever its labels; the name is empty
  };
  Kind kind = Kind::label;
  std::string name;

  friend auto operator<=>(const KeyContent&, const KeyContent&) = default;
};

class Topology {
 public:
  // Makes the column of a key that was not in use.
  KeyId acquire(const KeyContent& content);
  void hold(KeyId key) { ++keys_[key].holders; }
  void release(KeyId key);

  // The labels of the node in that slot; none: there is no node. A change has three steps, so that what
  // is counted can be taken out of the old domains and put into the new ones: columns stay as they are until
  // apply(), and it is told which ones change until finish().
  void prepare(Slot slot, std::optional<model::Labels> labels);
  bool changes(KeyId key) const { return keys_[key].changes; }
  bool any_change() const { return any_change_; }
  bool will_have(KeyId key) const { return value_of(keys_[key].content, slot_, next_).has_value(); }
  void apply();
  void finish();

  bool present(Slot slot) const { return slot < nodes_.size() && nodes_[slot].has_value(); }
  std::size_t slots() const { return nodes_.size(); }
  const std::vector<Domain>& column(KeyId key) const { return keys_[key].column; }
  Domain domain(KeyId key, Slot slot) const { return slot < keys_[key].column.size() ? keys_[key].column[slot] : kNoDomain; }
  // One more than the largest domain.
  std::size_t domains(KeyId key) const { return keys_[key].domains.size(); }
  // Grows when the column changes.
  std::uint64_t generation(KeyId key) const { return keys_[key].generation; }
  std::size_t keys() const { return ids_.size() - idle_.size(); }

 private:
  struct DomainUse {
    std::string value;
    std::uint32_t slots = 0;
  };
  struct Key {
    KeyContent content;
    std::uint32_t holders = 0;
    std::vector<Domain> column;   // by slot
    std::vector<DomainUse> domains;
    std::unordered_map<std::string, Domain> by_value;
    std::vector<Domain> unused;
    std::uint64_t generation = 0;
    bool changes = false;
  };

  static std::optional<std::string> value_of(const KeyContent& content, Slot slot, const std::optional<model::Labels>& labels);
  void drop(KeyId id);
  void set(Key& key, Slot slot, const std::optional<model::Labels>& labels);

  std::vector<std::optional<model::Labels>> nodes_;
  std::vector<Key> keys_;
  std::map<KeyContent, KeyId> ids_;
  std::vector<KeyId> unused_;
  std::vector<KeyId> idle_;   // held by nobody, the longest first: a few are kept up to date, for they often come again

  // Between prepare() and finish().
  Slot slot_ = 0;
  std::optional<model::Labels> next_;
  bool any_change_ = false;
};

}   // namespace ebb::core::affinity
