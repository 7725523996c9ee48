#pragma once

// One case of the kubelet oracle: a machine, a configuration, what happens to its pods, and what the kubelet answered.

#include "core/numa/kubelet_model.h"

#include <string>
#include <string_view>
#include <vector>

namespace ebb::oracle {

struct Block {
  std::string type;
  std::vector<int> nodes;   // ids
  std::int64_t mebibytes = 0;

  friend bool operator==(const Block&, const Block&) = default;
};

struct Granted {
  std::string container;
  std::string cpus;
  std::vector<Block> memory;

  friend bool operator==(const Granted&, const Granted&) = default;
};

struct Event {
  enum class What { add, start, remove } what = What::add;
  core::numa::PodDemand pod;
  bool admitted = false;
  std::string reason;
  std::string message;
  std::vector<Granted> granted;   // of an admitted pod
  std::string shared;             // the shared pool afterwards; empty: not recorded
};

struct Case {
  core::numa::Machine machine;
  core::numa::KubeletConfig config;
  std::string config_error;   // the options themselves are wrong
  std::string error;          // the kubelet did not start
  std::vector<Event> events;
};

Result<Case> parse_case(std::string_view json);

// Empty: Ebb answers the same. Otherwise the first difference, and where.
std::string difference(const Case& one);

}   // namespace ebb::oracle
