// One HTTP request as handlers see it: parsed, bounded, with the signed-in person. No Asio, no Beast here.
#pragma once
#include "core/account/session.hpp"
#include "core/base/actor.hpp"
#include "core/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wechat {

enum class method { get, head, post, other };

// Names and values in the order received. Names of headers compare without case, others exactly.
class name_values {
  public:
    void add(std::string name, std::string value) { all_.emplace_back(std::move(name), std::move(value)); }
    std::optional<std::string_view> find(std::string_view name) const; // the first
    std::string_view get(std::string_view name) const;                 // "" when absent
    std::vector<std::string_view> all(std::string_view name) const;    // every value of a repeated name
    std::size_t count(std::string_view name) const;
    bool empty() const { return all_.empty(); }
    auto begin() const { return all_.begin(); }
    auto end() const { return all_.end(); }

  private:
    std::vector<std::pair<std::string, std::string>> all_;
};

// A file of a multipart form. The name is for display only.
struct uploaded_file {
    std::string field;
    std::string file_name;
    std::string bytes;
};

// The browser's session, looked up by guard.* before a handler runs.
struct session_info {
    std::string token_hash; // key of table session
    std::string csrf;
    std::string openid; // when signed in through WeChat
    core::instant seen_at;
    bool must_change = false; // a new password first, before anything else
    core::account::factor_need factor = core::account::factor_need::none; // and before that the second factor
};

struct request {
    wechat::method method = method::get;
    std::string path;    // decoded, "/staff/orders/42/confirm"
    name_values query;   // decoded
    name_values headers; // names in lower case
    name_values cookies;
    std::string body; // at most the route's limit
    name_values form; // of an urlencoded or multipart body, decoded, valid UTF-8
    std::vector<uploaded_file> files;
    std::vector<std::string> parameters; // of the route pattern: /orders/{}/confirm
    std::string remote_address;          // of the person: forwarded by a listed proxy, else the peer
    bool secure = true;                  // the person's connection is TLS
    std::string host;                    // Host header, checked
    std::string request_id;              // in the log, on error pages, in audit rows
    core::actor actor;                   // visitor when nobody is signed in
    std::optional<session_info> session;

    std::string_view header(std::string_view lower_case_name) const { return headers.get(lower_case_name); }
    std::string_view field(std::string_view name) const { return form.get(name); }
    // n-th {} of the route as an id; 0 (which no row has) when it is no positive 64-bit number.
    std::int64_t id(std::size_t n) const;
    bool wants_fragment() const { return headers.find("hx-request").has_value(); } // htmx
    bool in_wechat() const; // User-Agent names MicroMessenger: a hint, not security
};

// A decimal id as it stands in addresses and forms; 0 when it is no positive 64-bit number.
std::int64_t to_id(std::string_view text);

} // namespace wechat
