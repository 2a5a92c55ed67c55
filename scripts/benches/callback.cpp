// The encrypted text query and a menu click with ten rows over keep-alive connections, beside an empty echo
// route of the same server in the same run; at half load, and at five times what it can take; and the stages
// alone, so that one sees where the time goes. Read ratios and CPU per request.
#include "wechat/mp/callback.hpp"
#include "core/account/binding.hpp"
#include "core/account/demo.hpp"
#include "core/account/login.hpp"
#include "core/appointment/chat_orders.hpp"
#include "core/appointment/demo.hpp"
#include "core/appointment/queries.hpp"
#include "core/base/log.hpp"
#include "core/db/migrate.hpp"
#include "core/journal/audit_head.hpp"
#include "scripts/benches/http_load.hpp"
#include "scripts/benches/system_calls.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/mp/signature.hpp"
#include "wechat/server/server.hpp"

namespace {

using namespace std::chrono_literals;
using bench::clock_type;
using bench::figures;
using wechat::request;
using wechat::response;

constexpr std::string_view account = "gh_0123456789ab";
constexpr std::string_view bound_openid = "oBenchBound0000000000000001";

void echo(request r, wechat::services&, wechat::answer_fn answer) {
    answer(wechat::text(std::move(r.body)));
}

wechat::mp::settings account_settings() {
    wechat::mp::settings s;
    s.appid = "wx0123456789abcdef";
    s.original_id = account;
    s.token = "benchtoken";
    s.encoding_aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    s.public_url = "https://localhost";
    s.freshness_seconds = 86400;
    return s;
}

// What the platform would post, signed and sealed at this moment.
class platform {
  public:
    platform(const wechat::mp::settings& s, std::string number, const core::clock& time)
        : settings_(&s), crypto_(s.encoding_aes_key, s.appid), number_(std::move(number)), time_(&time) {}

    std::string text_query() { // of one of a thousand unbound followers
        ++id_;
        return head("oBench" + std::to_string(id_ % 1000), "text") + "<Content><![CDATA[" + number_ +
               "]]></Content>\n<MsgId>" + std::to_string(id_) + "</MsgId>\n</xml>";
    }
    std::string menu_click() { // 检定查询 of somebody with ten orders
        return head(bound_openid, "event") +
               "<Event><![CDATA[CLICK]]></Event>\n<EventKey><![CDATA[VERIFY_LATEST10]]></"
               "EventKey>\n<MenuId>" +
               std::to_string(++id_) + "</MenuId>\n</xml>";
    }
    request sealed(const std::string& plain) const {
        request r;
        r.method = wechat::method::post;
        r.path = "/wx/callback";
        const std::string encrypt = crypto_.encrypt(plain);
        const std::string t = now();
        r.query.add("signature", wechat::mp::sign({settings_->token, t, nonce}));
        r.query.add("timestamp", t);
        r.query.add("nonce", std::string(nonce));
        r.query.add("openid", "oBench");
        r.query.add("encrypt_type", "aes");
        r.query.add("msg_signature", wechat::mp::sign({settings_->token, t, nonce, encrypt}));
        r.body = "<xml>\n<ToUserName><![CDATA[" + std::string(account) +
                 "]]></ToUserName>\n<Encrypt><![CDATA[" + encrypt + "]]></Encrypt>\n</xml>";
        return r;
    }
    std::string bytes(const std::string& plain) const {
        const request r = sealed(plain);
        std::string out = "POST " + r.path;
        char joint = '?';
        for (const auto& [name, text] : r.query) {
            out += joint + name + "=" + text;
            joint = '&';
        }
        return out + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: " +
               std::to_string(r.body.size()) + "\r\n\r\n" + r.body;
    }

  private:
    static constexpr std::string_view nonce = "415670741";
    std::string now() const { return std::to_string(core::to_ms(time_->now()) / 1000); }
    std::string head(std::string_view from, std::string_view type) const {
        std::string out = "<xml><ToUserName><![CDATA[";
        out.append(account).append("]]></ToUserName>\n<FromUserName><![CDATA[").append(from);
        out.append("]]></FromUserName>\n<CreateTime>").append(now());
        return out.append("</CreateTime>\n<MsgType><![CDATA[").append(type).append("]]></MsgType>\n");
    }
    const wechat::mp::settings* settings_;
    wechat::mp::message_crypto crypto_;
    std::string number_;
    const core::clock* time_;
    std::int64_t id_ = 6265774840459235675;
};

std::atomic<long> commits = 0;

void print(const char* name, const figures& f) {
    const long n = commits.exchange(0);
    std::printf("%-30s %8.0f req/s   p50 %6.2f ms   p99 %6.2f ms   %6.1f us CPU/req   %4.2f waits/req", name,
                f.per_second, f.p50_ms, f.p99_ms, f.cpu_us, f.waits);
    if (n > 0) std::printf("   %4.1f req/commit", static_cast<double>(f.answered) / static_cast<double>(n));
    std::puts(f.bad > 0 ? "   WRONG ANSWERS" : "");
}

void print_calls(const char* name, const std::vector<bench::call_count>& calls, const figures& f) {
    double all = 0;
    std::string words;
    for (const auto& c : calls) {
        const double each = static_cast<double>(c.calls) / static_cast<double>(f.answered);
        all += each;
        if (each >= 0.05) words += " " + c.name + " " + std::to_string(each).substr(0, 4);
    }
    std::printf("%-30s %5.1f:%s\n", name, all, words.c_str());
}

template<class F>
void stage(const char* name, F f) {
    for (int i = 0; i < 200; ++i)
        f();
    std::array<double, 9> rounds{};
    for (auto& r : rounds) {
        const auto begun = clock_type::now();
        for (int i = 0; i < 2000; ++i)
            f();
        r = std::chrono::duration<double, std::micro>(clock_type::now() - begun).count() / 2000;
    }
    std::sort(rounds.begin(), rounds.end());
    std::printf("  %-44s %6.2f us\n", name, rounds[4]);
}

// In transactions that are undone: the commit is no part of the stage.
template<class F>
void stage_in_transaction(const char* name, core::db::database& db, F f) {
    stage(name, [&, n = 0]() mutable {
        if (++n % 20 != 0) return; // 20 in one transaction, so that its begin and end weigh little
        db.write([&](core::db::write_tx& tx) -> core::result<> {
              tx.exec("DELETE FROM wx_inbox WHERE key = ''"); // a change, so that the others can be undone
              for (int i = 0; i < 20; ++i)
                  f(tx);
              return core::error(core::errc::invalid);
          }).has_value();
    });
}

void print_stages(wechat::mp::callback& door, const core::template_set& templates, core::db::database& db,
                  platform& wx, const std::string& number) {
    const auto now = db.time().now();
    std::puts("stages, one thread, nothing else running:");
    const request r = wx.sealed(wx.text_query());
    auto query = std::get<wechat::mp::accepted>(door.accept(r, now));
    auto click = std::get<wechat::mp::accepted>(door.accept(wx.sealed(wx.menu_click()), now));
    std::int64_t id = 1;
    std::string reply;
    stage("gate: envelope, signature, AES, message", [&] { (void)door.accept(r, now); });
    stage_in_transaction("text query: look-up, words, inbox", db, [&](core::db::write_tx& tx) {
        query.what.msg_id = std::to_string(++id);
        reply = door.reply_once(tx, query).reply;
    });
    stage_in_transaction("menu click: ten rows, words, inbox", db, [&](core::db::write_tx& tx) {
        click.what.msg_id = std::to_string(++id);
        (void)door.reply_once(tx, click);
    });
    stage("seal: AES, signature, envelope", [&] { (void)door.seal(query, reply, now); });
    const auto settings = account_settings();
    const wechat::mp::conversation words(templates, settings);
    stage_in_transaction("  of the query: look-up and words", db,
                         [&](core::db::write_tx& tx) { (void)words.reply_to(tx, query.what); });
    stage_in_transaction("  of the click: look-up and words", db,
                         [&](core::db::write_tx& tx) { (void)words.reply_to(tx, click.what); });
    stage_in_transaction("  of the click: the ten orders", db, [&](core::db::write_tx& tx) {
        std::array<std::int64_t, 2> companies{};
        std::size_t n = 0;
        for (const auto& b : core::account::list_acting(tx, bound_openid))
            companies[n++ % 2] = b.applicant_id;
        (void)core::appointment::list_for_chat(tx, companies, 10);
    });
    stage_in_transaction("  of it: the order by number", db, [&](core::db::write_tx& tx) {
        (void)core::appointment::find_for_chat(tx, {}, number).has_value();
    });
    stage_in_transaction("  of it: who writes", db,
                         [&](core::db::write_tx& tx) { (void)core::account::list_acting(tx, "oBench1"); });
}

} // namespace

int main(int argc, char** argv) {
    const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
    const auto length = std::chrono::milliseconds(argc > 2 ? std::atoi(argv[2]) * 1000 : 4000);
    core::log::set_level(core::log::level::error);
    const core::machine_clock time;
    const auto file = folder / "bench-callback.db";
    core::db::migrate(file, time);
    core::db::database::options options;
    options.file = file;
    options.readers = 4;
    options.key = core::vault::new_key();
    options.after_commit = [keep = core::audit::keep_head(core::audit::head_file(file))](
                               core::db::read_view& view) { // as the program does
        keep(view);
        ++commits;
    };
    core::db::database db(options, time);
    core::demo::load(db).value();
    const std::string number =
        db.write([](core::db::write_tx& tx) -> core::result<std::string> {
              for (const auto& m :
                   core::account::list_companies(tx, core::account::acting_as(tx, "zhouwei").login_id)) {
                  const auto who = core::account::acting_as(tx, "zhouwei", m.applicant_id);
                  core::account::bind_wechat(tx, who, bound_openid, "").value();
              }
              const auto who = core::account::acting_as(tx, "chenzhiming");
              const std::array<std::int64_t, 1> company = {who.applicant_id};
              return core::appointment::list_latest(tx, company, 1).front().number;
          }).value();
    const core::template_set templates({});
    const auto settings = account_settings();
    wechat::mp::callback door(settings, templates);
    wechat::services s;
    s.time = &time;
    s.db = &db;
    s.wechat = &settings;
    s.callback = &door;

    wechat::route post_callback{.method = wechat::method::post,
                                .pattern = "/wx/callback",
                                .who = wechat::wechat_callback,
                                .async = wechat::mp::callback_post};
    post_callback.answer_within_ms = 4500;
    post_callback.late_answer = wechat::mp::callback_late;
    wechat::route post_echo = post_callback;
    post_echo.pattern = "/echo";
    post_echo.async = echo;
    const std::array<wechat::route, 2> routes = {post_callback, post_echo};
    wechat::server_options o;
    o.limits.connections_per_address = 4096;
    for (const bool tls : {true, false}) {
        wechat::listen_options l;
        l.tls = tls;
        l.certificate = folder / "server.pem";
        l.key = folder / "server.key";
        o.listeners.push_back(l);
    }
    wechat::server server(o, routes, s, &db, time);
    server.start();
    const auto threads = bench::threads_of_this_process();

    platform wx(settings, number, time);
    const std::string echo_request =
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: 522\r\n\r\n" +
        std::string(522, 'x');
    SSL_CTX* tls = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(tls, SSL_MODE_AUTO_RETRY);
    bench::load l;
    l.port = server.port(0);
    l.tls = tls;
    l.length = length;
    const auto with = [&](auto next) {
        l.next = std::move(next);
        return bench::drive(l);
    };
    const auto echoed = [&] { return echo_request; };
    const auto queried = [&] { return wx.bytes(wx.text_query()); };
    const auto clicked = [&] { return wx.bytes(wx.menu_click()); };

    if (argc > 3) { // one kind of request alone, for a profiler: echo, query or click
        const std::string_view kind = argv[3];
        const auto f = kind == "echo" ? with(echoed) : kind == "query" ? with(queried) : with(clicked);
        print(argv[3], f);
        server.stop();
        SSL_CTX_free(tls);
        return 0;
    }
    l.length = 500ms;
    with(echoed);
    l.length = length;
    std::printf("%d keep-alive connections, one client thread on the same machine\n", l.connections);
    const auto echo_tls = with(echoed);
    print("HTTPS echo (the ceiling)", echo_tls);
    const auto query_tls = with(queried);
    print("HTTPS encrypted text query", query_tls);
    const auto click_tls = with(clicked);
    print("HTTPS menu click, ten rows", click_tls);
    l.port = server.port(1);
    l.tls = nullptr;
    const auto echo_plain = with(echoed);
    print("HTTP  echo", echo_plain);
    const auto query_plain = with(queried);
    print("HTTP  encrypted text query", query_plain);
    std::printf("CPU per request to the echo's over HTTPS: text query %.1f (goal 4), menu click %.1f (goal "
                "6); over HTTP "
                "%.1f\n",
                query_tls.cpu_us / echo_tls.cpu_us, click_tls.cpu_us / echo_tls.cpu_us,
                query_plain.cpu_us / echo_plain.cpu_us);

    l.port = server.port(0);
    l.tls = tls;
    l.per_second = query_tls.per_second / 2;
    const auto half = with(queried);
    std::printf("at half load (%.0f req/s asked): %.0f answered/s, p50 %.2f ms, p99 %.2f ms (goal 20), most "
                "%.2f ms\n",
                l.per_second, half.per_second, half.p50_ms, half.p99_ms, half.most_ms);
    const double before = bench::resident_mb();
    l.per_second = query_tls.per_second * 5;
    l.connections = 2000;
    l.least_bytes = 7; // a stored one is answered "success"
    const auto flood = with(queried);
    std::printf("at five times capacity (%.0f req/s asked, %d connections): %ld answered, longest %.0f ms "
                "(goal 4500), "
                "%ld told 503, %ld not sent for want of a connection; memory %.0f MB -> %.0f MB\n",
                l.per_second, l.connections, flood.answered, flood.most_ms, flood.refused, flood.unsent,
                before, bench::resident_mb());
    l = {.port = server.port(0), .tls = tls, .length = 1000ms};
    std::puts(
        "system calls a request of the server's threads, slowed by strace (none: it is not installed):");
    const auto counted = [&](const char* name, auto next) {
        bench::call_counter counter(threads, folder / "calls.txt");
        const auto f = with(std::move(next));
        print_calls(name, counter.take(), f);
    };
    counted("HTTPS echo", echoed);
    counted("HTTPS encrypted text query", queried);
    counted("HTTPS menu click, ten rows", clicked);
    server.stop();
    print_stages(door, templates, db, wx, number);
    SSL_CTX_free(tls);
}
