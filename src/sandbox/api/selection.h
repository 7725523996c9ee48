#pragma once

// Which objects of a list or watch a client wants: label selector and field selector, both answered
// from what a Stored carries, without reading its text.

#include "model/label_selector.h"
#include "sandbox/api/served_kind.h"

#include <string>
#include <string_view>
#include <vector>

namespace ebb::sandbox {

class Selection final {
 public:
  // Errors: 400, for labels as upstream's parser says, for fields that this resource has not.
  static Answer<Selection> parse(const ServedKind& kind, std::string_view label_selector, std::string_view field_selector);

  bool matches(const Stored& object) const;
  bool everything() const { return labels_.empty() && fields_.empty(); }
  // The one name that can match; empty: any.
  std::string_view only_name() const;
  // The one namespace that can match; empty: any.
  std::string_view only_namespace() const;

 private:
  static constexpr int kName = -1;
  static constexpr int kNamespace = -2;
  struct FieldTerm {
    int field = 0;   // an index into ServedKind::fields, or one of the two above
    bool equal = true;
    std::string value;
  };
  static Answer<FieldTerm> term(const ServedKind& kind, std::string_view text, std::string_view whole);

  model::LabelSelector labels_;
  std::vector<FieldTerm> fields_;
};

}   // namespace ebb::sandbox
