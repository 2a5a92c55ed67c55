// The account of the person signed in: a new password (companies and staff alike), another of one's
// companies.
#include "core/account/login.hpp"
#include "core/account/session.hpp"
#include "wechat/company/frame.hpp"
#include "wechat/company/pages.hpp"
#include "wechat/frame/sign_in.hpp"
#include "wechat/server/guard.hpp"

namespace wechat::company {
namespace {

namespace account = core::account;

bool is_staff(const request& r) {
    return r.actor.kind == core::actor_kind::staff;
}

response password_page(const request& r, services& s, const core::error* wrong) {
    core::value model = core::value::object();
    put_errors(model, s, wrong);
    core::value inputs = core::value::array();
    const auto add = [&](std::string_view name, std::string_view label) {
        inputs.push(input(s, wrong, name, label, "", true, 128, "password"));
    };
    add("current", "现在的密码");
    add("password", "新密码");
    add("again", "再输一次");
    model.set("inputs", std::move(inputs))
        .set("must_change", r.session && r.session->must_change)
        .set("for_staff", is_staff(r))
        .set("action", is_staff(r) ? "/staff/password" : "/account/password")
        .set("back", is_staff(r) ? "/staff" : "/me");
    core::value frame = core::value::object().set("title", wrong == nullptr ? "修改密码" : "错误：修改密码");
    return s.pages->render(r, "public", "public/password", std::move(frame), std::move(model),
                           wrong == nullptr ? 200 : status_of(wrong->code));
}

// The present password, proved as at a sign-in: tries are counted, and locked after five.
result<account::login> prove(const request& r, services& s) {
    const auto person = s.db->read([&](read_view& v) { return account::get_login(v, r.actor.login_id); });
    if (!person) return core::error(core::errc::not_allowed);
    const auto proved =
        prove_password(s, {person->username, person->kind, r.field("current"), r.remote_address});
    if (proved) return proved;
    core::error wrong = proved.error();
    wrong.field = "current";
    if (wrong.detail == "login.wrong") wrong.detail = "password.current";
    return wrong;
}

} // namespace

response password_form(const request& r, read_view&, services& s) {
    return password_page(r, s, nullptr);
}

result<response> change_password(const request& r, services& s) {
    const auto fail = [&](const core::error& wrong) { return password_page(r, s, &wrong); };
    if (r.field("password") != r.field("again"))
        return fail(core::error(core::errc::invalid, "password.differs", "again"));
    const auto person = prove(r, s);
    if (!person) return fail(person.error());
    const auto rules = s.db->read([&](read_view& v) { return account::rules_of(v, *person); });
    const auto fresh = account::accept_password(rules, r.field("password"));
    if (!fresh) return fail(fresh.error());
    std::string token;
    const auto done = s.db->write([&](write_tx& tx) -> result<> {
        if (auto changed = account::change_password(tx, r.actor, *fresh); !changed) return changed.error();
        token = account::begin_session(
                    tx, {r.actor.login_id, r.actor.applicant_id, "password", "", r.remote_address, true})
                    .token;
        return {};
    });
    if (!done) return fail(done.error());
    response go = see_other(is_staff(r) ? "/staff?done=password" : "/me?done=password");
    go.add("Set-Cookie", session_cookie_value(token));
    return go;
}

result<response> switch_company(const request& r, write_tx& tx, services&) {
    const auto fresh = account::switch_company(tx, r.actor, r.session->token_hash, r.id(0));
    if (!fresh) return fresh.error();
    response go = see_other("/me");
    go.add("Set-Cookie", session_cookie_value(fresh->token));
    return go;
}

} // namespace wechat::company
