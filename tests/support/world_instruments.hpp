// Instruments of the named companies: a right draft to change one field of, and instruments made of it.
#pragma once
#include "core/instrument/instrument.hpp"
#include "tests/support/world_accounts.hpp"

#include <initializer_list>
#include <string>
#include <utility>

namespace tests {

using changes = std::initializer_list<std::pair<core::instrument::field_id, std::string>>;

// A pressure gauge in 佛山 (V, delivered, safety) with every field right; a serial number of its own each
// time.
core::instrument::draft gauge_draft(account_world& w, changes with = {});
// Entered by this person; throws when refused.
std::int64_t add_gauge(account_world& w, const core::actor& who, changes with = {});
core::instrument::instrument read_instrument(account_world& w, std::int64_t id);
// Brings it into a filing status by SQL, with what that status needs: for tests of rules that only ask for
// it.
void put_filing_status(account_world& w, std::int64_t id, std::string_view status);

} // namespace tests
