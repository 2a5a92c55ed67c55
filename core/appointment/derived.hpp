// What is kept for lists and counts of companies, instruments and orders (core/account/derived,
// core/instrument/derived), as one: compared with the rows it comes from, and made anew from them. For the
// commands `db check` and `db rebuild`.
#pragma once
#include "core/db/transaction.hpp"

#include <string>
#include <vector>

namespace core::appointment {

// Tables that do not say what the rows say; empty when all do. Reads every company, instrument and order.
std::vector<std::string> find_drift(db::read_view& view);
// In one transaction: lists are whole before and after it.
void rebuild_derived(db::write_tx& tx);

} // namespace core::appointment
