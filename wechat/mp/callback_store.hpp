// The durable inbox: every message once, with the reply it got (wechat-platform.md 6).
#pragma once
#include "core/db/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wechat::mp::inbox {

struct entry {
    std::string key, content_hash, signature, openid, kind;
};
// False when the message is known already.
bool insert(core::db::write_tx& tx, const entry& e);
std::string reply_of(core::db::read_view& view, std::string_view key);
void set_reply(core::db::write_tx& tx, std::string_view key, std::string_view reply);
int purge(core::db::write_tx& tx, core::instant before, int most);

} // namespace wechat::mp::inbox
