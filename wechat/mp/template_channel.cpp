#include "wechat/mp/template_channel.hpp"

#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "wechat/mp/errors.hpp"

namespace wechat::mp {
namespace {

notify::send_result result_of(notify::verdict v, std::string why) {
    notify::send_result r;
    r.result = v;
    r.errmsg = std::move(why);
    return r;
}

bool token_refused(const notify::send_result& r) {
    return class_of(r.errcode) == error_class::refresh_token;
}

} // namespace

std::string template_channel::body_of(const notify::outgoing& m) const {
    const auto& config = api_->config();
    const auto id = config.template_ids.find(m.kind);
    const auto stored = core::parse_json(m.body);
    const core::value* fields = stored ? stored->find("data") : nullptr;
    if (id == config.template_ids.end() || fields == nullptr || fields->as_members() == nullptr) return {};
    core::value data = core::value::object();
    for (const auto& [name, text] : *fields->as_members())
        data[name].set("value", text);
    core::value out = core::value::object();
    out.set("touser", m.openid).set("template_id", id->second);
    const std::string path = stored->text("url");
    if (!path.empty()) out.set("url", config.public_url + path);
    out.set("client_msg_id", m.client_msg_id).set("data", std::move(data));
    return core::to_json(out);
}

notify::send_result judge_answer(const http_answer& a) {
    using notify::verdict;
    if (a.fate == http_answer::fate::not_sent) return result_of(verdict::not_sent, a.why);
    const auto body = a.fate == http_answer::fate::answered ? core::parse_json(a.body) : std::nullopt;
    // The body decides, not the status: a 200 may hold an error, a gateway's page says nothing at all.
    if (!body || body->find("errcode") == nullptr)
        return result_of(verdict::in_doubt,
                         a.why.empty() ? "answer of status " + std::to_string(a.status) : a.why);
    notify::send_result r;
    r.errcode = static_cast<int>(body->number("errcode"));
    r.errmsg = body->text("errmsg");
    r.rid = rid_of(r.errmsg);
    r.msgid = body->number("msgid");
    r.result = verdict_of(class_of(r.errcode));
    return r;
}

void template_channel::send(std::span<const notify::outgoing> batch,
                            const std::function<void(std::size_t, notify::send_result)>& done) {
    auto token = api_->token().current();
    if (!token) {
        const bool down = token.error().detail == "wechat.account_down";
        for (std::size_t i = 0; i < batch.size(); ++i)
            done(i, result_of(down ? notify::verdict::account_down : notify::verdict::not_sent,
                              token.error().detail));
        return;
    }
    std::vector<std::size_t> ready;
    std::vector<std::string> bodies(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
        bodies[i] = body_of(batch[i]);
        if (bodies[i].empty())
            done(i, result_of(notify::verdict::template_refused, "no template id for " + batch[i].kind));
        else
            ready.push_back(i);
    }
    // Two rounds at most: what was refused for its token goes out once more with a renewed one.
    for (int round = 0; round < 2 && !ready.empty(); ++round) {
        const std::string url =
            api_->config().api_base + "/cgi-bin/message/template/send?access_token=" + percent_encode(*token);
        std::vector<std::size_t> again;
        api_->http().send_all(
            ready.size(),
            [&](std::size_t n) {
                return http_request{url, bodies[ready[n]]};
            },
            [&](std::size_t n, http_answer a) {
                auto result = judge_answer(a);
                if (round == 0 && token_refused(result))
                    again.push_back(ready[n]);
                else
                    done(ready[n], std::move(result));
            });
        ready = std::move(again);
        if (ready.empty()) return;
        token = api_->token().renew(*token);
        if (token) continue;
        for (const std::size_t i : ready)
            done(i, result_of(notify::verdict::not_sent, token.error().detail));
        return;
    }
}

} // namespace wechat::mp
