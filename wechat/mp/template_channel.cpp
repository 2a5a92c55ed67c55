#include "wechat/mp/template_channel.hpp"

#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "wechat/mp/errors.hpp"

#include <algorithm>

namespace wechat::mp {
namespace {

constexpr std::string_view send_path = "/cgi-bin/message/template/send";
constexpr std::size_t account_suspected = 5; // openids in a row with 50002: it is the account, not they

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

// Openids and our ids go into the request as they are: anything else than WeChat's alphabet is not one.
bool is_plain(std::string_view s) {
    return !s.empty() && s.size() <= 64 && std::all_of(s.begin(), s.end(), [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '_';
    });
}

// How far a refusal of class `user` reaches (wechat-platform.md 22).
notify::refusal reach_of(int errcode) {
    switch (errcode) {
    case 40003: // seen sporadically for real followers
        return notify::refusal::unlikely;
    case 43004:
    case 46004:
    case 50005:
        return notify::refusal::gone;
    case 43101:
        return notify::refusal::kind;
    case 43019:
    case 48002:
    case 50002:
        return notify::refusal::all;
    default:
        return notify::refusal::message;
    }
}

} // namespace

template_channel::template_channel(api& a) : api_(&a), slots_(a.http().connections()) {
    for (const auto& [kind, id] : a.config().template_ids)
        template_part_[kind] = "\"template_id\":" + core::to_json(core::value(id)) + ",";
}

bool template_channel::carries(std::string_view kind) const {
    return template_part_.contains(kind);
}

void template_channel::wake() {
    api_->http().wake();
}

void template_channel::give_up() {
    api_->http().give_up();
}

std::string template_channel::compose(const notify::message& m) const {
    core::value data = core::value::object();
    for (const auto& f : m.fields)
        data[f.name].set("value", f.text);
    core::value out = core::value::object();
    if (!m.url.empty()) out.set("url", api_->config().public_url + m.url);
    return core::to_json(out.set("data", std::move(data)));
}

std::string template_channel::request_body(const notify::outgoing& m) const {
    const auto id = template_part_.find(m.kind);
    const bool fine = id != template_part_.end() && is_plain(m.address) && is_plain(m.client_msg_id) &&
                      m.body.size() > 2 && m.body.front() == '{';
    if (!fine) return {};
    std::string out;
    out.reserve(m.body.size() + m.address.size() + id->second.size() + 80);
    out.append("{\"touser\":\"").append(m.address).append("\",").append(id->second);
    out.append("\"client_msg_id\":\"").append(m.client_msg_id).append("\",");
    return out.append(m.body, 1);
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
    if (r.result == verdict::user_refused) r.refused = reach_of(r.errcode);
    return r;
}

bool template_channel::refresh(const std::string& refused) {
    auto token = refused.empty() ? api_->token().current() : api_->token().renew(refused);
    if (!token || *token == refused) return false;
    std::string base = api_->hosts().base();
    if (*token == token_ && base == base_) return true;
    token_ = std::move(*token);
    base_ = std::move(base);
    url_ = api_->url_of(send_path, token_);
    return true;
}

bool template_channel::fill(http_request& r, under_way& w) {
    w.token = token_;
    if (r.url != url_) r.url = url_;
    r.body = request_body(w.message);
    return !r.body.empty();
}

// 50002 means this person, unless several different ones get it in a row.
notify::send_result template_channel::settle(const under_way& w, notify::send_result r) {
    if (r.errcode != 50002) {
        if (r.result == notify::verdict::accepted) restricted_.clear();
        return r;
    }
    restricted_.insert(w.message.address);
    if (restricted_.size() >= account_suspected) r.result = notify::verdict::account_down;
    return r;
}

void template_channel::send(const source& next, const sink& done) {
    const auto give = [&](std::size_t slot, http_request& r) {
        under_way& w = slots_[slot];
        if (!again_.empty()) {
            w = std::move(again_.front());
            again_.pop_front();
            if (fill(r, w)) return true;
        }
        while (auto m = next()) {
            w.message = std::move(*m);
            w.again = false;
            const auto stop = api_->stopped(send_path);
            auto token = stop ? core::result<std::string>(*stop) : api_->token().current();
            if (!token) {
                done(w.message, result_of(verdict_without_call(token.error()), token.error().detail));
                continue;
            }
            if (*token != token_ || api_->hosts().base() != base_) refresh({});
            if (fill(r, w)) return true;
            done(w.message,
                 carries(w.message.kind)
                     ? result_of(notify::verdict::data_refused, "address or body are not WeChat's")
                     : result_of(notify::verdict::template_refused, "no template id for " + w.message.kind));
        }
        return false;
    };
    api_->http().stream(give, [&](std::size_t slot, http_answer a) {
        under_way& w = slots_[slot];
        auto result = judge_answer(a);
        if (a.fate == http_answer::fate::not_sent) api_->note_unreachable();
        if (result.errcode != 0) api_->note_answer(send_path, result.errcode, result.errmsg);
        // What was refused for its token goes out once more with a renewed one.
        if (token_refused(result) && !w.again && refresh(w.token)) {
            w.again = true;
            again_.push_back(std::move(w));
            return;
        }
        done(w.message, settle(w, std::move(result)));
    });
}

} // namespace wechat::mp
