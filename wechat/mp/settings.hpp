// What the operator configures about WeChat. Filled by wechat/config.*, never logged as a whole.
#pragma once
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
    int freshness_seconds = 600; // callbacks older or newer are refused

    std::string public_url; // https://www.example.com, without a slash at the end
    std::string api_base = "https://api.weixin.qq.com";
    std::string oauth_base = "https://open.weixin.qq.com";
    std::filesystem::path ca_file; // extra CA for the API host (tests, sandbox); empty: the system's
    int connect_timeout_ms = 3000;
    int total_timeout_ms = 10000;
    int push_connections = 32;                                    // messages in flight at once
    bool publish_menu = false;                                    // publish templates/menu/menu.json at start
    std::map<std::string, std::string, std::less<>> template_ids; // event kind -> template id
};

} // namespace wechat::mp
