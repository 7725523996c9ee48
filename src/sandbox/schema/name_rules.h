#pragma once

// What Kubernetes allows as names, label keys and so on. Each function gives what is wrong, in the
// words of the real server; nothing where all is well.

#include <string>
#include <string_view>
#include <vector>

namespace ebb::sandbox::names {

using Problems = std::vector<std::string>;

Problems subdomain(std::string_view text);    // RFC 1123, up to 253 characters
Problems label(std::string_view text);        // RFC 1123, up to 63
Problems label_1035(std::string_view text);   // RFC 1035: starts with a letter
Problems qualified(std::string_view text);    // [prefix/]name, as label keys are
Problems label_value(std::string_view text);
Problems config_key(std::string_view text);     // key of a ConfigMap or Secret
Problems path_segment(std::string_view text);   // RBAC
Problems port_name(std::string_view text);      // IANA_SVC_NAME
Problems environment(std::string_view text);
Problems percent(std::string_view text);
Problems namespace_name(std::string_view text);   // a label, with a hint about dots

// A generateName is checked as if something proper followed it.
std::string prefix_of(std::string_view generate_name);

}   // namespace ebb::sandbox::names
