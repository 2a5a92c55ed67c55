// People who sign in, and what happens when they try: counted per account, address and openid; locked for
// fifteen minutes after five failures of an account (guarantees S7).
#pragma once
#include "core/account/password.hpp"
#include "core/account/session.hpp"
#include "core/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::account {

struct login {
    std::int64_t id = 0;
    std::string username, kind, display_name, password_hash, status; // kind: applicant, staff
    bool must_change = false; // the password was set by somebody else, or is too old
    instant password_changed_at;
};
std::optional<login> find_login(db::read_view& view, std::string_view username); // any case
std::optional<login> get_login(db::read_view& view, std::int64_t id);

struct new_login {
    std::string username, kind, display_name, password_hash;
    bool must_change = false;
    std::string phone; // normalised, or ""
};
// Refuses conflict (login.taken), invalid (login.username: 3..32 of a-z 0-9 . _ -; login.display_name).
result<> check_new_login(db::read_view& view, const new_login& l);
// By the system and the platform; staff also by an institution's administrator. Others register or are
// invited. Refuses not_allowed and as check_new_login.
result<std::int64_t> add_login(db::write_tx& tx, const actor& who, const new_login& l);
// What a new password is measured by: of somebody who has none yet, and of a person. The policy is a setting,
// password.companies (asvs) and password.staff (dengbao).
password_rules rules_for_new(db::read_view& view, std::string_view kind, std::string_view username);
password_rules rules_of(db::read_view& view, const login& person);
// One's own, after the present one was proved (begin_attempt, compare, settle). Every session ends, also this
// one: begin a new one (S5).
result<> change_password(db::write_tx& tx, const actor& who, const accepted_password& fresh);

// By others, or by command. Also ends every session of the person (S5). `must_change`: a temporary one.
// By whoever administers the person (see member.hpp). Refuses not_found, not_allowed (login.oneself).
result<> set_password(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view hash,
                      bool must_change = false);

struct membership {
    std::int64_t applicant_id = 0;
    std::string applicant_name;
    role_set roles;
    std::string applicant_status;
};
std::vector<membership> list_companies(db::read_view& view, std::int64_t login); // not suspended ones
// By the system and the platform; owners invite (invitation.hpp). Refuses not_allowed, not_found, invalid
// (member.roles: of owner, operator_).
result<> add_member(db::write_tx& tx, const actor& who, std::int64_t login, std::int64_t applicant,
                    role_set roles);
// Also changes the roles of who is there. The system and the platform's administrator anybody; an
// institution's administrator only who works there already. 0: the
// platform, or a regulator of `region_code`. Refuses not_allowed, not_found, invalid (staff.roles: they don't
// fit the place; staff.region: regulators need a known one, others none).
result<> add_staff(db::write_tx& tx, const actor& who, std::int64_t login, std::int64_t institution,
                   role_set roles, std::string_view region_code = {});
// A new person with a temporary password, by whom add_login and add_staff allow. Refuses as both.
result<std::int64_t> hire_staff(db::write_tx& tx, const actor& who, const new_login& l,
                                std::int64_t institution, role_set roles, std::string_view region_code = {});

// One try to sign in, in three steps: look (snapshot), compare (slow, no transaction), settle (transaction).
struct attempt {
    std::optional<login> found; // of the right kind and active
    std::string username, source, openid;
};
// Refuses too_many (login.locked, arg minutes): account, address or openid locked.
result<attempt> begin_attempt(db::read_view& view, std::string_view username, std::string_view kind,
                              std::string_view source, std::string_view openid);
bool compare(const attempt& a, std::string_view password); // ~80 ms, also for unknown users
// A fresh hash when the stored one was made at another cost, else ""; as slow. After compare() said yes.
std::string rehash(const attempt& a, std::string_view password, hash_cost cost);
// Records the outcome. Refuses invalid (login.wrong, arg left: tries left; login.locked when that was the
// last). The refusal of a wrong password is recorded all the same: call settle in a transaction that is kept.
struct settled {
    bool good = false;
    int tries_left = 0;
};
settled settle(db::write_tx& tx, const attempt& a, bool right, std::string_view new_hash = {});
error refusal_of(const settled& s); // the text for the person

// Counted tries of other guessable things ("query:" + openid). True when one more is allowed.
bool may_try(db::read_view& view, std::string_view key);
bool may_try(db::read_view& view, std::string_view key, std::string_view other_key); // both
void count_failure(db::write_tx& tx, std::string_view key, int most, std::chrono::minutes window);
void forget_failures(db::write_tx& tx, std::string_view key);

} // namespace core::account
