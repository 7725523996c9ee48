#pragma once

// Files that people keep their policies in, judged as the cluster would judge them: ConfigMaps with the
// policy's or the nodes' key, ColocationPolicy objects and the nodes' list by themselves, Lists of
// these, several documents to a file. Lines are the file's own, also inside a ConfigMap's text.

#include "model/finding.h"

#include <span>
#include <string>
#include <vector>

namespace ebb::model {

struct ConfigFile {
  std::string name;
  std::string text;
};

struct FileFinding {
  std::string file;
  Finding finding;

  friend bool operator==(const FileFinding&, const FileFinding&) = default;
};

// All files together: the nodes' list is laid over the policy that stands in any of them. A file with
// nothing of ours in it is wrong too. In the order of files and lines.
std::vector<FileFinding> check_config_files(std::span<const ConfigFile> files);

// "FILE:LINE: FIELD.PATH: MESSAGE".
std::string to_string(const FileFinding& found);

}   // namespace ebb::model
