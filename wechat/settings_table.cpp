#include "wechat/settings_table.hpp"

#include "core/account/contact.hpp"
#include "core/journal/outbox.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace wechat {
namespace {

std::string in_quotes(std::string_view s) {
    std::string out = "\"";
    for (const char c : s) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

[[noreturn]] void refuse(std::string_view key, std::string_view what) {
    throw config_error(std::string(key) + ": " + std::string(what));
}

bool is_alphanumeric(std::string_view s) {
    return std::all_of(s.begin(), s.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
}

void check_token(std::string_view key, const std::string& token) {
    if (token.size() < 3 || token.size() > 32 || !is_alphanumeric(token))
        refuse(key, "must be 3 to 32 letters and digits. Copy it from the account's console (服务器配置)");
}

void check_aes_key(std::string_view key, const std::string& aes) {
    if (aes.size() != 43 || !is_alphanumeric(aes))
        refuse(key, "must be 43 letters and digits. Copy it from the account's console (服务器配置)");
}

void check_website(const mp::settings& w) {
    if (w.website_appid.empty() && w.website_secret.empty()) return;
    if (w.website_appid.size() != 18 || !w.website_appid.starts_with("wx") || w.website_appid == w.appid)
        refuse("wechat.website_appid", "must be the website application's own: wx and 16 hex digits, from "
                                       "open.weixin.qq.com (管理中心 → 网站应用), not the account's");
    if (w.website_secret.empty())
        refuse("wechat.website_secret",
               "is missing. Set wechat.website_secret_file or QIANGJIAN_WECHAT__WEBSITE_SECRET");
}

void check_wechat(config& c) {
    auto& w = c.wechat;
    if (w.appid.size() != 18 || !w.appid.starts_with("wx"))
        refuse("wechat.appid", "must be wx and 16 hex digits. Copy it from the account's console (基本配置)");
    if (!w.original_id.starts_with("gh_"))
        refuse("wechat.original_id", "must begin with gh_. It is on the console's page 公众号设置");
    if (w.secret.empty())
        refuse("wechat.secret", "is missing. Set wechat.secret_file or QIANGJIAN_WECHAT__SECRET");
    check_token("wechat.token", w.token);
    if (!w.token_previous.empty()) check_token("wechat.token_previous", w.token_previous);
    if (w.mode != mp::message_mode::plaintext) check_aes_key("wechat.encoding_aes_key", w.encoding_aes_key);
    if (!w.encoding_aes_key_previous.empty())
        check_aes_key("wechat.encoding_aes_key_previous", w.encoding_aes_key_previous);
    check_website(w);
    if (!w.api_base.starts_with("https://")) refuse("wechat.api_base", "must begin with https://");
    if (!w.api_base_fallback.empty() && !w.api_base_fallback.starts_with("https://"))
        refuse("wechat.api_base_fallback", "must begin with https://, such as https://api2.weixin.qq.com");
}

void read_kind_quotas(config& c) {
    for (const auto& text : c.hub_kind_quotas) {
        const auto equals = text.find('=');
        const std::string kind = text.substr(0, equals);
        std::int64_t n = 0;
        const char* from = equals == std::string::npos ? text.data() : text.data() + equals + 1;
        const char* to = text.data() + text.size();
        const auto [end, failed] = std::from_chars(from, to, n);
        if (equals == std::string::npos || failed != std::errc() || end != to || n < 0 ||
            core::outbox::find_kind(kind) == nullptr)
            refuse("hub.kind_per_day", "'" + text + "' is not a kind of event and a number. Write kind=5000");
        c.hub.kind_per_day[kind] = n;
    }
}

void finish_mail(config& c) {
    if (c.mail.host.empty()) return;
    c.mail.tls = c.mail_tls == "none"       ? relay::smtp_tls::none
                 : c.mail_tls == "starttls" ? relay::smtp_tls::starttls
                                            : relay::smtp_tls::required;
    if (!core::account::is_email(c.mail.from))
        refuse("mail.from", "is no e-mail address. Give the one that notices come from");
    if (c.mail.host.find_first_of("/:@ \t") != std::string::npos)
        refuse("mail.host", "must be a host name alone, such as smtp.example.com");
    if (!c.mail.user.empty() && c.mail.password.empty())
        refuse("mail.password", "is missing. Set mail.password_file, or leave mail.user empty");
    c.hub.by_channel["email"] = c.mail_limits;
}

void finish_webhook(config& c) {
    if (c.webhook.url.empty()) return;
    const bool fine = c.webhook.url.starts_with("https://") ||
                      (c.webhook.allow_plain_http && c.webhook.url.starts_with("http://"));
    if (!fine) refuse("webhook.url", "must begin with https://. For http:// set webhook.plain_http = true");
    if (c.webhook.secret.size() < 16)
        refuse("webhook.secret", "needs at least 16 characters. Set webhook.secret_file");
    c.hub.by_channel["webhook"] = c.webhook_limits;
}

} // namespace

std::vector<setting> settings_of(config& c) {
    constexpr std::int64_t port_most = 65535;
    return {
        {"server.https", &c.https_enabled, "serve HTTPS (true or false)"},
        {"server.address", &c.https.address, "address to listen on"},
        {"server.port", &c.https_port, "port; 0 takes any free one", false, 0, port_most},
        {"server.certificate", &c.https.certificate, "certificate chain, PEM; reloaded on SIGHUP"},
        {"server.key", &c.https.key, "private key, PEM, readable only by the program's user"},
        {"server.plain_http", &c.http_enabled,
         "also serve plain HTTP, for use behind a proxy (true or false)"},
        {"server.plain_address", &c.http.address, "address of the plain listener"},
        {"server.plain_port", &c.http_port, "port of the plain listener", false, 0, port_most},
        {"server.trusted_proxies", &c.http.trusted_proxies,
         "addresses or CIDR blocks whose X-Forwarded-For is believed"},
        {"server.hosts", &c.hosts, "host names served; empty: any"},
        {"server.page_threads", &c.page_threads, "threads that build pages", false, 1, 64},
        {"server.task_threads", &c.task_threads,
         "threads for slow work: passwords, uploads, WeChat's sign-in", false, 1, 64},
        {"limits.handshake_s", &c.handshake_s, "seconds for the TLS handshake", false, 1, 600},
        {"limits.header_s", &c.header_s, "seconds for a request's header", false, 1, 600},
        {"limits.idle_s", &c.idle_s, "seconds a kept connection may be idle", false, 1, 3600},
        {"limits.write_s", &c.write_s, "seconds without progress while answering", false, 1, 600},
        {"limits.answer_s", &c.answer_s, "seconds a handler may take", false, 1, 600},
        {"limits.stop_s", &c.stop_s, "seconds to finish what is in flight when stopping", false, 1, 600},
        {"limits.header_bytes", &c.header_bytes, "bytes of a request's header", false, 1024, 1 << 20},
        {"limits.connections", &c.connections, "open connections", false, 1, 1'000'000},
        {"limits.connections_per_address", &c.connections_per_address, "open connections of one address",
         false, 1, 1'000'000},
        {"limits.queued_requests", &c.queued_requests, "requests waiting for a thread; more get 503", false,
         1, 1'000'000},
        {"limits.callbacks_defer", &c.queue_defer,
         "callbacks waiting for the database; more are stored, answered success and worked on later", false,
         1, 1'000'000},
        {"limits.callbacks_most", &c.queue_most,
         "callbacks waiting for the database; more are answered 503 and come again", false, 1, 1'000'000},
        {"limits.pipelined_requests", &c.pipelined_requests,
         "requests of one connection sent in a row without waiting for answers", false, 1, 1000},
        {"limits.body_bytes_per_second", &c.body_bytes_per_second, "slower uploads are cut after 10 seconds",
         false, 1, 1 << 30},
        {"limits.bodies_mib", &c.bodies_mib, "MiB of uploads being received at once; more get 503", false, 32,
         65536},
        {"admin.address", &c.admin_address, "address of the admin listener: /metrics, /healthz, /readyz"},
        {"admin.port", &c.admin_port, "its port, plain HTTP for monitoring; 0: no admin listener", false, 0,
         port_most},
        {"data.folder", &c.data_dir, "folder of the database and the attachments"},
        {"data.key_file", &c.key_file, "key that seals personal data; keep a copy apart from the backups"},
        {"pages.templates", &c.templates_dir, "folder that overrides the built-in templates"},
        {"pages.assets", &c.assets_dir, "folder that overrides the built-in assets"},
        {"pages.dev", &c.dev, "development: reload templates, refuse unknown names in them (true or false)"},
        {"pages.frame_ancestors", &c.frame_ancestors,
         "development: the address that may show our pages in a frame (the sandbox); empty: nobody"},
        {"wechat.enabled", &c.wechat_enabled, "talk to WeChat (true or false)"},
        {"wechat.appid", &c.wechat.appid, "AppID of the official account"},
        {"wechat.original_id", &c.wechat.original_id, "original id of the account, gh_…"},
        {"wechat.secret", &c.wechat.secret, "AppSecret", true},
        {"wechat.token", &c.wechat.token, "token of the server configuration", true},
        {"wechat.token_previous", &c.wechat.token_previous, "token before the last change", true},
        {"wechat.encoding_aes_key", &c.wechat.encoding_aes_key, "EncodingAESKey", true},
        {"wechat.encoding_aes_key_previous", &c.wechat.encoding_aes_key_previous,
         "EncodingAESKey before the last change", true},
        {"wechat.mode",
         &c.wechat_mode,
         "message mode: safe, compatible or plaintext",
         false,
         0,
         0,
         {"safe", "compatible", "plaintext"}},
        {"wechat.freshness_s", &c.freshness_s, "seconds a callback's timestamp may differ from our clock",
         false, 30, 86400},
        {"wechat.public_url", &c.wechat.public_url, "address of this site as phones reach it, https://…"},
        {"wechat.callback_path", &c.callback_path, "path of the server address in WeChat's console"},
        {"wechat.verification_files", &c.verification_files,
         "files that WeChat asks for at the root of the site: MP_verify_….txt"},
        {"wechat.api_base", &c.wechat.api_base, "address of WeChat's API"},
        {"wechat.api_base_fallback", &c.wechat.api_base_fallback,
         "address used while wechat.api_base cannot be reached; empty: none"},
        {"wechat.oauth_base", &c.wechat.oauth_base, "address of WeChat's sign-in pages"},
        {"wechat.ca_file", &c.wechat.ca_file,
         "CA certificates to trust for WeChat's API instead of the system's"},
        {"wechat.connect_timeout_ms", &c.connect_timeout_ms, "milliseconds to connect to WeChat", false, 100,
         60000},
        {"wechat.total_timeout_ms", &c.total_timeout_ms, "milliseconds for a whole call to WeChat", false,
         100, 60000},
        {"wechat.push_connections", &c.push_connections, "messages in flight at once", false, 1, 256},
        {"wechat.publish_menu", &c.wechat.publish_menu,
         "publish the menus of templates/menu/ at start (true or false)"},
        {"wechat.staff_tag", &c.wechat.staff_tag,
         "tag id of the followers who get templates/menu/staff.json; 0: nobody", false, 0, 1'000'000'000},
        {"wechat.customer_messages", &c.wechat.customer_messages,
         "also tell by customer message who wrote to the account in the last 48 hours (true or false)"},
        {"wechat.website_appid", &c.wechat.website_appid,
         "AppID of the Open Platform's website application: WeChat's own page signs in on desktops "
         "(qrconnect); empty: our QR code does"},
        {"wechat.website_secret", &c.wechat.website_secret, "AppSecret of the website application", true},
        {"wechat.staff_sign_in", &c.wechat.staff_sign_in,
         "a bound WeChat signs staff in, on the phone and by QR code (true or false)"},
        {"hub.per_second", &c.hub.per_second, "calls to WeChat a second; 0: as fast as it answers", false, 0,
         100000},
        {"hub.per_day", &c.hub.per_day, "calls to WeChat a day, as the account's quota; 0: no limit", false,
         0, 1'000'000'000},
        {"hub.reserve_percent", &c.hub.reserve_percent,
         "percent of the day's calls kept for changes of status: reminders stop before", false, 0, 100},
        {"hub.kind_per_day", &c.hub_kind_quotas, "calls a day of single kinds, [\"certificates_due=5000\"]"},
        {"hub.only_to", &c.hub.only_to,
         "test mode: openids, e-mail addresses and numbers that get messages, nobody else does; empty: "
         "everybody"},
        {"mail.host", &c.mail.host, "SMTP server for notices by e-mail; empty: no e-mail"},
        {"mail.port", &c.mail.port, "its port", false, 1, port_most},
        {"mail.tls",
         &c.mail_tls,
         "required (from the first byte, 465), starttls (587) or none",
         false,
         0,
         0,
         {"required", "starttls", "none"}},
        {"mail.user", &c.mail.user, "user that signs in there; empty: nobody signs in"},
        {"mail.password", &c.mail.password, "the user's password", true},
        {"mail.from", &c.mail.from, "address that notices come from"},
        {"mail.from_name", &c.mail.from_name, "name shown with it"},
        {"mail.ca_file", &c.mail.ca_file,
         "CA certificates to trust for the SMTP server instead of the system's"},
        {"mail.per_second", &c.mail_limits.per_second,
         "e-mails a second; 0: as fast as the server takes them", false, 0, 100000},
        {"mail.per_day", &c.mail_limits.per_day, "e-mails a day, as the provider's quota; 0: no limit", false,
         0, 1'000'000'000},
        {"webhook.url", &c.webhook.url,
         "address that gets a signed POST for every notice: an SMS gateway, a chat robot; empty: none"},
        {"webhook.secret", &c.webhook.secret, "secret of the signature, at least 16 characters", true},
        {"webhook.to",
         &c.webhook.to,
         "phones (people with a number, which is told), people (without it) or group (once an event)",
         false,
         0,
         0,
         {"phones", "people", "group"}},
        {"webhook.plain_http", &c.webhook.allow_plain_http,
         "allow an http:// address, inside one machine room (true or false)"},
        {"webhook.ca_file", &c.webhook.ca_file,
         "CA certificates to trust for the webhook instead of the system's"},
        {"webhook.per_second", &c.webhook_limits.per_second, "calls a second; 0: as fast as it answers",
         false, 0, 100000},
        {"webhook.per_day", &c.webhook_limits.per_day, "calls a day; 0: no limit", false, 0, 1'000'000'000},
        {"log.level",
         &c.log_level,
         "debug, info, warn or error",
         false,
         0,
         0,
         {"debug", "info", "warn", "error"}},
        {"sandbox.port", &c.sandbox_port, "port of the WeChat sandbox, on loopback only", false, 0,
         port_most},
        {"sandbox.callback", &c.sandbox_target, "callback address that the sandbox posts to"},
        {"sandbox.ca_file", &c.sandbox_certificate_ca, "CA of that address's certificate"},
    };
}

std::string shown(const setting& s) {
    if (auto* const* t = std::get_if<std::string*>(&s.target)) return in_quotes(**t);
    if (auto* const* n = std::get_if<std::int64_t*>(&s.target)) return std::to_string(**n);
    if (auto* const* b = std::get_if<bool*>(&s.target)) return **b ? "true" : "false";
    if (auto* const* p = std::get_if<std::filesystem::path*>(&s.target)) return in_quotes((*p)->string());
    std::string out = "[";
    for (const auto& e : **std::get_if<std::vector<std::string>*>(&s.target))
        out += (out.size() > 1 ? ", " : "") + in_quotes(e);
    return out + "]";
}

void finish_settings(config& c) {
    using std::chrono::seconds;
    c.https.port = static_cast<std::uint16_t>(c.https_port);
    c.http.port = static_cast<std::uint16_t>(c.http_port);
    c.http.tls = false;
    c.limits.handshake = seconds(c.handshake_s);
    c.limits.header = seconds(c.header_s);
    c.limits.idle = seconds(c.idle_s);
    c.limits.write = seconds(c.write_s);
    c.limits.answer = seconds(c.answer_s);
    c.limits.stop = seconds(c.stop_s);
    c.limits.header_bytes = static_cast<std::size_t>(c.header_bytes);
    c.limits.connections = static_cast<std::size_t>(c.connections);
    c.limits.connections_per_address = static_cast<std::size_t>(c.connections_per_address);
    c.limits.queued_requests = static_cast<std::size_t>(c.queued_requests);
    c.limits.pipelined_requests = static_cast<std::size_t>(c.pipelined_requests);
    c.limits.body_bytes_per_second = static_cast<std::size_t>(c.body_bytes_per_second);
    c.limits.bodies_bytes = static_cast<std::size_t>(c.bodies_mib) * 1024 * 1024;
    c.wechat.mode = c.wechat_mode == "safe"         ? mp::message_mode::safe
                    : c.wechat_mode == "compatible" ? mp::message_mode::compatible
                                                    : mp::message_mode::plaintext;
    c.wechat.freshness_seconds = static_cast<int>(c.freshness_s);
    c.wechat.connect_timeout_ms = static_cast<int>(c.connect_timeout_ms);
    c.wechat.total_timeout_ms = static_cast<int>(c.total_timeout_ms);
    c.wechat.queue_defer = static_cast<std::size_t>(c.queue_defer);
    c.wechat.queue_most = static_cast<std::size_t>(c.queue_most);
    c.wechat.push_connections = static_cast<int>(c.push_connections);
    read_kind_quotas(c);
    finish_mail(c);
    finish_webhook(c);
    while (c.wechat.public_url.ends_with('/'))
        c.wechat.public_url.pop_back();
    if (c.data_dir.empty()) refuse("data.folder", "is missing. Give the folder for the database");
    if (c.key_file.empty())
        refuse("data.key_file", "is missing. Give the file of the key that seals personal data");
    if (!c.https_enabled && !c.http_enabled)
        refuse("server.https", "nothing would be served: set it or server.plain_http");
    if (c.https_enabled && (c.https.certificate.empty() || c.https.key.empty()))
        refuse("server.certificate",
               "and server.key are needed for HTTPS. Give both, or set server.https = false");
    if (!c.wechat.public_url.starts_with("https://") && !c.wechat.public_url.starts_with("http://"))
        refuse("wechat.public_url",
               "is missing. Give the address of this site, such as https://www.example.com");
    if (!c.callback_path.starts_with('/') || c.callback_path.find_first_of("{} ?#") != std::string::npos)
        refuse("wechat.callback_path", "must be a path such as /wx/callback");
    if (c.wechat_enabled) check_wechat(c);
}

} // namespace wechat
