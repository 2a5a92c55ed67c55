// The program's configuration: one TOML file, overridden by the environment (QIANGJIAN_SERVER__PORT=8443;
// for secrets also QIANGJIAN_WECHAT__SECRET_FILE=/run/secrets/wechat). Unknown keys are errors. Secrets come
// from files or the environment only and are never printed.
#pragma once
#include "notify/hub/settings.hpp"
#include "wechat/mp/settings.hpp"
#include "wechat/relay/smtp_client.hpp"
#include "wechat/relay/webhook_channel.hpp"
#include "wechat/server/server.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wechat {

struct config {
    std::filesystem::path file; // where it was read from
    listen_options https;
    bool https_enabled = true;
    listen_options http; // plain, behind a proxy
    bool http_enabled = false;
    std::string admin_address = "127.0.0.1"; // metrics; port 0: off
    std::int64_t admin_port = 0;
    std::vector<std::string> hosts;
    server_limits limits;
    std::int64_t https_port = 8443, http_port = 8080;
    std::int64_t handshake_s = 15, header_s = 30, idle_s = 60, write_s = 30, answer_s = 60, stop_s = 10;
    std::int64_t header_bytes = 16 * 1024, connections = 4096, connections_per_address = 256,
                 queued_requests = 512, pipelined_requests = 16, body_bytes_per_second = 1024,
                 bodies_mib = 256;
    std::int64_t page_threads = 2, task_threads = 2;
    std::filesystem::path data_dir;
    std::filesystem::path key_file; // sealed columns
    std::filesystem::path templates_dir, assets_dir;
    bool wechat_enabled = true;
    mp::settings wechat;
    std::string callback_path = "/wx/callback";
    std::vector<std::string> verification_files; // served at the root under their own names
    std::string wechat_mode = "safe";
    std::int64_t freshness_s = 600, connect_timeout_ms = 3000, total_timeout_ms = 10000,
                 push_connections = 32, queue_defer = 1000, queue_most = 4000;
    notify::hub_settings hub;
    relay::smtp_settings mail;
    std::string mail_tls = "required";
    relay::webhook_settings webhook;
    notify::channel_limits mail_limits{5, 5000}, webhook_limits{10, 0};
    std::vector<std::string> hub_kind_quotas; // kind=calls a day
    std::string log_level = "info";
    std::int64_t sandbox_port = 8460;
    std::filesystem::path sandbox_certificate_ca; // CA of the server the sandbox calls back
    std::string sandbox_target;                   // callback address the sandbox posts to
    bool dev = false;
    std::string frame_ancestors; // who may frame our pages; empty: nobody

    std::string callback_url() const { return wechat.public_url + callback_path; }
    // What this program serves HTTPS with; empty: a proxy does it.
    std::filesystem::path served_certificate() const {
        return https_enabled ? https.certificate : std::filesystem::path();
    }
    std::filesystem::path database_file() const { return data_dir / "qiangjian.db"; }
    std::filesystem::path attachments_dir() const { return data_dir / "attachments"; }
};

// A wrong setting: names the key and what to do.
class config_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Where a setting's value came from, for `check-config`.
struct setting_origin {
    std::string key, value, origin; // value "(secret)" for secrets
};

struct loaded_config {
    config values;
    std::vector<setting_origin> origins;
};

using environment = std::map<std::string, std::string, std::less<>>;
environment process_environment(); // only names beginning with QIANGJIAN_

// Throws config_error. Relative paths are taken from the file's folder.
loaded_config load_config(const std::filesystem::path& file, const environment& env);
// A commented sample with every key, its unit and default.
std::string sample_config();

} // namespace wechat
