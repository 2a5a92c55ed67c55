// What the simulated WeChat knows: the account, its followers' phones, codes, templates, pushes to be posted.
// No lock and no HTTP: `platform` guards it, the API's functions (apis.hpp) work on it.
#pragma once
#include "core/base/clock.hpp"
#include "core/base/value.hpp"
#include "wechat/sandbox/chaos.hpp"
#include "wechat/sandbox/faults.hpp"
#include "wechat/sandbox/quota.hpp"
#include "wechat/sandbox/tokens.hpp"
#include "wechat/sandbox/wire.hpp"

#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wechat::sandbox {

inline constexpr std::int64_t first_msgid = 3487542469355618313; // beyond 2^53, as WeChat's are

struct message_template {
    std::string title;
    std::map<std::string, std::string> labels; // field name -> keyword, as the granted template has them
    bool long_term = false;                    // subscription messages: any number after one acceptance
};

struct account {
    std::string appid, original_id, secret;
    wire_keys keys;
    bool encrypted = true;
    std::string oauth_host; // 网页授权域名; "": any
    // The website application of the open platform, for scan sign-in on the desktop.
    std::string website_appid, website_secret;             // empty: no website application
    std::map<std::string, message_template> templates;     // by template id
    std::map<std::string, message_template> subscriptions; // of 订阅通知, by template id
};

// One thing seen in a phone's chat.
struct chat_item {
    std::int64_t seq = 0; // counts per platform
    core::instant at;
    std::string kind;       // "said" (by the person), "reply", "template", "subscription", "custom", "note"
    std::string text;       // may hold <a href> of replies
    std::string title, url; // template messages
    std::vector<std::pair<std::string, std::string>> fields;
};

// Customer-service messages allowed after one kind of act (wechat-platform.md 17).
struct allowance {
    std::string_view after; // "message", "click", "follow", "scan"
    core::instant until;
    int left = 0;
};

struct phone {
    std::string openid;
    std::string name;
    bool following = false;
    std::vector<chat_item> chat;
    std::string unionid, website_openid;
    core::instant subscribed_at{};
    std::string subscribe_scene, qr_scene, remark;
    std::set<std::int64_t> tags;
    std::vector<allowance> allowances;
    std::set<std::string> refused;            // templates whose messages the person does not want: 43101
    std::map<std::string, int> subscriptions; // template id -> sends left
    bool snapshot = false;                    // sees pages as a preview: its openid is virtual
    bool crowd = false;                       // one of many, for paging: not shown, not kept
};

// Something the platform pushes to us: query and body of the callback.
struct push {
    std::string openid;
    std::string plain;   // inner XML
    core::instant due{}; // not before
};

struct state {
    state(account a, const core::clock& time);

    account config;
    const core::clock* time;
    fault_switches faults;
    chaos random;
    tokens keys;
    quota used;

    phone* find(std::string_view openid);
    const phone* find(std::string_view openid) const;
    phone& add_phone(std::string_view openid, std::string_view name);
    void rename(phone& p, std::string_view openid); // the account has moved: same person, new openid
    std::vector<phone> phones;                      // in the order in which they came

    void add_item(phone& p, chat_item item);
    void add_note(phone& p, std::string_view text);
    void follow(phone& p, bool following, std::string_view scene);
    void allow(phone& p, std::string_view after); // opens the window for customer-service messages

    void push_event(const phone& p, std::string_view event, std::string_view extra, core::instant due = {});
    void push_message(const phone& p, std::string_view type, std::string_view extra);
    std::vector<push> pushes;
    std::function<void()> wake; // told that there is a push

    // {"errcode", "errmsg" with a rid that openapi/rid/get knows}
    core::value refuse(int code, std::string_view message);
    core::value request_seen = core::value::object(); // of the call being answered, for the rid
    std::map<std::string, core::value, std::less<>> refused;

    struct qr_code {
        std::string scene, url;
        bool by_text = true;
        core::instant expires_at{}; // zero: permanent
    };
    std::map<std::string, qr_code, std::less<>> codes; // by ticket
    std::map<std::string, std::string, std::less<>> ticket_of;
    struct made_code {
        std::string url;
        core::instant at;
    };
    std::vector<made_code> codes_made; // newest first, at most ten
    void show_code(const std::string& url);

    struct oauth_code {
        std::string openid, appid, scope;
        core::instant expires_at{};
        bool used = false;
    };
    std::map<std::string, oauth_code, std::less<>> oauth_codes;
    std::map<std::string, oauth_code, std::less<>> oauth_tokens, refresh_tokens;
    // Tokens, tickets, codes and scenes given out, for tests that look for them in logs (S12).
    core::value secrets = core::value::array();

    struct website_sign_in {
        std::string redirect, state, openid; // openid: the phone that has scanned
        std::optional<bool> allowed;
    };
    std::map<std::string, website_sign_in, std::less<>> sign_ins; // by uuid

    core::value menu;
    std::vector<std::pair<std::int64_t, core::value>> conditional_menus; // newest last
    std::map<std::int64_t, std::string> tags;
    struct medium {
        std::string type, file_name, bytes;
        core::instant expires_at{};
    };
    std::map<std::string, medium, std::less<>> media;
    std::string jsapi_ticket;
    core::instant ticket_expires_at{};
    std::map<std::string, std::string> moved; // old openid -> new one

    struct remembered {
        std::int64_t msgid;
        core::instant at;
    };
    std::map<std::string, remembered, std::less<>> sent_ids; // openid/client_msg_id
    void remember(const std::string& key, remembered one);   // also beyond a restart, when there is a file
    std::ofstream sent_file;
    core::value sent_log = core::value::array();
    std::int64_t duplicates = 0;
    std::int64_t seq;           // counts from the clock on, so that no number comes twice after a restart
    std::int64_t next_id = 100; // of tags and menus

  private:
    std::unordered_map<std::string, std::size_t> index_; // openid -> place in phones
};

// Pieces of the XML that is pushed.
std::string cdata(std::string_view text);
std::string tag(std::string_view name, std::string_view text);

core::value fine(); // {"errcode":0,"errmsg":"ok"}

} // namespace wechat::sandbox
