#include "core/account/binding.hpp"

#include "core/account/applicant.hpp"
#include "core/account/binding_store.hpp"
#include "core/account/session.hpp"
#include "core/account/staff_wechat_store.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"

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

// Somebody else's phone is lost: who holds it is signed out there, and the person is told.
void end_colleague(db::write_tx& tx, const actor& who, const staff_binding& b) {
    end_sessions_through(tx, b.login_id, b.openid);
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

} // namespace

std::span<const transition<binding_state>> binding_transitions() {
    return table;
}

result<std::int64_t> bind_wechat(db::write_tx& tx, const actor& who, std::string_view openid,
                                 std::string_view unionid) {
    const auto& row = row_of(s::none, "bind");
    if (!row.who.allows(who) || !who.is_applicant()) return error(errc::not_allowed);
    if (openid.empty() || openid.size() > 64) return error(errc::invalid, "binding.openid");
    for (const auto& b : list_by_openid(tx, openid)) {
        if (b.login_id != who.login_id)
            return error(errc::conflict, "binding.taken").with("name", b.applicant_name);
        if (b.applicant_id == who.applicant_id) return b.id;
    }
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

result<std::int64_t> bind_staff_wechat(db::write_tx& tx, const actor& who, std::string_view openid) {
    if (!row_of(s::none, "bind_staff").who.allows(who)) return error(errc::not_allowed);
    if (openid.empty() || openid.size() > 64) return error(errc::invalid, "binding.openid");
    if (const auto known = store::find_staff_binding(tx, openid)) {
        if (known->login_id == who.login_id) return known->id;
        return error(errc::conflict, "binding.taken").with("name", known->login_name);
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
    if (!store::close_binding(tx, binding_id)) return error(errc::stale_state);
    if (found->login_id != who.login_id) end_sessions_through(tx, found->login_id, found->openid);
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
    if (!store::close_binding(tx, binding_id)) return error(errc::stale_state);
    store::want_tag(tx, found->openid, false);
    if (found->login_id != who.login_id) end_colleague(tx, who, *found);
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
    actor by_wechat;
    by_wechat.kind = actor_kind::system;
    by_wechat.source = "wechat";
    for (const auto& b : list_by_openid(tx, openid))
        unbind_wechat(tx, by_wechat, b.id).value();
    if (const auto b = store::find_staff_binding(tx, openid); b && store::close_binding(tx, b->id)) {
        store::want_tag(tx, openid, false);
        audit::append(tx, by_wechat, {.verb = "unbind", .subject_kind = "binding", .subject_id = b->id});
    }
}

} // namespace core::account
