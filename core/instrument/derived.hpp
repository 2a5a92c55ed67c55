// What is kept beside the instruments for lists and counts: the grams they are found by, three tallies and
// due_kind. The verbs keep all of it in step; here it is compared with the rows, and made anew from them.
#pragma once
#include "core/db/transaction.hpp"

#include <string>
#include <vector>

namespace core::instrument {

// Tables that do not say what the rows say; empty when all do. Reads every instrument.
std::vector<std::string> find_drift(db::read_view& view);
void rebuild_derived(db::write_tx& tx); // by the search_name that companies have

} // namespace core::instrument
