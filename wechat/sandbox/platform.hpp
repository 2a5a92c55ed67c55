// A simulated WeChat: one official account, its followers' phones, its API and pushes; behind one lock. State
// in memory; with a file, phones and who follows survive a restart. Reached through api_host.cpp,
// sns_pages.cpp and phone_pages.cpp.
#pragma once
#include "core/base/clock.hpp"
#include "core/base/value.hpp"
#include "wechat/sandbox/apis.hpp"
#include "wechat/sandbox/faults.hpp"
#include "wechat/sandbox/state.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wechat::sandbox {

class platform {
  public:
    platform(account a, const core::clock& time, std::filesystem::path file = {});

    // One API call: token and quota, then what its row says.
    api_answer call(const api_row& row, const api_call& c);
    // For the pages and scripts: `f` works on the state, alone.
    template<class F>
    auto use(F f) {
        const std::lock_guard<std::mutex> hold(guard_);
        return f(state_);
    }
    std::string begin_oauth(std::string_view openid); // a code, five minutes, single use

    // ---- phones ----
    std::vector<phone> phones() const; // without the crowd
    std::optional<phone> find_phone(std::string_view openid) const;
    void add_phone(std::string_view openid, std::string_view name); // follows already, tells nobody
    void add_crowd(int n);                                          // so many followers more, for paging
    // The account has moved to this one: every person gets a new openid, changeopenid tells which.
    void move_account();
    void set_following(std::string_view openid, bool following, std::string_view scene = {});
    void say(std::string_view openid, std::string_view text);
    void tap(std::string_view openid, std::string_view key);
    void scan(std::string_view openid, std::string_view result); // a QR's address, or text of any code
    // Agrees to (or refuses) messages of a template, as in the dialog of wx-open-subscribe.
    void subscribe(std::string_view openid, const std::string& template_id, bool accepts);
    void refuse_template(std::string_view openid, const std::string& template_id, bool refuses);
    void show_reply(const push& to, std::string_view xml); // a wrong reply is noted, as no reply
    void note(std::string_view openid, std::string_view text);
    // Items after `seq` of one phone.
    std::vector<chat_item> chat_after(std::string_view openid, std::int64_t seq) const;
    std::vector<state::made_code> recent_codes() const;

    // Pushes waiting to be posted to our server, in order; taken by the caller's thread.
    void on_push(std::function<void()> wake) { state_.wake = std::move(wake); }
    std::vector<push> take_pushes();                // those due
    std::optional<core::instant> next_push() const; // when the next one falls due
    // The callback request for one push: signed now, encrypted when the account says so.
    struct callback_request {
        std::string query, body;
    };
    callback_request seal(const push& p) const;
    std::string open_reply(std::string_view body) const; // plain XML, or "" when it is no valid reply

    fault_switches& faults() { return state_.faults; }
    chaos& random() { return state_.random; }
    const chaos& random() const { return state_.random; }
    // Every message executed, in order, for tests: openid, client_msg_id, msgid, template_id, data.
    core::value sent() const;
    std::int64_t duplicates() const;
    core::value secrets() const; // given out so far: tokens, tickets, codes, scenes
    const account& config() const { return state_.config; }

  private:
    phone* follower(std::string_view openid);
    void keep() const; // phones and who follows, into the file

    mutable std::mutex guard_;
    state state_;
    std::filesystem::path file_;
};

} // namespace wechat::sandbox
