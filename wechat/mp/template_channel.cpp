#include "wechat/mp/template_channel.hpp"

#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "wechat/mp/errors.hpp"

#include <algorithm>

namespace wechat::mp {
namespace {

constexpr std::string_view send_path = "/cgi-bin/message/template/send";

notify::send_result result_of(notify::verdict v, std::string why) {
    notify::send_result r;
    r.result = v;
    r.errmsg = std::move(why);
    return r;
}

// A breaker is open or there is no token: nothing was sent for certain.
notify::verdict verdict_without_call(const core::error& e) {
    if (e.detail == "wechat.account_down") return notify::verdict::account_down;
    const bool a_minute = std::any_of(e.args.begin(), e.args.end(),
                                      [](const auto& a) { return a.second == code_of(cause::quota_minute); });
    if (e.detail == "wechat.quota") return a_minute ? notify::verdict::slow_down : notify::verdict::quota;
    return notify::verdict::not_sent;
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
    const auto stop = api_->stopped(send_path);
    auto token = stop ? core::result<std::string>(*stop) : api_->token().current();
    if (!token) {
        for (std::size_t i = 0; i < batch.size(); ++i)
            done(i, result_of(verdict_without_call(token.error()), token.error().detail));
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
        const std::string url = api_->url_of(send_path, *token);
        std::vector<std::size_t> again;
        api_->http().send_all(
            ready.size(),
            [&](std::size_t n) {
                return http_request{url, bodies[ready[n]]};
            },
            [&](std::size_t n, http_answer a) {
                auto result = judge_answer(a);
                if (a.fate == http_answer::fate::not_sent) api_->note_unreachable();
                if (result.errcode != 0) api_->note_answer(send_path, result.errcode, result.errmsg);
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
