#pragma once

// An affinity term made independent of the pod it stands in, and the two indexes that find what a
// term matches, and which terms match a pod, without trying them all.

#include "model/label_selector.h"
#include "model/names.h"
#include "model/pod_affinity.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ebb::core::affinity {

// Labels of the namespaces that exist.
using Namespaces = std::unordered_map<std::string, model::Labels>;

struct Term {
  std::vector<std::string> namespaces;   // sorted, each once
  std::optional<model::LabelSelector> namespace_selector;
  std::optional<model::LabelSelector> selector;   // none: matches no pod

  friend bool operator==(const Term&, const Term&) = default;
};

Term make_term(const model::PodAffinityTerm& term, const std::string& own_namespace);

// A namespace that is not known has no labels for the terms of pods that exist already, while the pod
// to be placed looks for namespaces that exist. (kube-scheduler lists them for the latter only)
enum class UnknownNamespace : std::uint8_t { has_no_labels, is_not_selected };

struct LabelledPod {
  const std::string& ns;
  const model::Labels& labels;
};

bool matches(const Term& term, LabelledPod pod, const Namespaces& namespaces, UnknownNamespace unknown);
std::size_t hash_of(const Term& term);
std::size_t hash_of(const model::Labels& labels);
inline std::size_t mixed(std::size_t hash, std::size_t with) { return (hash ^ with) * 0x9E3779B97F4A7C15ull + (with >> 29); }

// Things with a namespace and labels, to be found by a term.
class LabelIndex {
 public:
  void add(std::uint32_t id, LabelledPod pod);
  void remove(std::uint32_t id, LabelledPod pod);

  // Those that the term may match, each once: all that it does match, and others.
  std::vector<std::uint32_t> candidates(const Term& term) const;
  std::vector<std::uint32_t> in_namespace(const std::string& ns) const;

 private:
  struct Bucket {
    std::vector<std::uint32_t> all;
    std::unordered_map<std::string, std::vector<std::uint32_t>> by_label;
  };
  static void collect(const Bucket& bucket, const model::LabelSelector& selector, std::vector<std::uint32_t>& out);

  std::unordered_map<std::string, Bucket> namespaces_;
};

// Terms, to be found by what they may match.
class TermIndex {
 public:
  void add(std::uint32_t id, const Term& term);
  void remove(std::uint32_t id, const Term& term);

  // Those that may match the pod, each once.
  std::vector<std::uint32_t> candidates(LabelledPod pod) const;

 private:
  std::unordered_map<std::string, std::vector<std::uint32_t>> buckets_;
};

}   // namespace ebb::core::affinity
