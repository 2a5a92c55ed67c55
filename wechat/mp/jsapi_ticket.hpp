// The JS-SDK's ticket: one fetch at a time, kept sealed across restarts, fetched again before it dies, and
// what a page needs to use WeChat's scanner and camera (wechat-platform.md 19).
#pragma once
#include "core/base/result.hpp"
#include "core/db/database.hpp"
#include "wechat/mp/api.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace wechat::mp {

// What wx.config takes; `timestamp` in seconds.
struct page_signature {
    std::string appid, nonce, signature;
    std::int64_t timestamp = 0;
};

class jsapi_ticket {
  public:
    jsapi_ticket(api& a, core::db::database& db) : api_(&a), db_(&db) {}

    // The ticket to use now; goes on with the old one while it lives if WeChat is away. Blocks while another
    // thread fetches. A refused access token is renewed once by api. Refuses as api::get does, for five
    // seconds without asking again.
    core::result<std::string> current();
    // Of an address of ours as the browser shows it. Refuses invalid (js.address) for any other.
    core::result<page_signature> sign(std::string_view url);

  private:
    core::result<std::string> fetch();
    bool is_alive(core::instant now) const { return !ticket_.empty() && now < expires_; }
    void load();

    api* api_;
    core::db::database* db_;
    std::mutex guard_; // held during a fetch: single flight
    std::string ticket_;
    core::instant expires_{}, fetched_{};
    core::instant ask_again_{}; // after a failure
    core::error failure_;       // of the last fetch, told until then
    bool loaded_ = false;
};

// hex SHA-1 in WeChat's fixed order. `url` without fragment.
std::string sign_page(std::string_view ticket, std::string_view nonce, std::int64_t timestamp,
                      std::string_view url);
// Whether a page of this site: scheme and host are ours, no fragment, at most 2048 bytes.
bool is_page_of(std::string_view url, std::string_view public_url);

} // namespace wechat::mp
