// Faults at every statement (guarantee N1), and what a database holds, to compare before and after.
#pragma once
#include "core/base/result.hpp"
#include "tests/support/world.hpp"

#include <functional>
#include <map>
#include <string>

namespace tests {

// Every row of every table as text, by table; reference data left out. Two worlds with the same text hold the
// same.
std::map<std::string, std::string> content_of(world& w);

using attempt = std::function<core::result<>(core::db::write_tx&)>;

// Runs `verb` with its 1st, 2nd … statement failing (BEGIN and COMMIT included) until one run gets through.
// After each fault the database must hold exactly what it held before: no change, no audit row, no event.
// Gives the number of statements; the last run's effect stays. Checks inside; the verb must not be refused.
int for_every_fault(world& w, const attempt& verb);

// Runs `verb`, and commits also when it is refused: a refusal must leave nothing behind by itself, because
// batch verbs go on after it. Gives the answer.
core::result<> run_committing(world& w, const attempt& verb);

} // namespace tests
