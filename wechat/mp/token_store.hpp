// Table wx_token: WeChat's tokens, sealed.
#pragma once
#include "core/db/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wechat::mp::token_store {

struct kept_token {
    std::string token;
    core::instant expires_at;
};

std::optional<kept_token> find(core::db::read_view& view, std::string_view kind);
void put(core::db::write_tx& tx, std::string_view kind, const kept_token& t);

} // namespace wechat::mp::token_store
