#pragma once

// Manifests as people keep them: YAML or JSON files, several documents to a file, Lists inside
// documents, folders of files. Each object remembers where it was written.

#include "base/result.h"

#include <boost/json.hpp>

#include <string>
#include <vector>

namespace ebb::cli {

struct Manifest {
  std::string file;
  int line = 1;
  boost::json::object object;
};

// `paths` are files, folders (their *.yaml, *.yml and *.json, in order of name) or "-" for standard
// input. Everything is read before anything is given back. Errors: not_found, io, invalid with FILE:LINE or where
// there is no object at all.
Result<std::vector<Manifest>> read_manifests(const std::vector<std::string>& paths);

// The documents of one text. Errors: invalid with FILE:LINE.
Result<std::vector<Manifest>> parse_manifests(const std::string& file, const std::string& text);

// "Deployment production/online-web-service", for messages.
std::string describe(const boost::json::object& object);

}   // namespace ebb::cli
