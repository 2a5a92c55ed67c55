// XML of callbacks and replies (pugixml stays here): the envelope, the message in it, passive replies.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wechat::mp {

// The <Encrypt> of an envelope. Refuses: DOCTYPE, malformed, none, two, empty (wechat-platform.md 5, step 1).
std::optional<std::string> read_envelope(std::string_view xml);

// A message or event, fields by name; unknown ones are left out, unknown types are fine (section 7).
struct message {
    std::string to, from, type, event, event_key, content, msg_id, ticket, status, scan_result;
    std::int64_t create_time = 0; // seconds
    // What kind of thing it is: "text", "event.click" … lower case.
    std::string kind() const;
};
// nullopt: DOCTYPE, not well-formed, not UTF-8, no sender.
std::optional<message> read_message(std::string_view xml);

// A passive text reply: swapped addresses, seconds, cut at 2000 bytes, characters illegal in XML 1.0 dropped.
std::string text_reply(const message& to, std::string_view text, std::int64_t now_seconds);
// The encrypted envelope of a reply.
std::string reply_envelope(std::string_view encrypt, std::string_view signature, std::string_view timestamp,
                           std::string_view nonce);

} // namespace wechat::mp
