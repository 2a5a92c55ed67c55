#include "wechat/sandbox/api_host.hpp"

#include "core/base/json.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/sandbox/platform.hpp"

#include <array>
#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

namespace wechat::sandbox {
namespace {

// The platform's words for a failure that was told to happen; the product reads some of them (the caller's
// IP).
std::string_view words_of(int code) {
    static constexpr std::array<std::pair<int, std::string_view>, 13> known = {{
        {-1, "system error"},
        {40001, "invalid credential, access_token is invalid or not latest"},
        {40003, "invalid openid"},
        {40037, "invalid template_id"},
        {40125, "invalid appsecret"},
        {40164, "invalid ip 203.0.113.77 ipv6 ::ffff:203.0.113.77, not in whitelist"},
        {42001, "access_token expired"},
        {43004, "require subscribe"},
        {43101, "user refuse to accept the msg"},
        {45009, "reach max api daily quota limit"},
        {45011, "api minute-quota reach limit, must slower, retry next minute"},
        {47003, "argument invalid! data.thing1.value invalid"},
        {48001, "api unauthorized"},
    }};
    for (const auto& [one, words] : known)
        if (one == code) return words;
    return "told to fail";
}

core::value refusal(platform& p, int code, std::string_view message) {
    return p.use([&](state& s) { return s.refuse(code, message); });
}

// Whom a call is about, for faults of one person.
std::string person_of(const api_call& c) {
    for (const std::string_view name : {"touser", "openid", "user_id"})
        if (auto openid = c.body.text(name); !openid.empty()) return openid;
    return c.query("openid");
}

api_answer answer_of(const request& r, platform& p, const api_row& row, const api_call& c, const fault& f) {
    if (f.errcode != 0 && !f.after) return refusal(p, f.errcode, words_of(f.errcode));
    if (r.method == method::post && row.method != method::post)
        return refusal(p, 43001, "require GET method");
    if (r.method != method::post && row.method == method::post)
        return refusal(p, 43002, "require POST method");
    if (c.body.is_null()) return refusal(p, 47001, "data format error");
    if (r.body.find("\\u") != std::string::npos)
        return refusal(p, 40033,
                       "invalid charset. please check your request, if include \\uxxxx will create fail");
    if (f.is_no_answer() && !f.after) return core::value::object();
    auto done = p.call(row, c);
    return f.errcode == 0 ? done : refusal(p, f.errcode, words_of(f.errcode));
}

response response_of(const api_answer& a) {
    if (a.media_type.empty()) return json(core::to_json(a.json));
    return download(a.bytes, a.media_type, a.file_name);
}

} // namespace

core::result<response> serve_api(const request& r, services& s) {
    platform& p = *s.platform;
    const api_row* row = find_api(r.path);
    if (row == nullptr) return json(core::to_json(refusal(p, 40066, "invalid url")));
    api_call c;
    c.http = &r;
    c.body = core::value::object();
    if (!r.body.empty() && r.form.empty()) c.body = core::parse_json(r.body).value_or(core::value{});
    fault f = p.faults().take(r.path, person_of(c));
    if (f.is_none()) f = p.random().strike(r.path, c.body.text("client_msg_id"));
    const auto pause = [&f] { std::this_thread::sleep_for(std::chrono::milliseconds(f.delay_ms)); };
    if (f.delay_ms > 0 && !f.after) pause();
    const api_answer answer = answer_of(r, p, *row, c, f);
    if (f.delay_ms > 0 && f.after) pause(); // the receipt is out before the answer
    if (f.html) return html("<html><body><h1>502 Bad Gateway</h1></body></html>", 502);
    if (f.broken) return text("{\"errcode\":0,\"errm", 200);
    if (f.reset) return text("", 0); // the caller is in doubt
    return response_of(answer);
}

} // namespace wechat::sandbox
