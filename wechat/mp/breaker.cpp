#include "wechat/mp/breaker.hpp"

#include "wechat/mp/api.hpp"
#include "wechat/mp/errors.hpp"

#include <algorithm>
#include <array>

namespace wechat::mp {
namespace {

using namespace std::chrono_literals;

bool is_one_of(int code, std::initializer_list<int> codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

std::optional<cause> cause_of(std::string_view path, int code) {
    if (is_one_of(code, {40164, 61004, 45035, 89501, 89503, 89506, 89507})) return cause::ip_whitelist;
    if (is_one_of(code, {40013, 40125, 40243, 41002, 41004, 50007})) return cause::secret;
    if (path == token_path && code == 40001) return cause::secret;
    switch (class_of(code)) {
    case error_class::account:
        return cause::forbidden;
    case error_class::quota_day:
        return cause::quota_day;
    case error_class::quota_minute:
        return cause::quota_minute;
    default:
        return std::nullopt;
    }
}

core::instant end_of(cause c, core::instant now) {
    switch (c) {
    case cause::ip_whitelist:
    case cause::secret:
        return now + 5min;
    case cause::forbidden:
        return now + 10min;
    case cause::quota_minute:
        return now + 1min;
    case cause::quota_day:
        break;
    }
    return core::local_instant(core::add_days(core::local_date(now), 1), 0);
}

bool stops_all(cause c) {
    return c == cause::ip_whitelist || c == cause::secret;
}

} // namespace

std::string_view code_of(cause c) {
    static constexpr std::array<std::string_view, 5> names = {"ip_whitelist", "secret", "forbidden",
                                                              "quota_day", "quota_minute"};
    return names[static_cast<std::size_t>(c)];
}

bool is_quota(cause c) {
    return c == cause::quota_day || c == cause::quota_minute;
}

bool mends_itself(cause c) {
    return c == cause::quota_minute;
}

void breakers::note(std::string_view path, int errcode, std::string_view errmsg, core::instant now) {
    const auto why = cause_of(path, errcode);
    if (!why) return;
    block b;
    b.why = *why;
    b.path = stops_all(*why) ? "" : std::string(path);
    b.errcode = errcode;
    b.rid = rid_of(errmsg);
    if (*why == cause::ip_whitelist) b.caller_ip = caller_ip_of(errmsg);
    b.since = now;
    b.until = end_of(*why, now);
    const std::lock_guard<std::mutex> hold(guard_);
    std::erase_if(blocks_, [&](const block& old) {
        return old.until <= now || (old.path == b.path && old.why == b.why);
    });
    blocks_.push_back(std::move(b));
}

void breakers::note_success(std::string_view path) {
    const std::lock_guard<std::mutex> hold(guard_);
    std::erase_if(blocks_,
                  [&](const block& b) { return b.path == path || (path == token_path && stops_all(b.why)); });
}

void breakers::lift_all() {
    const std::lock_guard<std::mutex> hold(guard_);
    blocks_.clear();
}

void breakers::forget_account() {
    const std::lock_guard<std::mutex> hold(guard_);
    std::erase_if(blocks_, [](const block& b) { return !is_quota(b.why); });
}

std::optional<block> breakers::find(std::string_view path, core::instant now) const {
    const std::lock_guard<std::mutex> hold(guard_);
    for (const auto& b : blocks_)
        if (now < b.until && (b.path.empty() || b.path == path)) return b;
    return std::nullopt;
}

std::vector<block> breakers::all(core::instant now) const {
    const std::lock_guard<std::mutex> hold(guard_);
    std::vector<block> open;
    std::copy_if(blocks_.begin(), blocks_.end(), std::back_inserter(open),
                 [&](const block& b) { return now < b.until; });
    return open;
}

core::error stopped_error(const block& b) {
    return core::error(core::errc::unavailable, b.path.empty() ? "wechat.stopped.all" : "wechat.stopped")
        .with("path", b.path)
        .with("until", core::short_moment_text(b.until));
}

core::error cause_error(const block& b) {
    return core::error(core::errc::unavailable, "wechat.cause." + std::string(code_of(b.why)))
        .with("errcode", std::to_string(b.errcode))
        .with("ip", b.caller_ip);
}

std::string caller_ip_of(std::string_view errmsg) {
    constexpr std::string_view before = "invalid ip ";
    const auto at = errmsg.find(before);
    if (at == std::string_view::npos) return {};
    const auto ip = errmsg.substr(at + before.size());
    const auto end = ip.find_first_not_of("0123456789.:abcdefABCDEF");
    return std::string(ip.substr(0, std::min<std::size_t>(end, 45)));
}

} // namespace wechat::mp
