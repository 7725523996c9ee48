#pragma once

// The messages that this server reads as protobuf, field by field: those that clients send so
// whatever they are told (definitions and delete options of generated clients, access reviews).

#include <cstdint>
#include <string_view>

namespace ebb::sandbox {

// What becomes of a value in JSON. Go sends zero values where JSON has nothing; the kept forms are those where zero says something.
enum class ProtobufForm { text, flag, kept_flag, integer, kept_integer, number, time, raw_json, message };
enum class ProtobufShape { one, many, map };

struct ProtobufField {
  std::string_view message;
  std::uint64_t number = 0;
  std::string_view name;   // in JSON
  ProtobufForm form = ProtobufForm::text;
  ProtobufShape shape = ProtobufShape::one;
  std::string_view type;   // of a message
};

const ProtobufField* protobuf_field(std::string_view message, std::uint64_t number);   // null: none that matters
bool is_protobuf_message(std::string_view message);

}   // namespace ebb::sandbox
