// SQL of logins, memberships and counted tries.
#pragma once
#include "core/account/login.hpp"

namespace core::account::store {

std::optional<login> find_login(db::read_view& view, std::string_view username);
std::int64_t insert_login(db::write_tx& tx, std::string_view username, const new_login& l);
// As add_login, for those who have proved otherwise that they may: registering, invited.
result<std::int64_t> add_person(db::write_tx& tx, const actor& who, const new_login& l);
// And every session of the person ends (S5).
void keep_password(db::write_tx& tx, std::int64_t id, std::string_view hash, bool must_change);
void forget_account_failures(db::write_tx& tx, std::string_view username);
bool update_password(db::write_tx& tx, std::int64_t id, std::string_view hash, bool must_change);
std::vector<std::string> list_old_passwords(db::read_view& view, std::int64_t id, int most); // newest first
void forget_old_passwords(db::write_tx& tx, std::int64_t id, int keep);
void mark_must_change(db::write_tx& tx, std::int64_t id);
void replace_hash(db::write_tx& tx, std::int64_t id,
                  std::string_view hash); // same password, other parameters
bool set_status(db::write_tx& tx, std::int64_t id, std::string_view from, std::string_view to);
void put_member(db::write_tx& tx, std::int64_t login, std::int64_t applicant, role_set roles);
void put_staff(db::write_tx& tx, std::int64_t login, std::int64_t institution, role_set roles,
               std::string_view region_code);
instant locked_until(db::read_view& view, std::string_view key);
int failures(db::read_view& view, std::string_view key); // in the present window; all of them once locked
void count_failure(db::write_tx& tx, std::string_view key, int most, std::chrono::minutes window);
void forget(db::write_tx& tx, std::string_view key);

} // namespace core::account::store
