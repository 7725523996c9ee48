#include "model/names.h"

namespace ebb::model {

std::string to_string(const ObjectKey& key) { return key.ns.empty() ? key.name : key.ns + "/" + key.name; }

}   // namespace ebb::model
