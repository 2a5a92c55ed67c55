#include "wechat/app.hpp"

#include "core/base/log.hpp"
#include "core/db/migrate.hpp"
#include "core/journal/audit_head.hpp"
#include "notify/hub/hub.hpp"
#include "notify/hub/wishes.hpp"
#include "notify/message/version.hpp"
#include "wechat/metrics.hpp"
#include "wechat/mp/api.hpp"
#include "wechat/mp/callback.hpp"
#include "wechat/mp/doctor.hpp"
#include "wechat/mp/jsapi_ticket.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/rounds.hpp"
#include "wechat/routes.hpp"
#include "wechat/sandbox/caller.hpp"
#include "wechat/sandbox/platform.hpp"
#include "wechat/sandbox/routes.hpp"
#include "wechat/server/assets.hpp"
#include "wechat/server/server.hpp"
#include "wechat/ways_out.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>

namespace wechat {
namespace {

using namespace std::chrono_literals;

core::log::level level_of(std::string_view name) {
    if (name == "debug") return core::log::level::debug;
    if (name == "warn") return core::log::level::warn;
    if (name == "error") return core::log::level::error;
    return core::log::level::info;
}

// Signals are taken by sigwait in one thread; every other thread must have them blocked, so this comes first.
sigset_t block_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int s : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&set, s);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return set;
}

void serve_until_told(const sigset_t& signals, server& s) {
    for (int signal = 0; signal != SIGTERM && signal != SIGINT;) {
        sigwait(&signals, &signal);
        if (signal == SIGHUP) s.reload_certificates();
    }
}

core::db::database::options database_options(const config& c) {
    const auto state = core::db::inspect_schema(c.database_file());
    if (state.is_newer())
        throw config_error(c.database_file().string() + " was made by a newer program; use that one");
    if (!state.is_current())
        throw config_error(c.database_file().string() + " is of schema version " +
                           std::to_string(state.version) + ", this program needs " +
                           std::to_string(state.newest) + ". Run `qiangjian migrate --config " +
                           c.file.string() + "`");
    core::db::database::options o;
    o.file = c.database_file();
    o.readers =
        static_cast<std::size_t>(c.page_threads + c.task_threads + server_options{}.outside_threads + 2);
    o.key = core::vault::read_key_file(c.key_file);
    o.after_commit = core::audit::keep_head(core::audit::head_file(o.file));
    return o;
}

server_options options_of(const config& c) {
    server_options o;
    if (c.https_enabled) o.listeners.push_back(c.https);
    if (c.http_enabled) o.listeners.push_back(c.http);
    o.limits = c.limits;
    o.page_threads = static_cast<int>(c.page_threads);
    o.task_threads = static_cast<int>(c.task_threads);
    o.hosts = c.hosts;
    if (!c.frame_ancestors.empty()) o.frame_ancestors = c.frame_ancestors;
    return o;
}

// Leaves when the stop limit has come, whatever is still out at WeChat: what was answered is on disk, and
// what was in flight is taken up again at the next start (D8, N11).
std::jthread leave_after(std::chrono::milliseconds limit) {
    return std::jthread([limit](const std::stop_token& done) {
        std::mutex guard;
        std::condition_variable_any wake;
        std::unique_lock<std::mutex> hold(guard);
        wake.wait_for(hold, done, limit, [] { return false; });
        if (done.stop_requested()) return;
        core::log::warn("app", "the stop limit has come; calls that are still out are left");
        std::_Exit(0);
    });
}

server_options admin_options(const config& c) {
    server_options o;
    listen_options l;
    l.address = c.admin_address;
    l.port = static_cast<std::uint16_t>(c.admin_port);
    l.tls = false;
    o.listeners.push_back(l);
    o.name = "admin";
    o.page_threads = 1;
    o.task_threads = 1;
    o.outside_threads = 1;
    o.log_requests = false;
    return o;
}

void say(const char* what, const std::string& address) {
    std::printf("%s %s\n", what, address.c_str());
    std::fflush(stdout);
}

// The table with the configured callback path in it. Patterns are views: `c` outlives the server.
std::vector<route> routes_of(const config& c) {
    std::vector<route> all(routes().begin(), routes().end());
    for (auto& r : all)
        if (r.who.access == access::callback) r.pattern = c.callback_path;
    return all;
}

// MP_verify_….txt and its like by path; WeChat looks for them at the root of the site.
std::map<std::string, std::string, std::less<>> read_verification_files(const config& c) {
    std::map<std::string, std::string, std::less<>> all;
    for (const auto& name : c.verification_files) {
        const std::filesystem::path file = c.file.parent_path() / name;
        std::ifstream in(file, std::ios::binary);
        std::ostringstream body;
        body << in.rdbuf();
        if (!in || body.str().size() > 4096)
            throw config_error("wechat.verification_files: " + file.string() +
                               " cannot be read or is no verification file; download it from the console");
        all["/" + file.filename().string()] = body.str();
    }
    return all;
}

std::string metrics_of(const server& web, core::db::database& db, const notify::hub& hub, const mp::api& api,
                       const mp::callback& callback, const std::filesystem::path& file) {
    metrics_text m;
    const auto n = web.count();
    m.counter("http_requests_total", "Requests read.", n.requests);
    m.counter("http_refused_total", "Connections and requests refused before routing.", n.refused);
    m.gauge("http_connections", "Open connections.", static_cast<double>(n.connections_open));
    m.gauge("db_actions_waiting", "Actions waiting for the writer.", static_cast<double>(db.waiting()));
    m.gauge("wechat_api_breakers", "Causes for which calls to WeChat are not made now.",
            static_cast<double>(api.blocks().size()));
    m.counter("callbacks_mended_total", "Genuine callbacks with a NUL or more fields than are read.",
              callback.mended());
    std::error_code absent;
    const auto wal = std::filesystem::file_size(file.string() + "-wal", absent);
    m.gauge("sqlite_wal_bytes", "Size of the write-ahead log.", absent ? 0.0 : static_cast<double>(wal));
    put_hub(m, db.read([](core::db::read_view& v) { return notify::status_of(v); }), hub.channels(),
            hub.settings(), db.time().now());
    return m.take();
}

// The sandbox's account has a template with our fields for each id that is configured.
std::map<std::string, sandbox::message_template>
granted_templates(const notify::message_book& book,
                  const std::map<std::string, std::string, std::less<>>& ids,
                  std::string_view (*name_of)(const notify::message_field&)) {
    std::map<std::string, sandbox::message_template> all;
    for (const auto& [kind, id] : ids) {
        const auto* k = book.find(kind);
        if (k == nullptr) continue;
        all[id].title = k->title;
        for (const auto& f : k->fields)
            if (const auto name = name_of(f); !name.empty()) all[id].labels[std::string(name)] = f.label;
    }
    return all;
}

core::template_set::options template_options(const config& c) {
    core::template_set::options o;
    o.folder = c.templates_dir;
    o.reload = c.dev && !c.templates_dir.empty();
    o.strict = c.dev;
    return o;
}

} // namespace

int run_server(const config& c) {
    const sigset_t signals = block_signals();
    std::jthread limit; // first, so that it outlives everything that may hold up the stop
    core::log::set_level(level_of(c.log_level));
    const core::machine_clock time;
    core::db::database db(database_options(c), time);
    const core::template_set templates(template_options(c));
    const assets files(c.assets_dir);
    const view pages(templates, files.addresses());
    const problem_texts problems(templates);
    notify::message_book book(templates);
    db.read([&](core::db::read_view& v) { return notify::load_versions(v, book), 0; });
    mp::http_client http(mp::client_options(c.wechat));
    mp::api api(c.wechat, http, db);
    mp::jsapi_ticket ticket(api, db);
    mp::callback callback(c.wechat, templates);
    ways_out ways(c, api, book, templates, time);
    notify::hub hub(db, book, ways.channels(), c.hub, notify::wishes_of_people());
    mp::doctor doctor(api, db, templates, book,
                      {c.callback_url(), c.served_certificate(), c.data_dir, c.verification_files});
    services s;
    s.time = &time;
    s.db = &db;
    s.pages = &pages;
    s.problems = &problems;
    s.wechat = &c.wechat;
    s.api = &api;
    s.callback = c.wechat_enabled ? &callback : nullptr;
    s.doctor = c.wechat_enabled ? &doctor : nullptr;
    s.ticket = c.wechat_enabled ? &ticket : nullptr;
    s.hub = &hub;
    callback.on_refused([&hub] { hub.poke(); }); // a receipt says that it did not come: the next channel
    s.messages = &book;
    if (ways.has_mail())
        s.mail_code = [&ways](const std::string& address, const std::string& code) {
            return ways.mail_code(address, code);
        };
    s.attachments = c.attachments_dir();
    server_options o = options_of(c);
    const auto verification = read_verification_files(c);
    o.static_answer = [&files, &verification](const request& r) -> std::optional<response> {
        if (const auto at = verification.find(r.path); at != verification.end()) return text(at->second);
        return files.find(r);
    };
    const auto table = routes_of(c);
    server web(std::move(o), table, s, &db, time);
    breaker_alarm::mail to_administrators;
    if (ways.has_mail())
        to_administrators = [&ways](const std::string& to, const std::string& subject,
                                    const std::string& words) { return ways.mail_alarm(to, subject, words); };
    breaker_alarm stopped(problems, c.wechat.public_url, std::move(to_administrators));
    alarm schedule_work;
    s.wake_schedule = [&] { schedule_work.ring(); };
    s.metrics = [&] { return metrics_of(web, db, hub, api, callback, c.database_file()); };
    server admin(admin_options(c), admin_routes(), s, nullptr, time);
    web.start();
    if (c.admin_port > 0) admin.start();
    std::jthread hub_thread([&](const std::stop_token& stop) { hub.run(stop); });
    std::jthread schedule_thread([&](const std::stop_token& stop) {
        run_schedule(stop, db, hub, callback, schedule_work, c.attachments_dir());
    });
    std::jthread follower_thread([&](const std::stop_token& stop) {
        if (c.wechat_enabled) run_follower_sync(stop, api, db);
    });
    std::jthread errand_thread([&](const std::stop_token& stop) {
        if (c.wechat_enabled) run_errands(stop, db, api, stopped);
    });
    std::jthread menu_thread([&](const std::stop_token& stop) {
        if (c.wechat_enabled && c.wechat.publish_menu) publish_menus(api, db, templates);
        if (c.wechat_enabled) run_template_check(stop, api, db, book, hub);
    });
    say("serving", c.wechat.public_url + " (port " + std::to_string(web.port()) + ")");
    serve_until_told(signals, web);
    core::log::info("app", "stopping");
    limit = leave_after(c.limits.stop);
    web.stop();
    admin.stop();
    return 0;
}

int run_hub_once(const config& c) {
    core::log::set_level(level_of(c.log_level));
    const core::machine_clock time;
    core::db::database db(database_options(c), time);
    const core::template_set templates(template_options(c));
    notify::message_book book(templates);
    db.read([&](core::db::read_view& v) { return notify::load_versions(v, book), 0; });
    mp::http_client http(mp::client_options(c.wechat));
    mp::api api(c.wechat, http, db);
    ways_out ways(c, api, book, templates, time);
    notify::hub hub(db, book, ways.channels(), c.hub, notify::wishes_of_people());
    hub.recover();
    int calls = 0;
    for (int made = 1; made > 0; calls += made)
        made = hub.run_once();
    return calls;
}

int run_sandbox(const config& c) {
    const sigset_t signals = block_signals();
    core::log::set_level(level_of(c.log_level));
    const core::machine_clock time;
    const core::template_set templates(template_options(c));
    const assets files(c.assets_dir);
    const view pages(templates, files.addresses());
    const problem_texts problems(templates);
    const notify::message_book book(templates);
    sandbox::account account;
    account.appid = c.wechat.appid;
    account.original_id = c.wechat.original_id;
    account.secret = c.wechat.secret;
    account.website_appid = c.wechat.website_appid;
    account.website_secret = c.wechat.website_secret;
    account.keys = {c.wechat.token, c.wechat.encoding_aes_key, c.wechat.appid};
    account.encrypted = c.wechat.mode != mp::message_mode::plaintext;
    account.templates = granted_templates(
        book, c.wechat.template_ids, [](const notify::message_field& f) { return std::string_view(f.name); });
    account.subscriptions = granted_templates(book, c.wechat.subscription_ids, notify::subscription_name);
    account.oauth_host =
        c.wechat.public_url.substr(std::min(c.wechat.public_url.find("://") + 3, c.wechat.public_url.size()));
    sandbox::platform platform(account, time, c.data_dir / "sandbox.json");
    mp::http_client::options o;
    o.ca_file = c.sandbox_certificate_ca;
    o.total_timeout_ms = 5000; // WeChat waits five seconds for a reply
    mp::http_client http(o);
    const std::string target =
        c.sandbox_target.empty() ? c.wechat.public_url + c.callback_path : c.sandbox_target;
    sandbox::caller caller(platform, target, http);
    services s;
    s.time = &time;
    s.pages = &pages;
    s.problems = &problems;
    s.wechat = &c.wechat;
    s.platform = &platform;
    server_options so;
    listen_options l;
    l.address = "127.0.0.1"; // loopback only, whatever the configuration says
    l.port = static_cast<std::uint16_t>(c.sandbox_port);
    l.certificate = c.https.certificate;
    l.key = c.https.key;
    so.listeners.push_back(l);
    so.name = "sandbox";
    so.task_threads = 8; // calls told to be slow must not hold up the others
    so.log_requests = false;
    so.static_answer = [&files](const request& r) { return files.find(r); };
    server web(std::move(so), sandbox::routes(), s, nullptr, time);
    web.start();
    std::jthread caller_thread([&](const std::stop_token& stop) { caller.run(stop); });
    say("sandbox", "https://localhost:" + std::to_string(web.port()));
    serve_until_told(signals, web);
    web.stop();
    return 0;
}

} // namespace wechat
