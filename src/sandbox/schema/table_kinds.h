#pragma once

// The columns of each built-in kind, in the order and under the names in which the real server
// shows them.

#include "sandbox/schema/table_cells.h"

#include <span>

namespace ebb::sandbox::table {

struct Column {
  std::string_view name;
  Cell cell;
  std::string_view word;
  std::string_view type = "string";
  bool wide = false;   // priority 1: shown with -o wide
};

// Empty for kinds that have the two columns Name and Created At only.
std::span<const Column> columns_of(std::string_view group, std::string_view resource);

// table_pod.cc
json::value pod_ready(const Row& row, std::string_view);
json::value pod_status(const Row& row, std::string_view);
json::value pod_restarts(const Row& row, std::string_view);
json::value pod_gates(const Row& row, std::string_view);

// table_special.cc
json::value node_status(const Row& row, std::string_view);
json::value node_roles(const Row& row, std::string_view);
json::value node_address(const Row& row, std::string_view type);
json::value node_kernel(const Row& row, std::string_view);
json::value job_status(const Row& row, std::string_view);
json::value job_completions(const Row& row, std::string_view);
json::value job_duration(const Row& row, std::string_view);
json::value service_ports(const Row& row, std::string_view);
json::value service_external(const Row& row, std::string_view);
json::value phase_or_terminating(const Row& row, std::string_view);
json::value access_modes(const Row& row, std::string_view path);
json::value claim_capacity(const Row& row, std::string_view);
json::value volume_claim(const Row& row, std::string_view);
json::value quota(const Row& row, std::string_view which);

// table_more.cc
json::value event_last_seen(const Row& row, std::string_view);
json::value event_first_seen(const Row& row, std::string_view);
json::value event_object(const Row& row, std::string_view);
json::value event_source(const Row& row, std::string_view);
json::value event_count(const Row& row, std::string_view);
json::value either(const Row& row, std::string_view paths);   // the first of "A B" that says something
json::value kind_and_name(const Row& row, std::string_view path);
json::value subjects(const Row& row, std::string_view kind);
json::value endpoints(const Row& row, std::string_view);
json::value slice_ports(const Row& row, std::string_view);
json::value slice_endpoints(const Row& row, std::string_view);
json::value ingress_hosts(const Row& row, std::string_view);
json::value ingress_address(const Row& row, std::string_view);
json::value ingress_ports(const Row& row, std::string_view);
json::value class_name(const Row& row, std::string_view);
json::value short_names(const Row& row, std::string_view);
json::value parent_reference(const Row& row, std::string_view);
json::value component_status(const Row& row, std::string_view);
json::value component_message(const Row& row, std::string_view);
json::value component_error(const Row& row, std::string_view);
json::value crd_versions(const Row& row, std::string_view);
json::value condition_true(const Row& row, std::string_view type);
json::value autoscaler_targets(const Row& row, std::string_view);
json::value request_condition(const Row& row, std::string_view);
json::value api_service(const Row& row, std::string_view);
json::value api_service_available(const Row& row, std::string_view);

}   // namespace ebb::sandbox::table
