#include "wechat/mp/push_channel.hpp"

#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "wechat/mp/errors.hpp"

#include <algorithm>

namespace wechat::mp {
namespace {

constexpr std::size_t account_suspected = 5; // openids in a row with 50002: it is the account, not they
// Messages of a kind in a row with 47003. Our values fit (N16), so the granted template has other fields.
constexpr int template_suspected = 3;

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

bool is_plain(std::string_view s) {
    return !s.empty() && s.size() <= 64 && std::all_of(s.begin(), s.end(), [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '_';
    });
}

push_channel::push_channel(api& a, http_client& http, std::string_view path)
    : api_(&a), http_(&http), path_(path), slots_(http.connections()) {}

void push_channel::wake() {
    http_->wake();
}

void push_channel::give_up() {
    http_->give_up();
}

void push_channel::release() {
    api_->lift_all();
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

bool push_channel::refresh(const std::string& refused) {
    auto token = refused.empty() ? api_->token().current() : api_->token().renew(refused);
    if (!token || *token == refused) return false;
    std::string base = api_->hosts().base();
    if (*token == token_ && base == base_) return true;
    token_ = std::move(*token);
    base_ = std::move(base);
    url_ = api_->url_of(path_, token_);
    return true;
}

bool push_channel::fill(http_request& r, under_way& w) {
    w.token = token_;
    if (r.url != url_) r.url = url_;
    r.body = request_body(w.message);
    return !r.body.empty();
}

// 50002 means this person, unless several different ones get it in a row; 47003 this message, unless several
// of its kind get it.
notify::send_result push_channel::settle(const under_way& w, notify::send_result r) {
    if (r.result == notify::verdict::accepted) {
        if (!restricted_.empty()) restricted_.clear();
        if (!misfits_.empty()) misfits_.erase(w.message.kind);
        return r;
    }
    if (r.errcode == 50002) {
        restricted_.insert(w.message.address);
        if (restricted_.size() >= account_suspected) r.result = notify::verdict::account_down;
    }
    if (r.errcode == 47003 && ++misfits_[w.message.kind] >= template_suspected)
        r.result = notify::verdict::template_refused;
    return r;
}

notify::send_result push_channel::refuse_unsent(const notify::outgoing& m) const {
    if (!carries(m.kind)) return result_of(notify::verdict::template_refused, "no template id for " + m.kind);
    return result_of(notify::verdict::data_refused, "address or body are not WeChat's");
}

void push_channel::send(const source& next, const sink& done) {
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
            const auto stop = api_->stopped(path_);
            auto token = stop ? core::result<std::string>(*stop) : api_->token().current();
            if (!token) {
                done(w.message, result_of(verdict_without_call(token.error()), token.error().detail));
                continue;
            }
            if (*token != token_ || api_->hosts().base() != base_) refresh({});
            if (fill(r, w)) return true;
            done(w.message, refuse_unsent(w.message));
        }
        return false;
    };
    http_->stream(give, [&](std::size_t slot, http_answer a) {
        under_way& w = slots_[slot];
        auto result = judge_answer(a);
        if (a.fate == http_answer::fate::not_sent) api_->note_unreachable();
        if (result.errcode != 0) api_->note_answer(path_, result.errcode, result.errmsg);
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
