// The e-mail address of the person signed in, companies and staff alike: told, proved by a code, taken away.
#include "core/account/contact.hpp"
#include "wechat/company/frame.hpp"
#include "wechat/company/pages.hpp"

namespace wechat::company {
namespace {

namespace account = core::account;

bool is_staff(const request& r) {
    return r.actor.kind == core::actor_kind::staff;
}

std::string action_of(const request& r) {
    return is_staff(r) ? "/staff/email" : "/account/email";
}

response email_page(const request& r, read_view& view, services& s, const core::error* wrong) {
    const auto own = account::find_own_email(view, r.actor);
    core::value model = core::value::object();
    put_errors(model, s, wrong);
    const std::string typed(r.field("email"));
    model.set("verified", own.address)
        .set("has_verified", !own.address.empty())
        .set("waiting", own.waiting)
        .set("has_waiting", !own.waiting.empty())
        .set("is_on", static_cast<bool>(s.mail_code))
        .set("action", action_of(r))
        .set("back", is_staff(r) ? "/staff" : "/me");
    model.set("code", input(s, wrong, "code", "验证码", "", true, 6));
    model.set("email", input(s, wrong, "email", "邮箱地址", typed, true, 254, "email", "name@example.com"));
    const std::string_view title = wrong == nullptr ? "邮箱" : "错误：邮箱";
    const int status = wrong == nullptr ? 200 : status_of(wrong->code);
    if (!is_staff(r))
        return render(r, view, s, "public/email", title, "账号 / 邮箱", std::move(model), status);
    core::value frame = core::value::object().set("title", title);
    return s.pages->render(r, "public", "public/email", std::move(frame), std::move(model), status);
}

response again(const request& r, services& s, const core::error& wrong) {
    return s.db->read([&](read_view& v) { return email_page(r, v, s, &wrong); });
}

} // namespace

response email_form(const request& r, read_view& view, services& s) {
    return email_page(r, view, s, nullptr);
}

result<response> begin_email(const request& r, services& s) {
    if (!s.mail_code) return again(r, s, core::error(core::errc::not_allowed, "email.off", "email"));
    const auto begun =
        s.db->write([&](write_tx& tx) { return account::begin_email(tx, r.actor, r.field("email")); });
    if (!begun) return again(r, s, begun.error());
    if (const auto sent = s.mail_code(begun->address, begun->code); !sent) return again(r, s, sent.error());
    return see_other(action_of(r));
}

result<response> verify_email(const request& r, services& s) {
    const auto outcome = s.db->write([&](write_tx& tx) -> result<account::email_outcome> {
        return account::verify_email(tx, r.actor, r.field("code"));
    });
    if (outcome.value() == account::email_outcome::verified) return see_other(action_of(r));
    const bool over = outcome.value() == account::email_outcome::over;
    return again(r, s, core::error(core::errc::invalid, over ? "email.over" : "email.code", "code"));
}

result<response> remove_email(const request& r, write_tx& tx, services&) {
    if (auto done = account::remove_email(tx, r.actor); !done) return done.error();
    return see_other(action_of(r));
}

} // namespace wechat::company
