// What is published about the NUMA nodes of machines, in both dialects.

#include "kube/decode_fields.h"
#include "model/quantity.h"

#include <charconv>
#include <utility>

namespace ebb::kube {
namespace {

// The CPU in thousandths, everything else whole. The name decides how the amounts are read and may stand behind them, so the texts are kept
// until all are known.
Status read_zone_resource(JsonValue value, model::ZoneResource& resource) {
  struct Amount {
    std::string text;
    std::int64_t model::ZoneResource::* to;
  };
  std::vector<Amount> amounts;
  EBB_TRY_VOID(each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "name") return read(field, resource.name);
    std::int64_t model::ZoneResource::* to = nullptr;
    if (key == "capacity") to = &model::ZoneResource::capacity;
    if (key == "allocatable") to = &model::ZoneResource::allocatable;
    if (key == "available") to = &model::ZoneResource::available;
    if (to == nullptr || json_is_null(field)) return {};
    EBB_TRY(const std::string_view text, read_quantity_text(field));
    amounts.push_back({std::string(text), to});
    return {};
  }));
  for (const Amount& amount : amounts) {
    if (resource.name == "cpu") {
      EBB_TRY(const MilliCpu cpu, model::parse_cpu(amount.text));
      resource.*amount.to = cpu.v;
    } else {
      EBB_TRY(resource.*amount.to, model::parse_count(amount.text));
    }
  }
  return {};
}

Status read_named_text(JsonValue value, std::string& name, std::string& text) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "name") return read(field, name);
    if (key == "value") return read(field, text);
    return {};
  });
}

Status read_cost(JsonValue value, model::TopologyZone& zone) {
  auto& [name, cost] = zone.costs.emplace_back();
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "name") return read(field, name);
    if (key == "value") return read(field, cost);
    return {};
  });
}

Status read_zone(JsonValue value, model::TopologyZone& zone) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "name") return read(field, zone.name);
    if (key == "type") return read(field, zone.type);
    if (key == "costs") return each_item(field, [&](JsonValue item) { return read_cost(item, zone); });
    if (key == "resources")
      return each_item(field, [&](JsonValue item) { return read_zone_resource(item, zone.resources.emplace_back()); });
    return {};
  });
}

Status read_attribute(JsonValue value, model::NodeResourceTopology& topology) {
  std::string name;
  std::string text;
  EBB_TRY_VOID(read_named_text(value, name, text));
  if (name == "topologyManagerPolicy") {
    topology.policy = std::move(text);
  } else if (name == "topologyManagerScope") {
    topology.scope = std::move(text);
  } else {
    topology.attributes.insert_or_assign(std::move(name), std::move(text));
  }
  return {};
}

Result<Decoded> read_node_resource_topology(JsonObject object, Metadata& metadata) {
  model::NodeResourceTopology topology;
  EBB_TRY_VOID(read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) -> Status {
    if (key == "topologyPolicies") return read_texts(value, topology.topology_policies);
    if (key == "zones") return each_item(value, [&](JsonValue item) { return read_zone(item, topology.zones.emplace_back()); });
    if (key == "attributes") return each_item(value, [&](JsonValue item) { return read_attribute(item, topology); });
    return {};
  }));
  topology.node.v = metadata.key.name;
  return finish_object(std::move(metadata), model::NodeTopologySeen{std::move(topology)});
}

Status read_cpu(std::string_view number, JsonValue value, model::NumatopologyCpu& cpu) {
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), cpu.cpu);
  if (error != std::errc{} || end != number.data() + number.size()) return fail(Errc::invalid, "expected the number of a CPU");
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "numa") return read(field, cpu.numa);
    if (key == "socket") return read(field, cpu.socket);
    if (key == "core") return read(field, cpu.core);
    return {};
  });
}

Status read_numatopology_field(std::string_view key, JsonValue value, model::Numatopology& topology) {
  if (key == "policies") {
    return each_field(value, [&](std::string_view manager, JsonValue field) -> Status {
      if (manager == "CPUManagerPolicy") return read(field, topology.cpu_policy);
      if (manager == "TopologyManagerPolicy") return read(field, topology.topology_policy);
      return {};
    });
  }
  if (key == "resReserved") {
    return each_field(value, [&](std::string_view name, JsonValue field) -> Status {
      return name == "cpu" ? read(field, topology.reserved_cpu) : Status();
    });
  }
  if (key == "numares") {
    return each_field(value, [&](std::string_view name, JsonValue field) -> Status {
      model::NumatopologyResource& resource = topology.resources.emplace_back();
      resource.name = name;
      return each_field(field, [&](std::string_view part, JsonValue inner) -> Status {
        if (part == "allocatable") return read(inner, resource.allocatable);
        if (part == "capacity") return read(inner, resource.capacity);
        return {};
      });
    });
  }
  if (key == "cpuDetail") {
    return each_field(value,
                      [&](std::string_view number, JsonValue field) { return read_cpu(number, field, topology.cpus.emplace_back()); });
  }
  return {};
}

Result<Decoded> read_numatopology(JsonObject object, Metadata& metadata) {
  model::Numatopology topology;
  EBB_TRY_VOID(read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) -> Status {
    if (key != "spec") return {};
    return each_field(value, [&](std::string_view field, JsonValue inner) { return read_numatopology_field(field, inner, topology); });
  }));
  topology.node.v = metadata.key.name;
  return finish_object(std::move(metadata), model::NodeTopologySeen{std::move(topology)});
}

}   // namespace

Result<Decoded> read_topology_object(ObjectType type, JsonObject object, Metadata& metadata) {
  return type == ObjectType::numatopology ? read_numatopology(object, metadata) : read_node_resource_topology(object, metadata);
}

}   // namespace ebb::kube
