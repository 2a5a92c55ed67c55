#include "core/account/login.hpp"

#include "core/account/login_store.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>

namespace core::account {
namespace {

using namespace std::chrono_literals;
constexpr int tries_per_account = 5;
constexpr int tries_per_address = 30;
constexpr int tries_per_openid = 10;
constexpr auto window = 15min;

bool is_username(std::string_view s) {
    return s.size() >= 3 && s.size() <= 32 && std::all_of(s.begin(), s.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
           });
}

std::string account_key(std::string_view username) {
    return "login:" + std::string(username);
}
std::string address_key(std::string_view source) {
    return "address:" + std::string(source);
}
std::string openid_key(std::string_view openid) {
    return "openid:" + std::string(openid);
}

error locked(std::chrono::milliseconds left) {
    const auto minutes = std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::minutes>(left).count());
    return error(errc::too_many, "login.locked").with("minutes", std::to_string(minutes));
}

} // namespace

std::optional<login> find_login(db::read_view& view, std::string_view username) {
    return store::find_login(view, to_lower_ascii(trim(username)));
}

result<std::int64_t> add_login(db::write_tx& tx, const actor& who, const new_login& l) {
    const std::string username = to_lower_ascii(trim(l.username));
    if (!is_username(username)) return error(errc::invalid, "login.username", "username");
    if (store::find_login(tx, username)) return error(errc::conflict, "login.taken", "username");
    const auto id = store::insert_login(tx, username, l);
    audit::append(tx, who,
                  {.verb = "add_login",
                   .subject_kind = "login",
                   .subject_id = id,
                   .after = value::object().set("username", username).set("kind", l.kind)});
    return id;
}

result<> set_password(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view hash) {
    if (!store::update_password(tx, id, hash)) return error(errc::not_found);
    audit::append(tx, who, {.verb = "set_password", .subject_kind = "login", .subject_id = id});
    return {};
}

void add_member(db::write_tx& tx, const actor& who, std::int64_t login, std::int64_t applicant,
                role_set roles) {
    store::put_member(tx, login, applicant, roles);
    audit::append(tx, who,
                  {.verb = "add_member",
                   .subject_kind = "login",
                   .subject_id = login,
                   .after = value::object().set("roles", static_cast<std::int64_t>(roles.bits())),
                   .applicant_id = applicant});
}

void add_staff(db::write_tx& tx, const actor& who, std::int64_t login, std::int64_t institution,
               role_set roles) {
    store::put_staff(tx, login, institution, roles);
    audit::append(tx, who,
                  {.verb = "add_staff",
                   .subject_kind = "login",
                   .subject_id = login,
                   .after = value::object().set("roles", static_cast<std::int64_t>(roles.bits())),
                   .institution_id = institution});
}

result<attempt> begin_attempt(db::read_view& view, std::string_view username, std::string_view kind,
                              std::string_view source, std::string_view openid) {
    attempt a;
    a.username = to_lower_ascii(trim(username));
    if (a.username.size() > 64) a.username = cut_bytes(a.username, 64);
    a.source = std::string(source);
    a.openid = std::string(openid);
    for (const auto& key : {account_key(a.username), address_key(source), openid_key(openid)}) {
        const auto until = store::locked_until(view, key);
        if (until > view.now()) return locked(until - view.now());
    }
    a.found = store::find_login(view, a.username);
    if (a.found && (a.found->kind != kind || a.found->status != "active")) a.found.reset();
    return a;
}

bool compare(const attempt& a, std::string_view password) {
    if (password.size() > 128 || !a.found) {
        pretend_check(password.substr(0, 128));
        return false;
    }
    return is_password(a.found->password_hash, password);
}

settled settle(db::write_tx& tx, const attempt& a, bool right) {
    settled s;
    // Somebody may have used up the tries while this password was being compared.
    s.good = right && a.found && may_try(tx, account_key(a.username));
    if (s.good) {
        forget_failures(tx, account_key(a.username));
        return s;
    }
    count_failure(tx, account_key(a.username), tries_per_account, window);
    count_failure(tx, address_key(a.source), tries_per_address, window);
    if (!a.openid.empty()) count_failure(tx, openid_key(a.openid), tries_per_openid, window);
    s.tries_left = std::max(0, tries_per_account - store::failures(tx, account_key(a.username)));
    actor who;
    who.source = a.source;
    audit::append(
        tx, who,
        {.verb = "sign_in_failed", .subject_kind = "login", .subject_id = a.found ? a.found->id : 0});
    return s;
}

error refusal_of(const settled& s) {
    if (s.tries_left == 0) return locked(window);
    return error(errc::invalid, "login.wrong", "password").with("left", std::to_string(s.tries_left));
}

bool may_try(db::read_view& view, std::string_view key) {
    return store::locked_until(view, key) <= view.now();
}

void count_failure(db::write_tx& tx, std::string_view key, int most, std::chrono::minutes within) {
    store::count_failure(tx, key, most, within);
}

void forget_failures(db::write_tx& tx, std::string_view key) {
    store::forget(tx, key);
}

} // namespace core::account
