#include "wechat/relay/email_channel.hpp"

#include "core/account/contact.hpp"
#include "core/base/ids.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"

#include <utility>

namespace wechat::relay {
namespace {

using notify::verdict;

core::value model_of(const core::value& body, const std::string& site) {
    core::value fields = core::value::array();
    const auto* labels = body.find("labels");
    const auto* data = body.find("data");
    if (labels != nullptr && data != nullptr && labels->as_members() != nullptr)
        for (const auto& [name, label] : *labels->as_members())
            fields.push(core::value::object()
                            .set("label", label.as_text() == nullptr ? name : *label.as_text())
                            .set("text", data->text(name)));
    core::value model = core::value::object();
    model.set("title", body.text("title")).set("fields", std::move(fields)).set("url", body.text("url"));
    return model.set("has_url", !body.text("url").empty()).set("site", site);
}

notify::send_result result_of(verdict v, const smtp_answer& a) {
    notify::send_result r;
    r.result = v;
    r.errcode = a.code;
    r.errmsg = std::string(name_of(a.stage)) + ": " + a.said;
    return r;
}

} // namespace

notify::send_result judge_reply(const smtp_answer& a) {
    if (a.accepted) {
        notify::send_result fine;
        fine.result = verdict::accepted;
        return fine;
    }
    if (a.misconfigured) return result_of(verdict::account_down, a);
    if (a.stage == smtp_stage::ended && a.code == 0) return result_of(verdict::in_doubt, a);
    if (a.code == 421 || a.code == 450 || a.code < 500) return result_of(verdict::not_sent, a);
    switch (a.stage) {
    case smtp_stage::recipient: { // no such mailbox, or it takes nothing from us
        auto r = result_of(verdict::user_refused, a);
        r.refused = notify::refusal::all;
        return r;
    }
    case smtp_stage::content:
    case smtp_stage::ended:
        return result_of(verdict::data_refused, a);
    case smtp_stage::connecting:
    case smtp_stage::greeting:
    case smtp_stage::sign_in:
    case smtp_stage::sender:
        break;
    }
    return result_of(verdict::account_down, a);
}

email_channel::email_channel(smtp_client& client, const core::template_set& templates,
                             const core::clock& time, std::string site)
    : client_(&client), templates_(&templates), time_(&time), site_(std::move(site)),
      slots_(client.config().connections) {}

std::string email_channel::compose(const notify::message& m) const {
    return notify::full_body_of(m, site_);
}

std::string email_channel::content_of(const notify::outgoing& m) const {
    const auto body = core::parse_json(m.body);
    const auto& c = client_->config();
    if (!body || body->text("title").empty() || !core::account::is_email(m.address)) return {};
    const mail_text what{body->text("title"),
                         templates_->render("text/mail/notice.txt", model_of(*body, site_))};
    return compose_mail({c.from, c.from_name}, m.address, what, "qj" + std::to_string(m.delivery),
                        time_->now());
}

void email_channel::send(const source& next, const sink& done) {
    client_->stream(
        [&](std::size_t slot, smtp_mail& mail) {
            while (auto m = next()) {
                mail.content = content_of(*m);
                mail.to = m->address;
                slots_[slot] = std::move(*m);
                if (!mail.content.empty()) return true;
                notify::send_result r;
                r.result = verdict::data_refused;
                r.errmsg = "address or text cannot be mailed";
                done(slots_[slot], std::move(r));
            }
            return false;
        },
        [&](std::size_t slot, const smtp_answer& a) { done(slots_[slot], judge_reply(a)); });
}

void email_channel::wake() {
    client_->wake();
}

void email_channel::give_up() {
    client_->give_up();
}

namespace {

core::result<> mail_once(smtp_client& client, const core::clock& time, const std::string& to,
                         const mail_text& what, const std::string& id) {
    const auto& c = client.config();
    const auto a = client.call({to, compose_mail({c.from, c.from_name}, to, what, id, time.now())});
    if (a.accepted) return {};
    core::log::warn(
        "mail", "a mail could not be handed over",
        core::value::object().set("stage", name_of(a.stage)).set("code", a.code).set("why", a.said));
    return core::error(core::errc::unavailable, "email.away", "email");
}

} // namespace

core::result<> mail_code(smtp_client& client, const core::template_set& templates, const core::clock& time,
                         const std::string& to, const std::string& code) {
    const mail_text what{"邮箱验证码 " + code,
                         templates.render("text/mail/code.txt", core::value::object().set("code", code))};
    return mail_once(client, time, to, what, "code-" + core::random_hex(8));
}

core::result<> mail_alarm(smtp_client& client, const core::clock& time, const std::string& to,
                          const std::string& subject, const std::string& text) {
    return mail_once(client, time, to, {subject, text}, "alarm-" + core::random_hex(8));
}

} // namespace wechat::relay
