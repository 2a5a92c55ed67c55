// SQL of e-mail addresses and of who can be reached by what.
#pragma once
#include "core/account/contact.hpp"

namespace core::account::store {

std::optional<std::string> find_email(db::read_view& view, std::int64_t login);
void put_email(db::write_tx& tx, std::int64_t login, std::string_view address); // verified now
bool remove_email(db::write_tx& tx, std::int64_t login);                        // false: there was none

struct email_check {
    std::string address, code_hash; // code_hash "": none is open, only counted
    int tries = 0, sent = 0;        // sent: since window_at
    instant expires_at, window_at;
};
std::optional<email_check> find_email_check(db::read_view& view, std::int64_t login);
void put_email_check(db::write_tx& tx, std::int64_t login, const email_check& c); // tries 0
void count_email_try(db::write_tx& tx, std::int64_t login);
void end_email_check(db::write_tx& tx, std::int64_t login); // goes on counting what was sent

} // namespace core::account::store
