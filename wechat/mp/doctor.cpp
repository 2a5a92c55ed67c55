#include "wechat/mp/doctor.hpp"

#include "core/account/binding.hpp"
#include "core/account/follower.hpp"
#include "core/account/staff_wechat.hpp"
#include "core/base/ids.hpp"
#include "core/base/template.hpp"
#include "core/journal/outbox.hpp"
#include "wechat/mp/callback_store.hpp"
#include "wechat/mp/jsapi_ticket.hpp"
#include "wechat/mp/menu.hpp"
#include "wechat/mp/signature.hpp"
#include "wechat/mp/template_check.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace wechat::mp {
namespace {

using arguments = std::vector<std::pair<std::string, std::string>>;

constexpr std::int64_t skew_warning = 60, skew_bad = 300; // seconds; callbacks are refused beyond the window
constexpr int certificate_warning = 30, certificate_bad = 7; // days
constexpr std::chrono::hours followers_old{72};
constexpr std::uintmax_t disk_warning = 2ull << 30, disk_bad = 256ull << 20; // bytes

void add(std::vector<finding>& out, std::string_view check, state s, std::string code, arguments args = {}) {
    out.push_back({check, s, std::move(code), std::move(args)});
}

std::string argument(const core::error& e, std::string_view name) {
    for (const auto& [n, text] : e.args)
        if (n == name) return text;
    return {};
}

// "https://www.example.com" of an address on it.
std::string site_of(const std::string& url) {
    return url.substr(0, url.find('/', url.find("://") + 3));
}

// Days until the certificate ends; nullopt when it cannot be read.
std::optional<int> days_left(const std::filesystem::path& pem, core::instant now) {
    using file = std::unique_ptr<FILE, int (*)(FILE*)>;
    using certificate = std::unique_ptr<X509, decltype(&X509_free)>;
    const file in(std::fopen(pem.c_str(), "rb"), std::fclose);
    if (!in) return std::nullopt;
    const certificate c(PEM_read_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
    if (!c) return std::nullopt;
    const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> today(
        ASN1_TIME_set(nullptr, core::to_ms(now) / 1000), ASN1_TIME_free);
    int days = 0, seconds = 0;
    if (ASN1_TIME_diff(&days, &seconds, today.get(), X509_get0_notAfter(c.get())) != 1) return std::nullopt;
    return days < 0 || seconds < 0 ? days - 1 : days;
}

} // namespace

std::string_view code_of(state s) {
    static constexpr std::array<std::string_view, 4> names = {"good", "warning", "bad", "skipped"};
    return names[static_cast<std::size_t>(s)];
}

core::error finding::text_key() const {
    core::error e(core::errc::invalid, "doctor." + std::string(check) + "." + code);
    e.args = args;
    return e;
}

doctor::doctor(api& a, core::db::database& db, const core::template_set& templates,
               const notify::message_book& book, doctor_setup setup)
    : api_(&a), db_(&db), templates_(&templates), book_(&book), setup_(std::move(setup)) {}

std::vector<finding> doctor::examine() {
    std::vector<finding> out;
    api_->probe(); // what was wrong five minutes ago may be mended: who looks wants to know it now
    check_configuration(out);
    check_certificate(out);
    check_disk(out);
    check_database(out);
    const bool reachable = check_host(out);
    const bool has_token = reachable && check_token(out);
    if (!reachable) add(out, "token", state::skipped, "skipped");
    check_breakers(out);
    check_callback(out);
    check_domain(out);
    check_website(out);
    if (has_token) {
        check_network(out);
        check_js(out);
        check_tag(out);
        check_menu(out);
        check_templates(out);
    } else {
        for (const std::string_view check : {"network", "js", "tag", "menu", "template"})
            add(out, check, state::skipped, "skipped");
    }
    check_followers(out);
    return out;
}

void doctor::check_configuration(std::vector<finding>& out) const {
    const auto& s = api_->config();
    if (s.mode == message_mode::plaintext)
        add(out, "configuration", state::bad, "plaintext");
    else if (!s.public_url.starts_with("https://"))
        add(out, "configuration", state::bad, "no_https", {{"url", s.public_url}});
    else if (!s.token_previous.empty() || !s.encoding_aes_key_previous.empty())
        add(out, "configuration", state::warning, "rotating");
    else
        add(out, "configuration", state::good, "ok");
}

void doctor::check_certificate(std::vector<finding>& out) const {
    if (setup_.certificate.empty()) return add(out, "certificate", state::skipped, "elsewhere");
    const auto days = days_left(setup_.certificate, db_->time().now());
    if (!days) return add(out, "certificate", state::bad, "unreadable");
    const arguments left = {{"days", std::to_string(*days)}};
    if (*days < 0) return add(out, "certificate", state::bad, "over", left);
    if (*days < certificate_bad) return add(out, "certificate", state::bad, "ending", left);
    if (*days < certificate_warning) return add(out, "certificate", state::warning, "ending", left);
    add(out, "certificate", state::good, "ok", left);
}

void doctor::check_disk(std::vector<finding>& out) const {
    std::error_code failed;
    const auto room = std::filesystem::space(setup_.data_folder, failed);
    if (failed) return add(out, "disk", state::bad, "unreadable");
    const arguments left = {{"mb", std::to_string(room.available >> 20)}};
    const auto s = room.available < disk_bad       ? state::bad
                   : room.available < disk_warning ? state::warning
                                                   : state::good;
    add(out, "disk", s, s == state::good ? "ok" : "low", left);
}

void doctor::check_database(std::vector<finding>& out) {
    try {
        const auto failed = db_->read([](core::db::read_view& v) { return inbox::count_failed(v); });
        db_->write([](core::db::write_tx&) -> core::result<> { return {}; }).value();
        if (failed > 0)
            add(out, "database", state::warning, "failed_messages", {{"n", std::to_string(failed)}});
        else
            add(out, "database", state::good, "ok");
    } catch (const core::db::db_error& e) {
        add(out, "database", state::bad, e.is_full() ? "full" : "fault");
    }
}

// Reached at all, and how far our clock is off: without a token WeChat answers with an error, and its Date.
bool doctor::check_host(std::vector<finding>& out) {
    const std::string base = api_->hosts().base();
    const auto answer = api_->http().call({base + "/cgi-bin/getcallbackip", {}});
    if (answer.fate != http_answer::fate::answered) {
        add(out, "host", state::bad, "unreachable", {{"host", base}, {"why", answer.why}});
        add(out, "clock", state::skipped, "skipped");
        return false;
    }
    if (api_->hosts().on_fallback())
        add(out, "host", state::warning, "fallback", {{"host", base}});
    else
        add(out, "host", state::good, "ok", {{"host", base}});
    if (!answer.date) {
        add(out, "clock", state::skipped, "no_date");
        return true;
    }
    const auto off = std::abs((core::to_ms(db_->time().now()) - core::to_ms(*answer.date)) / 1000);
    const auto s = off >= skew_bad ? state::bad : off >= skew_warning ? state::warning : state::good;
    add(out, "clock", s, s == state::good ? "ok" : "off", {{"seconds", std::to_string(off)}});
    return true;
}

bool doctor::check_token(std::vector<finding>& out) {
    const auto token = api_->token().current();
    const auto now = db_->time().now();
    if (!token) {
        const auto stop = api_->stopped(token_path);
        if (!stop) {
            add(out, "token", state::bad, "away");
        } else {
            const std::string why = argument(*stop, "cause");
            add(out, "token", state::bad, why,
                {{"errcode", argument(*stop, "errcode")}, {"ip", argument(*stop, "ip")}});
        }
        return false;
    }
    const auto left = std::chrono::duration_cast<std::chrono::minutes>(*api_->token().expires_at() - now);
    add(out, "token", state::good, "ok", {{"minutes", std::to_string(left.count())}});
    // A call with the token: proves that this address may use the API at all.
    const auto allowed = api_->get("/cgi-bin/getcallbackip");
    if (allowed) {
        add(out, "whitelist", state::good, "ok");
        return true;
    }
    const std::string why = argument(allowed.error(), "cause");
    if (why == "ip_whitelist")
        add(out, "whitelist", state::bad, "missing", {{"ip", argument(allowed.error(), "ip")}});
    else
        add(out, "whitelist", state::bad, "refused",
            {{"errcode", argument(allowed.error(), "errcode")},
             {"errmsg", argument(allowed.error(), "errmsg")}});
    return false;
}

void doctor::check_breakers(std::vector<finding>& out) const {
    for (const auto& b : api_->blocks())
        add(out, "breaker", is_quota(b.why) ? state::warning : state::bad, std::string(code_of(b.why)),
            {{"path", b.path.empty() ? "全部接口" : b.path},
             {"errcode", std::to_string(b.errcode)},
             {"ip", b.caller_ip},
             {"rid", b.rid},
             {"until", core::short_moment_text(b.until)}});
}

// Asks our own address as the console does. What answers must be this program with this token.
void doctor::check_callback(std::vector<finding>& out) {
    const auto& s = api_->config();
    const std::string stamp = std::to_string(core::to_ms(db_->time().now()) / 1000);
    const std::string nonce = std::to_string(core::random_below(1'000'000'000));
    const std::string echo = std::to_string(core::random_below(1'000'000'000));
    const std::string url = setup_.callback_url + "?signature=" + sign({s.token, stamp, nonce}) +
                            "&timestamp=" + stamp + "&nonce=" + nonce + "&echostr=" + echo;
    const auto answer = api_->http().call({url, {}});
    const arguments where = {
        {"url", setup_.callback_url}, {"why", answer.why}, {"status", std::to_string(answer.status)}};
    if (answer.fate != http_answer::fate::answered)
        return add(out, "callback", state::warning, "unreachable", where);
    if (answer.status == 200 && answer.body == echo) return add(out, "callback", state::good, "ok", where);
    add(out, "callback", state::bad, "wrong_answer", where);
}

// WeChat resolves and pings the configured server address itself, from its own networks.
void doctor::check_network(std::vector<finding>& out) {
    const auto seen = api_->post("/cgi-bin/callback/check",
                                 core::value::object().set("action", "all").set("check_operator", "DEFAULT"));
    if (!seen)
        return add(out, "network", state::warning, "refused",
                   {{"errcode", argument(seen.error(), "errcode")}});
    const auto list_of = [&](std::string_view name) {
        const core::value* found = seen->find(name);
        const bool is_list = found != nullptr && found->as_list() != nullptr;
        return is_list ? *found->as_list() : core::value::list();
    };
    const auto dns = list_of("dns"), ping = list_of("ping");
    if (dns.empty()) return add(out, "network", state::bad, "dns");
    const arguments where = {{"ip", dns.front().text("ip")}};
    const auto is_lost = [](const core::value& p) { return p.text("package_loss") == "100%"; };
    const bool lost = !ping.empty() && std::all_of(ping.begin(), ping.end(), is_lost);
    add(out, "network", lost ? state::warning : state::good, lost ? "ping" : "ok", where);
}

// The console asks for these files before it takes a domain for OAuth, JS-SDK and business pages.
void doctor::check_domain(std::vector<finding>& out) {
    const arguments where = {{"url", api_->config().public_url}};
    if (setup_.verification_files.empty()) return add(out, "domain", state::skipped, "no_file", where);
    for (const auto& file : setup_.verification_files) {
        const std::string name = std::filesystem::path(file).filename().string();
        const auto answer = api_->http().call({site_of(setup_.callback_url) + "/" + name, {}});
        const arguments what = {
            {"name", name}, {"status", std::to_string(answer.status)}, {"why", answer.why}};
        if (answer.fate != http_answer::fate::answered)
            add(out, "domain", state::warning, "unreachable", what);
        else if (answer.status != 200 || answer.body.empty())
            add(out, "domain", state::bad, "missing", what);
        else
            add(out, "domain", state::good, "ok", what);
    }
}

void doctor::check_js(std::vector<finding>& out) {
    const auto ticket = jsapi_ticket(*api_, *db_).current();
    if (ticket) return add(out, "js", state::good, "ok", {{"url", api_->config().public_url}});
    add(out, "js", state::bad, "refused", {{"errcode", argument(ticket.error(), "errcode")}});
}

// A code that nobody was given: WeChat looks at AppID and secret before it says so.
void doctor::check_website(std::vector<finding>& out) {
    if (api_->config().website_appid.empty()) return add(out, "website", state::skipped, "off");
    const auto asked = api_->exchange_website_code("self-check");
    const std::string why = asked ? "" : asked.error().detail;
    if (why == "website.settings")
        return add(out, "website", state::bad, "settings", {{"errcode", argument(asked.error(), "errcode")}});
    if (why != "oauth.code_used") return add(out, "website", state::warning, "away");
    const auto n = db_->read([](core::db::read_view& v) { return core::account::count_unionids(v); });
    if (n.asked > 0 && n.known == 0) return add(out, "website", state::bad, "no_union");
    add(out, "website", state::good, "ok", {{"n", std::to_string(n.known)}});
}

void doctor::check_tag(std::vector<finding>& out) {
    const auto tag = api_->config().staff_tag;
    if (tag == 0) return add(out, "tag", state::skipped, "off");
    const arguments id = {{"id", std::to_string(tag)}};
    const auto answer = api_->get("/cgi-bin/tags/get");
    const core::value* tags = answer ? answer->find("tags") : nullptr;
    if (tags == nullptr || tags->as_list() == nullptr) return add(out, "tag", state::bad, "refused", id);
    const auto& all = *tags->as_list();
    const bool there =
        std::any_of(all.begin(), all.end(), [&](const core::value& t) { return t.number("id") == tag; });
    if (!there) return add(out, "tag", state::bad, "unknown", id);
    const int stuck = db_->read([](core::db::read_view& v) { return core::account::count_stuck_tags(v); });
    if (stuck > 0) return add(out, "tag", state::warning, "stuck", {{"n", std::to_string(stuck)}});
    add(out, "tag", state::good, "ok", id);
}

void doctor::check_menu(std::vector<finding>& out) {
    const auto wanted = load_menus(*templates_, api_->config());
    if (!wanted) return add(out, "menu", state::bad, "file");
    const auto live = fetch_menus(*api_, api_->config().staff_tag);
    if (!live)
        return add(out, "menu", state::bad, "refused", {{"errcode", argument(live.error(), "errcode")}});
    if (lines_of(live->all).empty()) return add(out, "menu", state::bad, "none");
    const bool same = lines_of(live->all) == lines_of(wanted->all) &&
                      (!wanted->staff || (live->staff && lines_of(*live->staff) == lines_of(*wanted->staff)));
    add(out, "menu", same ? state::good : state::warning, same ? "ok" : "differs");
}

void doctor::check_templates(std::vector<finding>& out) {
    const auto granted = fetch_templates(*api_);
    if (!granted) return add(out, "template", state::bad, "refused");
    const auto all = check_all(*book_, api_->config(), *granted);
    db_->write([&](core::db::write_tx& tx) -> core::result<> {
           keep_checks(tx, all);
           return {};
       })
        .value();
    for (const auto& c : all) {
        const auto* words = book_->find(c.kind);
        arguments about = {{"kind", c.kind}, {"title", words->title}};
        if (c.found == template_check::state::ok || c.found == template_check::state::fields) {
            about.emplace_back("unknown", c.unknown.empty() ? "无" : joined(c.unknown, "、"));
            about.emplace_back("empty", c.empty.empty() ? "无" : joined(c.empty, "、"));
        }
        const auto how = c.found == template_check::state::ok      ? state::good
                         : c.found == template_check::state::no_id ? state::warning
                                                                   : state::bad;
        add(out, "template", how, std::string(code_of(c.found)), std::move(about));
    }
}

void doctor::check_followers(std::vector<finding>& out) const {
    const auto [last, n] = db_->read([](core::db::read_view& v) {
        return std::pair(core::account::find_last_sync(v), core::account::count_followers(v));
    });
    if (!last) return add(out, "followers", state::warning, "never");
    if (!last->finished_at && !last->trouble.empty())
        return add(out, "followers", state::warning, "stands", {{"why", last->trouble}});
    const bool old = db_->time().now() - last->begun_at > followers_old;
    add(out, "followers", old ? state::warning : state::good, old ? "old" : "ok",
        {{"n", std::to_string(n.following)}, {"at", core::short_moment_text(last->begun_at)}});
}

state worst_of(const std::vector<finding>& all) {
    state worst = state::good;
    for (const auto& f : all)
        if (f.state != state::skipped && f.state > worst) worst = f.state;
    return worst;
}

} // namespace wechat::mp
