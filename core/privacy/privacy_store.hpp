// SQL of personal data: the one file that knows every column where a name, a phone or a WeChat id may lie.
#pragma once
#include "core/base/value.hpp"
#include "core/db/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::privacy::store {

// ---- a person ----
struct person {
    std::int64_t id = 0;
    std::string username, display_name, kind, status, phone; // phone in clear
    std::string email;                                       // verified, in clear; "" without one
    instant created_at;
};
std::optional<person> find_person(db::read_view& view, std::int64_t login);
value list_companies(db::read_view& view, std::int64_t login);
value list_bindings(db::read_view& view, std::int64_t login); // also those undone
value list_sessions(db::read_view& view, std::int64_t login);
value list_wishes(db::read_view& view, std::int64_t login);
value list_acts(db::read_view& view, std::int64_t login, int most); // newest first
// Full name of a working company of which this person is the last active owner.
std::optional<std::string> find_orphaned_company(db::read_view& view, std::int64_t login);
bool is_last_admin(db::read_view& view, std::int64_t login);
std::vector<std::string> list_openids(db::read_view& view, std::int64_t login); // ever bound
void blank_contacts_of(db::write_tx& tx, const person& p);                      // in orders that are over
void blank_person(db::write_tx& tx, const person& p, std::string_view name);
void drop_traces(db::write_tx& tx, std::int64_t login); // passwords, sessions, memberships, wishes
// Everywhere but in the journal another text takes the place of the openid; who it was can't be told from it.
void replace_openid(db::write_tx& tx, std::string_view openid, std::string_view by);

// ---- a company ----
bool has_open_orders(db::read_view& view, std::int64_t applicant);
std::vector<std::int64_t> list_only_here(db::read_view& view, std::int64_t applicant); // people of no other
void blank_company(db::write_tx& tx, std::int64_t applicant, std::string_view name);
// Orders of a company after this id, oldest first, with lines and results.
value list_orders(db::read_view& view, std::int64_t applicant, std::int64_t after, int limit);

// ---- what is over ----
std::vector<std::string> list_unbound(db::read_view& view, instant before, int most); // openids
int drop_followers(db::write_tx& tx, instant before, int most);
int blank_old_contacts(db::write_tx& tx, instant closed_before, int most);

} // namespace core::privacy::store
