// WeChat's word on what became of a message: believed whenever it comes (guarantees N9).
#pragma once
#include "core/db/transaction.hpp"

#include <cstdint>
#include <string_view>

namespace notify {

// Early, late, twice, without a number: finds its delivery now, or is kept 30 minutes for one. A success is
// never undone by a later failure. True: something follows from it, which the hub does when it is poked.
bool record_receipt(core::db::write_tx& tx, std::string_view openid, std::int64_t msgid,
                    std::string_view status);

int purge_receipts(core::db::write_tx& tx); // those kept longer than 30 minutes

} // namespace notify
