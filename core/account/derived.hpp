// What is kept beside the companies: the grams they are found by, and how many are where; how many WeChat
// users there are. Compared with the rows, and made anew from them, for the commands `db check` and `db
// rebuild` (core/appointment/derived, which does all of them).
#pragma once
#include "core/db/transaction.hpp"

#include <string>
#include <vector>

namespace core::account {

// Tables that do not say what the rows say; empty when all do. Reads every company.
std::vector<std::string> find_drift(db::read_view& view);
// Also lets every company be found by its present name: for what instruments and orders keep of it.
void rebuild_derived(db::write_tx& tx);

} // namespace core::account
