#include "core/affinity/topology.h"

#include "base/check.h"

#include <utility>

namespace ebb::core::affinity {
namespace {

constexpr std::size_t kIdleKept = 8;

}   // namespace

std::optional<std::string> Topology::value_of(const KeyContent& content, Slot slot, const std::optional<model::Labels>& labels) {
  if (!labels) return std::nullopt;
  if (content.kind == KeyContent::Kind::node) return std::to_string(slot);
  const auto label = labels->find(content.name);
  if (label != labels->end()) return label->second;
  if (content.kind == KeyContent::Kind::label_or_empty) return std::string();
  return std::nullopt;
}

KeyId Topology::acquire(const KeyContent& content) {
  const auto [known, fresh] = ids_.try_emplace(content, static_cast<KeyId>(keys_.size()));
  if (!fresh) {
    if (keys_[known->second].holders++ == 0) std::erase(idle_, known->second);
    return known->second;
  }
  if (unused_.empty()) {
    keys_.emplace_back();
  } else {
    known->second = unused_.back();
    unused_.pop_back();
  }
  Key& key = keys_[known->second];
  key.content = content;
  key.holders = 1;
  key.domains.resize(1);
  key.column.resize(nodes_.size(), kNoDomain);
  for (Slot slot = 0; slot < nodes_.size(); ++slot) set(key, slot, nodes_[slot]);
  return known->second;
}

void Topology::release(KeyId id) {
  Key& key = keys_[id];
  EBB_CHECK(key.holders > 0);
  if (--key.holders > 0) return;
  idle_.push_back(id);
  if (idle_.size() <= kIdleKept) return;
  drop(idle_.front());
  idle_.erase(idle_.begin());
}

void Topology::drop(KeyId id) {
  ids_.erase(keys_[id].content);
  keys_[id] = Key();
  unused_.push_back(id);
}

void Topology::set(Key& key, Slot slot, const std::optional<model::Labels>& labels) {
  if (const Domain before = std::exchange(key.column[slot], kNoDomain); before != kNoDomain && --key.domains[before].slots == 0) {
    key.by_value.erase(key.domains[before].value);
    key.domains[before].value.clear();
    key.unused.push_back(before);
  }
  std::optional<std::string> value = value_of(key.content, slot, labels);
  if (!value) return;
  const auto [known, fresh] = key.by_value.try_emplace(*value, static_cast<Domain>(key.domains.size()));
  if (fresh) {
    if (key.unused.empty()) {
      key.domains.emplace_back();
    } else {
      known->second = key.unused.back();
      key.unused.pop_back();
    }
    key.domains[known->second].value = std::move(*value);
  }
  key.column[slot] = known->second;
  ++key.domains[known->second].slots;
}

void Topology::prepare(Slot slot, std::optional<model::Labels> labels) {
  if (slot >= nodes_.size()) {
    nodes_.resize(std::size_t{slot} + 1);
    for (const auto& [content, id] : ids_) keys_[id].column.resize(nodes_.size(), kNoDomain);
  }
  slot_ = slot;
  next_ = std::move(labels);
  any_change_ = false;
  const bool same = nodes_[slot] == next_;
  for (const auto& [content, id] : ids_) {
    Key& key = keys_[id];
    key.changes = !same && value_of(content, slot, nodes_[slot]) != value_of(content, slot, next_);
    any_change_ = any_change_ || key.changes;
  }
}

void Topology::apply() {
  for (const auto& [content, id] : ids_) {
    Key& key = keys_[id];
    if (!key.changes) continue;
    set(key, slot_, next_);
    ++key.generation;
  }
}

void Topology::finish() {
  for (const auto& [content, id] : ids_) keys_[id].changes = false;
  nodes_[slot_] = std::move(next_);
  next_.reset();
  any_change_ = false;
}

}   // namespace ebb::core::affinity
