// A simulated WeChat: one official account, its followers' phones, tokens, template messages, faults. State
// in memory only. Reached through api.cpp (the API host) and phone.cpp (phones in the browser).
#pragma once
#include "core/base/clock.hpp"
#include "core/base/value.hpp"
#include "wechat/sandbox/faults.hpp"
#include "wechat/sandbox/wire.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wechat::sandbox {

struct account {
    std::string appid, original_id, secret;
    wire_keys keys;
    bool encrypted = true;
    struct message_template {
        std::string title;
        std::map<std::string, std::string> labels; // field name -> keyword, as the granted template has them
    };
    std::map<std::string, message_template> templates; // by template id
};

// One thing seen in a phone's chat.
struct chat_item {
    std::int64_t seq = 0; // counts per platform
    core::instant at;
    std::string kind;       // "said" (by the person), "reply", "template", "note"
    std::string text;       // may hold <a href> of replies
    std::string title, url; // template messages
    std::vector<std::pair<std::string, std::string>> fields;
};

struct phone {
    std::string openid;
    std::string name;
    bool following = false;
    std::vector<chat_item> chat;
};

// Something the platform pushes to us: query and body of the callback.
struct push {
    std::string openid;
    std::string plain;   // inner XML
    core::instant due{}; // not before
};

class platform {
  public:
    platform(account a, const core::clock& time);

    // ---- API host: each gives WeChat's JSON ----
    core::value stable_token(const core::value& ask);
    bool token_is_good(std::string_view token) const;
    core::value send_template(const core::value& ask);
    core::value create_menu(const core::value& menu);
    core::value get_menu() const;
    core::value list_templates() const;
    core::value create_qr(const core::value& ask);
    // The account's QR codes made last, newest first: a phone in the browser cannot look at another window.
    struct made_code {
        std::string url;
        core::instant at;
    };
    std::vector<made_code> recent_codes() const;
    core::value user_info(std::string_view openid) const;
    core::value user_list() const;
    std::string begin_oauth(std::string_view openid); // a code, five minutes, single use
    core::value exchange_code(std::string_view appid, std::string_view secret, std::string_view code);

    // ---- phones ----
    std::vector<phone> phones() const;
    std::optional<phone> find_phone(std::string_view openid) const;
    void add_phone(std::string_view openid, std::string_view name); // follows already, tells nobody
    void set_following(std::string_view openid, bool following, std::string_view scene = {});
    void say(std::string_view openid, std::string_view text);
    void tap(std::string_view openid, std::string_view key);
    void scan(std::string_view openid, std::string_view result); // a QR's address, or text of any code
    void show_reply(std::string_view openid, std::string_view xml);
    void note(std::string_view openid, std::string_view text);
    // Items after `seq` of one phone.
    std::vector<chat_item> chat_after(std::string_view openid, std::int64_t seq) const;

    // Pushes waiting to be posted to our server, in order; taken by the caller's thread.
    void on_push(std::function<void()> wake) { wake_ = std::move(wake); }
    std::vector<push> take_pushes();                // those due
    std::optional<core::instant> next_push() const; // when the next one falls due
    // The callback request for one push: signed now, encrypted when the account says so.
    struct callback_request {
        std::string query, body;
    };
    callback_request seal(const push& p) const;
    std::string open_reply(std::string_view body) const; // plain XML, or "" when it is no valid reply

    fault_switches& faults() { return faults_; }
    // Every template message executed, in order, for tests: openid, client_msg_id, msgid, template_id, data.
    core::value sent() const;
    std::int64_t duplicates() const { return duplicates_; }
    const account& config() const { return account_; }

  private:
    phone* find(std::string_view openid);
    void add_item(phone& p, chat_item item);
    void push_event(const phone& p, std::string_view event, std::string_view extra, core::instant due = {});
    void push_receipt(const phone& p, std::int64_t msgid);
    std::string message_head(const phone& p, std::string_view type) const;
    core::value refuse(int code, std::string_view message) const;

    account account_;
    const core::clock* time_;
    mutable std::mutex guard_;
    std::vector<phone> phones_;
    std::vector<push> pushes_;
    std::function<void()> wake_;
    fault_switches faults_;
    core::value menu_;
    std::string token_, older_token_;
    core::instant token_expires_{}, older_until_{};
    struct oauth_code {
        std::string openid;
        core::instant expires_at;
        bool used = false;
    };
    std::map<std::string, oauth_code, std::less<>> codes_;
    std::map<std::string, std::string, std::less<>> scenes_; // QR address -> scene
    std::vector<made_code> codes_made_;                      // newest first, at most ten
    struct remembered {
        std::int64_t msgid;
        core::instant at;
    };
    std::map<std::string, remembered, std::less<>> sent_ids_; // openid/client_msg_id
    core::value sent_log_ = core::value::array();
    std::int64_t seq_ = 0;
    std::int64_t duplicates_ = 0;
};

} // namespace wechat::sandbox
