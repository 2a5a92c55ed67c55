// The durable inbox: every message once, with the reply it got (wechat-platform.md 6).
#pragma once
#include "core/db/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wechat::mp::inbox {

// done: answered. waiting: taken under overload and not yet worked on. failed: our own fault, kept for the
// operator. The message's text is kept only while it is waiting or failed.
struct entry {
    std::string key; // what identifies the message: begins with key_of_time, then what grows
    std::string signature;
    bool is_signed = true; // the signature covers the text (safe and compatible mode)
    std::string openid, kind;
    std::string state = "done";
    std::string text;  // XML, waiting or failed only
    std::string reply; // plain passive reply, or "success"
};
std::string key_of_time(std::int64_t create_time); // ten digits of seconds, at least: sorts by time
// False when the message is known already. The last change of its action.
bool insert(core::db::write_tx& tx, const entry& e);
std::optional<std::string> reply_of(core::db::read_view& view, std::string_view key);
// Plaintext mode: the signature says nothing about the text, so it may come with one message only.
bool is_of_another(core::db::read_view& view, std::string_view signature, std::string_view key);

struct waiting_row {
    std::string key, text;
};
std::optional<waiting_row> oldest_waiting(core::db::read_view& view);
void settle(core::db::write_tx& tx, std::string_view key, std::string_view reply); // waiting -> done
void mark_failed(core::db::write_tx& tx, std::string_view key);                    // waiting -> failed
std::int64_t count_failed(core::db::read_view& view);
// Received before, and sent before as well: what claims a later time stays until then.
int purge(core::db::write_tx& tx, core::instant before, int most);

} // namespace wechat::mp::inbox
