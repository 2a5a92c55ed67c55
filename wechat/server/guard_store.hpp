// The little SQL of the guards: session last seen, forms already done.
#pragma once
#include "core/db/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wechat::guard_store {

void touch_session(core::db::write_tx& tx, std::string_view token_hash);

struct done_request {
    int status = 0;
    std::string location; // of a redirect
    std::string body;     // of a page
};
std::optional<done_request> find_done(core::db::read_view& view, std::int64_t login, std::string_view key);
void add_done(core::db::write_tx& tx, std::int64_t login, std::string_view key, const done_request& done);
int purge_done(core::db::write_tx& tx, core::instant before);

} // namespace wechat::guard_store
