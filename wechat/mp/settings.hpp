// What the operator configures about WeChat. Filled by wechat/config.*, never logged as a whole.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace wechat::mp {

enum class message_mode { safe, compatible, plaintext };

struct settings {
    std::string appid;                                       // wx + 16 hex digits
    std::string original_id;                                 // gh_ + 12 hex digits
    std::string secret;                                      // AppSecret
    std::string token, token_previous;                       // callback tokens, 3..32 of [A-Za-z0-9]
    std::string encoding_aes_key, encoding_aes_key_previous; // 43 characters
    message_mode mode = message_mode::safe;
    int freshness_seconds = 600;    // callbacks older or newer are refused
    std::size_t queue_defer = 1000; // messages waiting for the writer: more are stored and worked on later
    std::size_t queue_most = 4000;  // still more are answered 503 at once

    std::string public_url; // https://www.example.com, without a slash at the end
    std::string api_base = "https://api.weixin.qq.com";
    std::string api_base_fallback; // used while api_base cannot be reached; empty: none
    std::string oauth_base = "https://open.weixin.qq.com";
    std::filesystem::path ca_file; // extra CA for the API host (tests, sandbox); empty: the system's
    int connect_timeout_ms = 3000;
    int total_timeout_ms = 10000;
    int push_connections = 32;  // messages in flight at once
    bool publish_menu = false;  // publish templates/menu/ at start
    std::int64_t staff_tag = 0; // tag of the followers who get templates/menu/staff.json; 0: nobody
    std::string website_appid,
        website_secret;         // Open Platform's website application; empty: our own QR code signs in
    bool staff_sign_in = false; // a bound WeChat signs staff in, on the phone and by QR code
    std::map<std::string, std::string, std::less<>> template_ids; // event kind -> template id
    std::map<std::string, std::string, std::less<>>
        subscription_ids;          // likewise, of subscription notifications
    bool customer_messages = true; // to who wrote to the account in the last 48 hours
};

} // namespace wechat::mp
