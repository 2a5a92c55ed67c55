#include "core/account/binding.hpp"

#include "core/account/applicant.hpp"
#include "core/account/binding_store.hpp"
#include "core/account/login.hpp"
#include "core/account/session.hpp"
#include "core/account/staff_wechat.hpp"
#include "core/account/staff_wechat_store.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"

#include <algorithm>
#include <array>

namespace core::account {
namespace {

constexpr role_set all_staff{role::filing_reviewer,   role::scheduler, role::front_desk,    role::verifier,
                             role::institution_admin, role::regulator, role::platform_admin};
constexpr who_may company{.applicant = true};
constexpr who_may staff{.staff = all_staff};
constexpr who_may administrators{.staff = {role::institution_admin, role::platform_admin}};
constexpr who_may those_concerned{
    .applicant = true,
    .system = true,
    .staff = {role::filing_reviewer, role::institution_admin, role::platform_admin}};

// W1 by the code shown after registration, W2 known by the UnionID, W3 by account and password: all the same
// once the person is proved. W3s, W4s: people of staff, for themselves; W4a: somebody else's, a lost phone.
using s = binding_state;
constexpr std::array<transition<s>, 7> table = {{
    {"W1", s::none, "bind", s::bound, company, "wechat_bound"},
    {"W2", s::none, "bind", s::bound, company, "wechat_bound"},
    {"W3", s::none, "bind", s::bound, company, "wechat_bound"},
    {"W3s", s::none, "bind_staff", s::bound, staff, ""},
    {"W4", s::bound, "unbind", s::none, those_concerned, ""},
    {"W4s", s::bound, "unbind_staff", s::none, staff, ""},
    {"W4a", s::bound, "unbind_colleague", s::none, administrators, "wechat_unbound"},
}};

const transition<s>& row_of(s from, std::string_view verb) {
    return *find_transition<s>(table, from, verb);
}

// Whose binding it is decides, beyond the row of the table.
bool may_unbind(db::read_view& view, const actor& who, const binding& b) {
    if (!row_of(s::bound, "unbind").who.allows(who)) return false;
    if (who.is_platform()) return true;
    if (who.kind == actor_kind::staff) return get_applicant(view, who, b.applicant_id).has_value();
    return b.login_id == who.login_id || (b.applicant_id == who.applicant_id && who.roles.has(role::owner));
}

// One's own; a colleague's lost phone for the administrator of the same institution; any for the platform.
bool may_unbind_staff(const actor& who, const staff_binding& b) {
    if (b.login_id == who.login_id) return row_of(s::bound, "unbind_staff").who.allows(who);
    return row_of(s::bound, "unbind_colleague").who.allows(who) &&
           (who.is_platform() || who.is_staff_of(b.institution_id));
}

// Somebody else's phone is lost: the person is told.
void tell_colleague(db::write_tx& tx, const actor& who, const staff_binding& b) {
    outbox::append(tx, {.kind = row_of(s::bound, "unbind_colleague").event,
                        .subject_kind = "binding",
                        .subject_id = b.id,
                        .institution_id = b.institution_id,
                        .login_id = b.login_id,
                        .facts = value::object()
                                     .set("person", b.login_name)
                                     .set("by", who.name)
                                     .set("at", moment_text(tx.now()))});
}

actor by_wechat() {
    actor who;
    who.kind = actor_kind::system;
    who.source = "wechat";
    return who;
}

// Closed, with the way in it was. Neither audited nor checked: the verbs are.
bool close(db::write_tx& tx, std::int64_t id, std::string_view openid, std::int64_t login,
           std::int64_t applicant) {
    if (!store::close_binding(tx, id)) return false;
    end_wechat_sessions(tx, openid, login, applicant);
    return true;
}

void undo_staff(db::write_tx& tx, const binding& b) {
    if (!close(tx, b.id, b.openid, b.login_id, 0)) return;
    store::want_tag(tx, b.openid, false);
    audit::append(tx, by_wechat(), {.verb = "unbind", .subject_kind = "binding", .subject_id = b.id});
}

// Other people's bindings: whoever could sign in keeps it; of the others nobody could ever undo it.
result<> free_openid(db::write_tx& tx, const actor& who, std::string_view openid) {
    const auto acting = list_acting(tx, openid);
    for (const auto& b : list_by_openid(tx, openid)) {
        if (b.login_id == who.login_id) continue;
        if (std::any_of(acting.begin(), acting.end(), [&](const auto& a) { return a.id == b.id; }))
            return error(errc::conflict, "binding.taken").with("name", b.applicant_name);
        unbind_wechat(tx, by_wechat(), b.id).value();
    }
    return {};
}

} // namespace

std::span<const transition<binding_state>> binding_transitions() {
    return table;
}

result<std::int64_t> bind_wechat(db::write_tx& tx, const actor& who, std::string_view openid,
                                 std::string_view unionid) {
    const auto& row = row_of(s::none, "bind");
    if (!row.who.allows(who) || !who.is_applicant()) return error(errc::not_allowed);
    if (openid.empty() || openid.size() > 64) return error(errc::invalid, "binding.openid");
    if (auto freed = free_openid(tx, who, openid); !freed) return freed.error();
    for (const auto& b : list_by_openid(tx, openid))
        if (b.applicant_id == who.applicant_id) return b.id;
    const auto id = store::insert_binding(tx, openid, unionid, who.login_id, who.applicant_id);
    audit::append(
        tx, who,
        {.verb = row.verb, .subject_kind = "binding", .subject_id = id, .applicant_id = who.applicant_id});
    outbox::append(tx, {.kind = row.event,
                        .subject_kind = "binding",
                        .subject_id = id,
                        .applicant_id = who.applicant_id,
                        .facts = store::facts_of(tx, who)});
    return id;
}

result<> bind_companies(db::write_tx& tx, const actor& who, std::string_view openid,
                        std::string_view unionid) {
    const auto companies = list_companies(tx, who.login_id);
    if (companies.empty()) return error(errc::not_allowed, "login.no_company");
    actor person = who;
    for (const auto& c : companies) {
        person.applicant_id = c.applicant_id;
        if (auto bound = bind_wechat(tx, person, openid, unionid); !bound) return bound.error();
    }
    return {};
}

result<std::int64_t> bind_another(db::write_tx& tx, const actor& who, std::string_view openid) {
    const auto acting = list_acting(tx, openid);
    const bool same =
        std::any_of(acting.begin(), acting.end(), [&](const auto& b) { return b.login_id == who.login_id; });
    if (!who.is_applicant() || !same) return error(errc::not_allowed, "binding.not_in_wechat");
    return bind_wechat(tx, who, openid, "");
}

result<std::int64_t> bind_staff_wechat(db::write_tx& tx, const actor& who, std::string_view openid) {
    if (!row_of(s::none, "bind_staff").who.allows(who)) return error(errc::not_allowed);
    if (openid.empty() || openid.size() > 64) return error(errc::invalid, "binding.openid");
    if (const auto known = store::find_staff_binding(tx, openid)) {
        if (known->login_id == who.login_id) return known->id;
        if (find_staff_wechat(tx, openid))
            return error(errc::conflict, "binding.taken").with("name", known->login_name);
        undo_staff(tx, *known);
    }
    const auto id = store::insert_binding(tx, openid, "", who.login_id, 0);
    store::want_tag(tx, openid, true);
    audit::append(
        tx, who,
        {.verb = "bind", .subject_kind = "binding", .subject_id = id, .institution_id = who.institution_id});
    return id;
}

result<> unbind_wechat(db::write_tx& tx, const actor& who, std::int64_t binding_id) {
    const auto found = find_binding(tx, binding_id);
    if (!found || !may_unbind(tx, who, *found)) return error(errc::not_found);
    if (!close(tx, binding_id, found->openid, found->login_id, found->applicant_id))
        return error(errc::stale_state);
    audit::append(tx, who,
                  {.verb = "unbind",
                   .subject_kind = "binding",
                   .subject_id = binding_id,
                   .applicant_id = found->applicant_id});
    return {};
}

result<staff_binding> get_staff_wechat(db::read_view& view, const actor& who, std::int64_t binding_id) {
    auto found = store::find_staff_binding(view, binding_id);
    if (!found || !may_unbind_staff(who, *found)) return error(errc::not_found);
    return *std::move(found);
}

std::vector<staff_binding> list_colleagues_wechat(db::read_view& view, const actor& who, std::int64_t after,
                                                  int limit) {
    if (!row_of(s::bound, "unbind_colleague").who.allows(who)) return {};
    return who.is_platform() ? store::list_others(view, who.login_id, after, limit)
                             : store::list_colleagues(view, who.institution_id, who.login_id, after, limit);
}

result<> unbind_staff_wechat(db::write_tx& tx, const actor& who, std::int64_t binding_id) {
    if (!row_of(s::bound, "unbind_staff").who.allows(who)) return error(errc::not_allowed);
    const auto found = store::find_staff_binding(tx, binding_id);
    if (!found || !may_unbind_staff(who, *found)) return error(errc::not_found);
    if (!close(tx, binding_id, found->openid, found->login_id, 0)) return error(errc::stale_state);
    store::want_tag(tx, found->openid, false);
    if (found->login_id != who.login_id) tell_colleague(tx, who, *found);
    audit::append(tx, who,
                  {.verb = "unbind",
                   .subject_kind = "binding",
                   .subject_id = binding_id,
                   .institution_id = found->institution_id});
    return {};
}

std::vector<binding> list_bindings(db::read_view& view, const actor& who, std::int64_t applicant_id) {
    auto all = list_by_applicant(view, applicant_id);
    std::erase_if(all, [&](const binding& b) { return !may_unbind(view, who, b); });
    return all;
}

void forget_wechat_user(db::write_tx& tx, std::string_view openid) {
    for (const auto& b : list_by_openid(tx, openid))
        unbind_wechat(tx, by_wechat(), b.id).value();
    if (const auto b = store::find_staff_binding(tx, openid)) undo_staff(tx, *b);
    end_wechat_sessions(tx, openid); // also of companies it was never bound to
}

} // namespace core::account
