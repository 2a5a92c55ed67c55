// Facts as the core writes them, one set per kind of event: every template is checked against them at start,
// and previews show them. Names must be those of the verbs that write the events (a test compares them).
#pragma once
#include "core/base/value.hpp"

#include <string_view>

namespace notify {

core::value sample_facts(std::string_view kind); // null for a kind that does not exist
// The same with every fact empty that an event of this kind may have empty.
core::value sparse_facts(std::string_view kind);

} // namespace notify
