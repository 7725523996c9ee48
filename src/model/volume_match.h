#pragma once

// Which volume a claim may have: what the claim asks for and what the volume says of itself. Where the
// volume can be reached from is another question.

#include "model/storage.h"

namespace ebb::model {

// Modes, mode of use, size, class, selector and attributes fit, and the volume is nobody else's.
bool can_serve(const Volume& volume, const VolumeClaim& claim);

// Reserved for this claim by name, and by uid where it states one.
bool reserved_for(const Volume& volume, const VolumeClaim& claim);

// The better of two that can serve a claim: one that is reserved for it, then the smaller, then the first by name.
bool better_match(const Volume& a, const Volume& b, const VolumeClaim& claim);

}   // namespace ebb::model
