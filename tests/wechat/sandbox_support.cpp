#include "tests/wechat/sandbox_support.hpp"

#include "core/base/json.hpp"
#include "wechat/sandbox/api_host.hpp"
#include "wechat/server/form.hpp"

#include <algorithm>

namespace tests {
namespace {

using core::value;

wechat::sandbox::account account() {
    wechat::sandbox::account a;
    a.appid = sandbox_appid;
    a.original_id = "gh_0123456789ab";
    a.secret = sandbox_secret;
    a.website_appid = "wxfedcba9876543210";
    a.website_secret = sandbox_secret;
    a.keys = {"testtoken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", sandbox_appid};
    a.templates["T1"] = {"预约成功提醒", {{"thing1", "机构"}, {"character_string2", "单号"}}, false};
    a.subscriptions["S1"] = {"预约提醒", {{"thing1", "机构"}}, false};
    a.subscriptions["S2"] = {"到期提醒", {{"thing1", "机构"}}, true};
    return a;
}

} // namespace

sandbox_desk::sandbox_desk(std::filesystem::path file)
    : time(core::from_ms(1'764'000'000'000)), platform(account(), time, std::move(file)) {
    services.time = &time;
    services.platform = &platform;
}

wechat::response sandbox_desk::ask(wechat::method m, std::string_view target, std::string body,
                                   std::vector<wechat::uploaded_file> files) {
    wechat::request r;
    r.method = m;
    const auto question = std::min(target.find('?'), target.size());
    r.path = std::string(target.substr(0, question));
    if (question < target.size()) r.query = *wechat::parse_urlencoded(target.substr(question + 1));
    if (!r.query.find("access_token") && !token.empty()) r.query.add("access_token", token);
    r.body = std::move(body);
    r.files = std::move(files);
    return wechat::sandbox::serve_api(r, services).value();
}

value sandbox_desk::get(std::string_view target) {
    return core::parse_json(ask(wechat::method::get, target).body).value();
}

value sandbox_desk::post(std::string_view target, std::string body) {
    return core::parse_json(ask(wechat::method::post, target, std::move(body)).body).value();
}

value sandbox_desk::post_value(std::string_view target, const value& body) {
    return post(target, core::to_json(body));
}

void sandbox_desk::sign_in() {
    token = post("/cgi-bin/stable_token", R"({"grant_type":"client_credential","appid":")" + sandbox_appid +
                                              R"(","secret":")" + sandbox_secret + "\"}")
                .text("access_token");
}

std::string sandbox_desk::legacy() {
    return get("/cgi-bin/token?grant_type=client_credential&appid=" + sandbox_appid +
               "&secret=" + sandbox_secret)
        .text("access_token");
}

std::int64_t sandbox_desk::with(const std::string& t) {
    return get("/cgi-bin/getcallbackip?access_token=" + t).number("errcode");
}

value template_to(const std::string& openid, const std::string& thing, const std::string& client_id) {
    value data = value::object();
    data.set("thing1", value::object().set("value", thing));
    data.set("character_string2", value::object().set("value", "261148273058"));
    value v = value::object().set("touser", openid).set("template_id", "T1").set("data", std::move(data));
    return v.set("client_msg_id", client_id);
}

} // namespace tests
