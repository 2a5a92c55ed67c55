// The second factor of staff (S7): asked for after the password, set up with an authenticator app, removed.
// Open to sessions that wait for it, and to nobody who has not given the password.
#include "core/account/second_factor.hpp"

#include "wechat/mp/services.hpp"
#include "wechat/server/guard.hpp"
#include "wechat/server/qr.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"

namespace wechat::staff {
namespace {

namespace account = core::account;
using account::factor_need;

bool is_staff(const request& r) {
    return r.session && r.actor.kind == core::actor_kind::staff;
}

response page(const request& r, services& s, std::string_view name, std::string_view title, core::value model,
              const core::error* wrong) {
    put_errors(model, s, wrong);
    core::value frame =
        core::value::object().set("title", (wrong == nullptr ? "" : "错误：") + std::string(title));
    return s.pages->render(r, "public", name, std::move(frame), std::move(model),
                           wrong == nullptr ? 200 : status_of(wrong->code));
}

response code_page(const request& r, services& s, const core::error* wrong) {
    return page(r, s, "public/factor", "两步验证", core::value::object(), wrong);
}

response setup_page(const request& r, read_view& view, services& s, const core::error* wrong) {
    const bool there = account::has_second_factor(view, r.actor.login_id);
    const auto begun = account::find_enrolment(view, r.actor);
    core::value model = core::value::object();
    model.set("there", there)
        .set("begun", begun.has_value())
        .set("neither", !there && !begun)
        .set("required", r.session->factor == factor_need::set_up)
        .set("seed", begun ? begun->seed : "");
    return page(r, s, "public/factor_setup", "两步验证", std::move(model), wrong);
}

// Where a person without a session that may be here goes.
response elsewhere(const request& r) {
    return see_other(is_staff(r) ? "/staff/factor" : "/staff/login");
}

bool may_set_up(const request& r) {
    return is_staff(r) && r.session->factor != factor_need::code;
}

} // namespace

response factor_form(const request& r, read_view&, services& s) {
    if (!is_staff(r)) return see_other("/staff/login");
    if (r.session->factor == factor_need::set_up) return see_other("/staff/factor/new");
    return r.session->factor == factor_need::code ? code_page(r, s, nullptr) : see_other("/staff");
}

result<response> answer_factor(const request& r, services& s) {
    if (!is_staff(r) || r.session->factor != factor_need::code) return elsewhere(r);
    account::session waiting;
    waiting.token_hash = r.session->token_hash;
    waiting.who = r.actor;
    waiting.factor = r.session->factor;
    const auto done = s.db->write([&](write_tx& tx) -> result<account::factor_answer> {
        return account::answer_second_factor(tx, waiting, r.field("code"), r.remote_address);
    });
    if (!done->good) {
        const auto wrong = account::refusal_of(*done);
        return code_page(r, s, &wrong);
    }
    response go = see_other("/staff");
    go.add("Set-Cookie", session_cookie_value(done->session.token));
    return go;
}

response factor_setup(const request& r, read_view& view, services& s) {
    return may_set_up(r) ? setup_page(r, view, s, nullptr) : elsewhere(r);
}

result<response> begin_factor(const request& r, write_tx& tx, services&) {
    if (!may_set_up(r)) return elsewhere(r);
    if (auto made = account::begin_second_factor(tx, r.actor); !made) return made.error();
    return see_other("/staff/factor/new");
}

response factor_qr(const request& r, read_view& view, services&) {
    const auto begun = account::find_enrolment(view, r.actor);
    if (!may_set_up(r) || !begun) return text("404\n", 404);
    response picture = text(qr_svg(begun->uri));
    picture.content_type = "image/svg+xml";
    return picture;
}

result<response> confirm_factor(const request& r, services& s) {
    if (!may_set_up(r)) return elsewhere(r);
    const auto done = s.db->write([&](write_tx& tx) {
        return account::confirm_second_factor(tx, r.actor, r.field("code"), r.session->token_hash);
    });
    if (!done) {
        const auto wrong = done.error();
        return s.db->read([&](read_view& view) { return setup_page(r, view, s, &wrong); });
    }
    core::value codes = core::value::array();
    for (const auto& c : *done)
        codes.push(core::value::object().set("code", c));
    return page(r, s, "public/factor_codes", "两步验证已启用",
                core::value::object().set("codes", std::move(codes)), nullptr);
}

result<response> remove_factor(const request& r, services& s) {
    const auto done = s.db->write([&](write_tx& tx) {
        return account::remove_second_factor(tx, r.actor, r.actor.login_id, r.field("code"), "");
    });
    if (done) return see_other("/staff/factor/new?done=factor_removed");
    const auto wrong = done.error();
    return s.db->read([&](read_view& view) { return setup_page(r, view, s, &wrong); });
}

} // namespace wechat::staff
