#include "sim/fgd/trace.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <initializer_list>
#include <set>
#include <utility>

namespace ebb::sim::fgd {
namespace {

using core::accelerators::GpuMilli;
using core::accelerators::kMaxDevices;
using core::accelerators::kWholeDevice;

std::vector<std::string_view> split(std::string_view line, char separator) {
  std::vector<std::string_view> fields;
  for (;;) {
    const std::size_t end = line.find(separator);
    fields.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return fields;
    line.remove_prefix(end + 1);
  }
}

// A CSV text without quotes, row by row, its columns by name.
class Table {
 public:
  Table(std::string_view text, std::string_view file) : rest_(text), file_(file) {}

  Status read_header(std::initializer_list<std::string_view> wanted) {
    if (!next_line()) return fail(Errc::invalid, "{}:1: the file is empty, a header line is expected", file_);
    header_ = fields_;
    for (const std::string_view name : wanted) {
      const auto found = std::find(header_.begin(), header_.end(), name);
      if (found == header_.end()) return fail(Errc::invalid, "{}:1: there is no column '{}'", file_, name);
      places_.push_back(static_cast<std::size_t>(found - header_.begin()));
      names_.push_back(name);
    }
    return {};
  }

  // After the wanted ones: a column that may be missing, and is empty then.
  void also_read(std::string_view name) {
    places_.push_back(static_cast<std::size_t>(std::find(header_.begin(), header_.end(), name) - header_.begin()));
    names_.push_back(name);
  }

  // False at the end. Empty lines are passed over.
  Result<bool> next_row() {
    do {
      if (!next_line()) return false;
    } while (fields_.size() == 1 && fields_.front().empty());
    if (fields_.size() != header_.size()) {
      return fail(Errc::invalid, "{}:{}: {} fields, the header has {}", file_, line_, fields_.size(), header_.size());
    }
    return true;
  }

  std::string_view text(std::size_t column) const { return places_[column] < fields_.size() ? fields_[places_[column]] : ""; }

  Result<std::int64_t> number(std::size_t column, std::int64_t low, std::int64_t high) const {
    const std::string_view field = text(column);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc() || end != field.data() + field.size() || value < low || value > high) {
      return fail(Errc::invalid, "{}:{}: {} is '{}', a number from {} to {} is expected", file_, line_, names_[column], field, low, high);
    }
    return value;
  }

  template <class... Args>
  std::unexpected<Error> wrong(fmt::format_string<Args...> format, Args&&... args) const {
    return fail(Errc::invalid, "{}:{}: {}", file_, line_, fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  bool next_line() {
    if (rest_.empty()) return false;
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    ++line_;
    fields_ = split(line, ',');
    return true;
  }

  std::string_view rest_;
  std::string_view file_;
  std::size_t line_ = 0;
  std::vector<std::string_view> fields_;
  std::vector<std::string_view> header_;
  std::vector<std::string_view> names_;
  std::vector<std::size_t> places_;
};

constexpr std::int64_t kMost = 1'000'000'000;   // milli-CPUs or MiB of one machine

std::vector<std::string> models_of(std::string_view spec) {
  std::vector<std::string> models;
  for (const std::string_view model : split(spec, '|')) {
    if (!model.empty()) models.emplace_back(model);
  }
  return models;
}

Result<TracePod> read_pod(const Table& table) {
  TracePod pod{.name = std::string(table.text(0)), .memory = {}, .request = {}};
  if (pod.name.empty()) return table.wrong("the pod has no name");
  EBB_TRY(pod.request.cpu.v, table.number(1, 0, kMost));
  EBB_TRY(const std::int64_t memory, table.number(2, 0, kMost));
  pod.memory = mebibytes(memory);
  EBB_TRY(const std::int64_t count, table.number(3, 0, static_cast<std::int64_t>(kMaxDevices)));
  if (count == 0) return pod;
  pod.request.count = static_cast<std::int32_t>(count);
  EBB_TRY(pod.request.share.v, table.number(4, 1, kWholeDevice.v));
  if (count > 1 && pod.request.share < kWholeDevice)
    return table.wrong("{} devices of {}/1000 each: several devices are whole ones", count, pod.request.share.v);
  pod.request.models = models_of(table.text(5));
  return pod;
}

Result<TraceNode> read_node(const Table& table) {
  TraceNode node{.name = std::string(table.text(0)), .memory = {}, .accelerators = {}};
  if (node.name.empty()) return table.wrong("the node has no name");
  EBB_TRY(node.accelerators.cpu_free.v, table.number(1, 0, kMost));
  EBB_TRY(const std::int64_t memory, table.number(2, 0, kMost));
  node.memory = mebibytes(memory);
  EBB_TRY(const std::int64_t count, table.number(3, 0, static_cast<std::int64_t>(kMaxDevices)));
  node.accelerators.devices.resize(static_cast<std::size_t>(count));
  node.accelerators.model = std::string(table.text(4));
  return node;
}

template <class Row, class Read>
Result<std::vector<Row>> read_all(Table& table, Read read) {
  std::vector<Row> rows;
  std::set<std::string> names;
  for (;;) {
    EBB_TRY(const bool more, table.next_row());
    if (!more) break;
    EBB_TRY(Row row, read(table));
    if (!names.insert(row.name).second) return table.wrong("'{}' is there twice", row.name);
    rows.push_back(std::move(row));
  }
  if (rows.empty()) return table.wrong("there is nothing after the header");
  return rows;
}

}   // namespace

Result<std::vector<TraceNode>> parse_nodes(std::string_view text, std::string_view file) {
  Table table(text, file);
  EBB_TRY_VOID(table.read_header({"sn", "cpu_milli", "memory_mib", "gpu", "model"}));
  return read_all<TraceNode>(table, read_node);
}

Result<std::vector<TracePod>> parse_pods(std::string_view text, std::string_view file) {
  Table table(text, file);
  EBB_TRY_VOID(table.read_header({"name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli"}));
  table.also_read("gpu_spec");
  return read_all<TracePod>(table, read_pod);
}

}   // namespace ebb::sim::fgd
