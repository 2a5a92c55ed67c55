#include "core/account/login.hpp"

#include "core/account/login_store.hpp"
#include "core/account/member.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/setting.hpp"

#include <algorithm>

namespace core::account {
namespace {

using namespace std::chrono_literals;
constexpr int tries_per_account = 5;
constexpr int tries_per_address = 30;
constexpr int tries_per_openid = 10;
constexpr auto window = 15min;
constexpr int kept_passwords = 5; // of policy dengbao, the present one among them

bool is_username(std::string_view s) {
    return s.size() >= 3 && s.size() <= 32 && std::all_of(s.begin(), s.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
           });
}

std::string account_key(std::string_view username) {
    return "login:" + sha256_hex(username).substr(0, 32); // hashed: people type passwords into this field
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

// While the password was compared, others may have used up the tries, changed it, or disabled the person.
bool is_still_true(db::read_view& view, const attempt& a) {
    for (const auto& key : {account_key(a.username), address_key(a.source), openid_key(a.openid)})
        if (!may_try(view, key)) return false;
    const auto now = get_login(view, a.found->id);
    return now && now->status == "active" && now->password_hash == a.found->password_hash;
}

constexpr role_set platform_roles{role::platform_admin, role::regulator};

result<> check_place(db::read_view& view, const actor& who, std::int64_t institution, role_set roles,
                     std::string_view region_code) {
    const bool own = who.is_staff_of(institution) && who.roles.has(role::institution_admin);
    if (!own && !who.is_platform()) return error(errc::not_allowed);
    if (institution != 0 && !catalogue::find_institution(view, institution)) return error(errc::not_found);
    const auto fitting = institution == 0 ? platform_roles : institution_roles;
    const bool both = roles.has(role::regulator) && roles.has(role::platform_admin);
    if (roles.empty() || both || (roles.bits() & ~fitting.bits()) != 0) // who supervises changes nothing
        return error(errc::invalid, "staff.roles", "roles");
    if (roles.has(role::regulator) != catalogue::find_region(view, region_code).has_value())
        return error(errc::invalid, "staff.region", "region_code");
    return {};
}

void put_place(db::write_tx& tx, const actor& who, std::int64_t login, std::int64_t institution,
               role_set roles, std::string_view region_code, role_set before) {
    store::put_staff(tx, login, institution, roles, region_code);
    audit::append(tx, who,
                  {.verb = "add_staff",
                   .subject_kind = "login",
                   .subject_id = login,
                   .before = value::object().set("roles", role_names(before)),
                   .after = value::object().set("roles", role_names(roles)),
                   .institution_id = institution});
}

password_policy policy_of(db::read_view& view, std::string_view kind) {
    const auto name = setting::text(view, kind == "staff" ? "password.staff" : "password.companies");
    return name == "dengbao" ? password_policy::dengbao : password_policy::asvs;
}

bool is_too_old(db::read_view& view, const login& l) {
    if (policy_of(view, l.kind) != password_policy::dengbao) return false;
    const int days = setting::number(view, "password.dengbao_days");
    return view.now() - l.password_changed_at > std::chrono::days(days);
}

} // namespace

std::optional<login> find_login(db::read_view& view, std::string_view username) {
    return store::find_login(view, to_lower_ascii(trim(username)));
}

result<> check_new_login(db::read_view& view, const new_login& l) {
    const std::string username = to_lower_ascii(trim(l.username));
    if (!is_username(username)) return error(errc::invalid, "login.username", "username");
    const auto letters = count_characters(tidy_line(l.display_name));
    if (letters == 0 || letters > 50) return error(errc::invalid, "login.display_name", "display_name");
    if (store::find_login(view, username)) return error(errc::conflict, "login.taken", "username");
    return {};
}

result<std::int64_t> add_login(db::write_tx& tx, const actor& who, const new_login& l) {
    const bool hires = who.kind == actor_kind::staff && who.institution_id != 0 &&
                       who.roles.has(role::institution_admin) && l.kind == "staff";
    if (!who.is_platform() && !hires) return error(errc::not_allowed);
    return store::add_person(tx, who, l);
}

password_rules rules_for_new(db::read_view& view, std::string_view kind, std::string_view username) {
    return {policy_of(view, kind), to_lower_ascii(trim(username)), {}};
}

password_rules rules_of(db::read_view& view, const login& person) {
    password_rules rules = rules_for_new(view, person.kind, person.username);
    if (rules.policy == password_policy::dengbao)
        rules.earlier = store::list_old_passwords(view, person.id, kept_passwords);
    return rules;
}

result<> change_password(db::write_tx& tx, const actor& who, const accepted_password& fresh) {
    if (!get_login(tx, who.login_id)) return error(errc::not_allowed);
    store::keep_password(tx, who.login_id, fresh.hash(), false);
    audit::append(tx, who,
                  {.verb = "change_password",
                   .subject_kind = "login",
                   .subject_id = who.login_id,
                   .applicant_id = who.applicant_id,
                   .institution_id = who.institution_id});
    return {};
}

void store::keep_password(db::write_tx& tx, std::int64_t id, std::string_view hash, bool must_change) {
    update_password(tx, id, hash, must_change);
    forget_old_passwords(tx, id, kept_passwords);
    end_sessions_of(tx, id);
}

void store::forget_account_failures(db::write_tx& tx, std::string_view username) {
    forget(tx, account_key(username));
}

result<std::int64_t> store::add_person(db::write_tx& tx, const actor& who, const new_login& l) {
    if (auto fine = check_new_login(tx, l); !fine) return fine.error();
    const std::string username = to_lower_ascii(trim(l.username));
    const auto id = store::insert_login(tx, username, l);
    audit::append(tx, who,
                  {.verb = "add_login",
                   .subject_kind = "login",
                   .subject_id = id,
                   .after = value::object().set("username", username).set("kind", l.kind)});
    return id;
}

result<> set_password(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view hash,
                      bool must_change) {
    const auto found = get_login(tx, id);
    if (!found || !may_administer(tx, who, *found)) return error(errc::not_found);
    if (who.login_id != 0 && who.login_id == id) return error(errc::not_allowed, "login.oneself");
    store::keep_password(tx, id, hash, must_change);
    audit::append(tx, who, {.verb = "set_password", .subject_kind = "login", .subject_id = id});
    return {};
}

result<> add_member(db::write_tx& tx, const actor& who, std::int64_t login, std::int64_t applicant,
                    role_set roles) {
    if (!who.is_platform()) return error(errc::not_allowed);
    if (!are_company_roles(roles)) return error(errc::invalid, "member.roles", "roles");
    const auto person = get_login(tx, login);
    if (!person || person->kind != "applicant") return error(errc::not_found);
    store::put_member(tx, login, applicant, roles);
    audit::append(tx, who,
                  {.verb = "add_member",
                   .subject_kind = "login",
                   .subject_id = login,
                   .after = value::object().set("roles", static_cast<std::int64_t>(roles.bits())),
                   .applicant_id = applicant});
    return {};
}

result<> add_staff(db::write_tx& tx, const actor& who, std::int64_t login, std::int64_t institution,
                   role_set roles, std::string_view region_code) {
    if (auto fine = check_place(tx, who, institution, roles, region_code); !fine) return fine;
    // An institution takes over nobody: whoever works elsewhere, or nowhere, comes by the platform or is
    // hired.
    const auto old = find_staff(tx, login);
    if (!who.is_platform() && (!old || old->institution_id != institution)) return error(errc::not_found);
    const auto person = get_login(tx, login);
    if (!person || person->kind != "staff") return error(errc::not_found);
    put_place(tx, who, login, institution, roles, region_code, old ? old->roles : role_set());
    return {};
}

result<std::int64_t> hire_staff(db::write_tx& tx, const actor& who, const new_login& l,
                                std::int64_t institution, role_set roles, std::string_view region_code) {
    if (auto fine = check_place(tx, who, institution, roles, region_code); !fine) return fine.error();
    new_login person = l;
    person.kind = "staff";
    person.must_change = true;
    const auto id = store::add_person(tx, who, person);
    if (id) put_place(tx, who, *id, institution, roles, region_code, role_set());
    return id;
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

std::string rehash(const attempt& a, std::string_view password, hash_cost cost) {
    if (!a.found || !needs_rehash(a.found->password_hash, cost)) return {};
    return hash_password(password, cost);
}

settled settle(db::write_tx& tx, const attempt& a, bool right, std::string_view new_hash) {
    settled s;
    s.good = right && a.found && is_still_true(tx, a);
    if (s.good) {
        forget_failures(tx, account_key(a.username));
        if (!new_hash.empty()) store::replace_hash(tx, a.found->id, new_hash);
        if (is_too_old(tx, *a.found)) store::mark_must_change(tx, a.found->id);
        return s;
    }
    count_failure(tx, account_key(a.username), tries_per_account, window);
    count_failure(tx, address_key(a.source), tries_per_address, window);
    if (!a.openid.empty()) count_failure(tx, openid_key(a.openid), tries_per_openid, window);
    s.tries_left = std::max(0, tries_per_account - store::failures(tx, account_key(a.username)));
    actor who;
    who.source = a.source;
    audit::append(tx, who,
                  {.verb = "sign_in_failed",
                   .subject_kind = "login",
                   .subject_id = a.found ? a.found->id : 0,
                   .note = s.tries_left == 0 ? "locked" : ""});
    return s;
}

error refusal_of(const settled& s) {
    if (s.tries_left == 0) return locked(window);
    return error(errc::invalid, "login.wrong", "password").with("left", std::to_string(s.tries_left));
}

bool may_try(db::read_view& view, std::string_view key) {
    return store::locked_until(view, key) <= view.now();
}

bool may_try(db::read_view& view, std::string_view key, std::string_view other_key) {
    return may_try(view, key) && may_try(view, other_key);
}

void count_failure(db::write_tx& tx, std::string_view key, int most, std::chrono::minutes within) {
    store::count_failure(tx, key, most, within);
}

void forget_failures(db::write_tx& tx, std::string_view key) {
    store::forget(tx, key);
}

} // namespace core::account
