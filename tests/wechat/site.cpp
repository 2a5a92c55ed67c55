#include "tests/wechat/site.hpp"

#include "core/account/session.hpp"
#include "core/base/ids.hpp"
#include "core/journal/outbox.hpp"
#include "wechat/mp/doctor.hpp"
#include "wechat/mp/jsapi_ticket.hpp"
#include "wechat/routes.hpp"
#include "wechat/sandbox/routes.hpp"
#include "wechat/server/form.hpp"
#include "wechat/server/view.hpp"

#include <stdexcept>

namespace tests {
namespace {

using namespace wechat;

mp::settings test_settings() {
    mp::settings w;
    w.appid = "wx0123456789abcdef";
    w.original_id = "gh_0123456789ab";
    w.secret = "0123456789abcdef0123456789abcdef";
    w.token = "testtoken";
    w.encoding_aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    w.public_url = "https://qj.test";
    return w;
}

sandbox::account account_of(const mp::settings& w) {
    sandbox::account a;
    a.appid = w.appid;
    a.original_id = w.original_id;
    a.secret = w.secret;
    a.website_appid = "wxfedcba9876543210";
    a.website_secret = "secret-of-the-website";
    a.keys = {w.token, w.encoding_aes_key, w.appid};
    return a;
}

server_options api_options() {
    server_options o;
    listen_options l;
    l.tls = false;
    o.listeners.push_back(l);
    o.log_requests = false;
    return o;
}

server_options site_options() {
    server_options o;
    o.log_requests = false;
    return o;
}

mp::http_client::options client_options() {
    mp::http_client::options o;
    o.allow_plain_http = true;
    return o;
}

core::template_set::options strict() {
    core::template_set::options o;
    o.strict = true;
    return o;
}

} // namespace

struct site::parts {
    explicit parts(site& w)
        : pages(templates, files.addresses()), problems(templates), book(templates), api_server(nullptr) {
        auto account = account_of(settings);
        for (const auto& kind : core::outbox::kinds)
            grant(account, kind.name);
        w.platform = std::make_unique<sandbox::platform>(std::move(account), w.time);
        sandbox_services.time = &w.time;
        sandbox_services.platform = w.platform.get();
        api_server =
            std::make_unique<server>(api_options(), sandbox::routes(), sandbox_services, nullptr, w.time);
        api_server->start();
        settings.api_base = "http://127.0.0.1:" + std::to_string(api_server->port());
        settings.oauth_base = settings.api_base;
        api = std::make_unique<mp::api>(settings, http, w.db());
        ticket = std::make_unique<mp::jsapi_ticket>(*api, w.db());
        callback = std::make_unique<mp::callback>(settings, templates);
        hub =
            std::make_unique<notify::hub>(w.db(), book, std::vector<notify::channel*>{&w.messages, &w.mails});
        doctor.reset(new mp::doctor(*api, w.db(), templates, book,
                                    {settings.public_url + "/wx/callback", {}, w.folder.path()}));
        auto& s = w.services;
        s.time = &w.time;
        s.db = &w.db();
        s.pages = &pages;
        s.problems = &problems;
        s.wechat = &settings;
        s.api = api.get();
        s.callback = callback.get();
        s.hub = hub.get();
        s.messages = &book;
        s.doctor = doctor.get();
        s.ticket = ticket.get();
        s.password_cost = core::account::test_cost;
        s.attachments = w.folder.path() / "attachments";
        web = std::make_unique<server>(site_options(), routes(), s, &w.db(), w.time);
    }
    // A template of the account for this kind, with the fields of its message.
    void grant(sandbox::account& account, std::string_view kind) {
        const std::string id = "granted-" + std::string(kind);
        settings.template_ids[std::string(kind)] = id;
        const auto* words = book.find(kind);
        account.templates[id].title = words->title;
        for (const auto& f : words->fields)
            account.templates[id].labels[f.name] = f.label;
    }

    mp::settings settings = test_settings();
    core::template_set templates{strict()};
    assets files;
    view pages;
    problem_texts problems;
    notify::message_book book;
    wechat::services sandbox_services;
    std::unique_ptr<server> api_server;
    mp::http_client http{client_options()};
    std::unique_ptr<mp::api> api;
    std::unique_ptr<mp::jsapi_ticket> ticket;
    std::unique_ptr<mp::callback> callback;
    std::unique_ptr<notify::hub> hub;
    std::unique_ptr<mp::doctor> doctor;
    std::unique_ptr<server> web;
};

void kept_messages::send(const source& next, const sink& done) {
    while (auto one = next()) {
        all.push_back(*one);
        notify::send_result r;
        r.result = notify::verdict::accepted;
        r.msgid = static_cast<std::int64_t>(all.size());
        done(*one, r);
    }
}

notify::outgoing kept_messages::last(std::string_view kind, std::string_view openid) const {
    for (auto at = all.rbegin(); at != all.rend(); ++at)
        if (at->kind == kind && at->address == openid) return *at;
    throw std::runtime_error("no message " + std::string(kind) + " to " + std::string(openid));
}

site::site(core::instant start) : order_world(start), parts_(std::make_unique<parts>(*this)) {}
site::~site() = default;

mp::settings& site::settings() {
    return parts_->settings;
}

response site::send(request r) {
    return parts_->web->dispatch(std::move(r));
}

void site::run_hub() {
    while (parts_->hub->run_once() > 0) {
    }
}

std::string site::answer_pushes() {
    std::string said;
    for (const auto& push : platform->take_pushes()) {
        const auto sealed = platform->seal(push);
        request r;
        r.method = method::post;
        r.path = "/wx/callback";
        r.query = *parse_urlencoded(sealed.query);
        r.body = sealed.body;
        r.host = "qj.test";
        const auto reply = send(std::move(r));
        said = reply.body == "success" ? "" : sandbox::element(platform->open_reply(reply.body), "Content");
    }
    return said;
}

std::string site::say(std::string_view openid, std::string_view text) {
    platform->say(openid, text);
    return answer_pushes();
}

request browser::make(method m, std::string_view target) {
    request r;
    r.method = m;
    const auto question = std::min(target.find('?'), target.size());
    r.path = *url_decode(target.substr(0, question));
    if (question < target.size()) r.query = *parse_urlencoded(target.substr(question + 1));
    r.host = "qj.test";
    r.remote_address = address_;
    if (!agent_.empty()) r.headers.add("user-agent", agent_);
    for (const auto& [name, value] : cookies_)
        r.cookies.add(name, value);
    return r;
}

response browser::send(request r) {
    response answer = site_->send(std::move(r));
    for (const auto& [name, value] : answer.headers) {
        if (name != "Set-Cookie") continue;
        const auto equals = value.find('=');
        const auto end = std::min(value.find(';'), value.size());
        cookies_[value.substr(0, equals)] = value.substr(equals + 1, end - equals - 1);
        if (value.find("Max-Age=0") != std::string::npos) cookies_.erase(value.substr(0, equals));
    }
    return answer;
}

response browser::get(std::string_view target) {
    return send(make(method::get, target));
}

response browser::post(std::string_view path, const form_fields& form, const manner& as) {
    request r = make(method::post, path);
    r.headers.add("content-type", "application/x-www-form-urlencoded");
    if (!as.origin.empty()) r.headers.add("origin", as.origin);
    if (!as.once.empty()) r.headers.add("idempotency-key", as.once);
    const std::string token = as.token ? csrf() : "";
    if (!token.empty()) r.body = "_csrf=" + token;
    for (const auto& [name, value] : form)
        r.body += (r.body.empty() ? "" : "&") + url_encode(name) + "=" + url_encode(value);
    return send(std::move(r));
}

response browser::post_files(std::string_view path, const form_fields& form,
                             const std::vector<uploaded_file>& files) {
    request r = make(method::post, path);
    const std::string edge = "----" + core::random_hex(12);
    r.headers.add("content-type", "multipart/form-data; boundary=" + edge);
    r.headers.add("origin", "https://qj.test");
    const auto part = [&](const std::string& disposition, const std::string& content) {
        r.body += "--" + edge + "\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content +
                  "\r\n";
    };
    part("name=\"_csrf\"", csrf());
    for (const auto& [name, value] : form)
        part("name=\"" + name + "\"", value);
    for (const auto& f : files)
        part("name=\"" + f.field + "\"; filename=\"" + f.file_name + "\"", f.bytes);
    r.body += "--" + edge + "--\r\n";
    return send(std::move(r));
}

response browser::sign_in(std::string_view username, std::string_view password) {
    const bool staff = site_->read([&](core::db::read_view& v) {
        return core::account::acting_as(v, username).kind == core::actor_kind::staff;
    });
    return post(staff ? "/staff/login" : "/login",
                {{"username", std::string(username)}, {"password", std::string(password)}});
}

std::string browser::cookie(const std::string& name) const {
    const auto at = cookies_.find(name);
    return at == cookies_.end() ? std::string() : at->second;
}

std::string browser::csrf() {
    const std::string token = cookie("__Host-session");
    if (token.empty()) return {};
    const auto found = site_->read(
        [&](core::db::read_view& v) { return core::account::find_session(v, core::sha256_hex(token)); });
    return found ? found->csrf : std::string();
}

std::string location_of(const response& r) {
    for (const auto& [name, value] : r.headers)
        if (name == "Location") return value;
    return {};
}

bool contains(const response& r, std::string_view text) {
    return r.body.find(text) != std::string::npos;
}

} // namespace tests
