// XML of callbacks and replies (pugixml stays here): the envelope, the message in it, passive replies.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wechat::mp {

// The <Encrypt> of an envelope. Refuses: DOCTYPE, malformed, none, two, empty (wechat-platform.md 5, step 1).
std::optional<std::string> read_envelope(std::string_view xml);

// A message or event of section 7, also one of a type nobody knows yet. What every one has is a member, all
// else is in `fields` by its path below <xml>: "MediaId", "ScanCodeInfo/ScanResult",
// "SubscribeMsgPopupEvent/List/TemplateId" (repeated lists: one after another). Ids stay texts: they exceed
// 2^53.
struct message {
    std::string to, from, type, event, event_key, content;
    std::string msg_id;                                      // MsgId, of receipts MsgID
    std::int64_t create_time = 0;                            // seconds; 0 when it is no number
    std::vector<std::pair<std::string, std::string>> fields; // 200 at most, six levels deep
    bool is_cut = false;                                     // there were more

    // What kind of thing it is: "text", "event.click" … lower case.
    std::string kind() const;
    std::string_view field(std::string_view path) const;               // the first, "" when absent
    std::vector<std::string_view> all_of(std::string_view path) const; // of repeated lists
};
// nullopt: DOCTYPE, not well-formed (what stands behind the first element is passed over), a NUL, not UTF-8,
// no sender or one over 64 characters, no type.
std::optional<message> read_message(std::string_view xml);

inline constexpr std::size_t most_reply_bytes = 2000;
// At most `most` bytes, whole characters, and never inside a link: a cut <a …> would be shown as text.
std::string_view cut_reply(std::string_view text, std::size_t most = most_reply_bytes);
// A passive text reply: swapped addresses, seconds, cut_reply, characters illegal in XML 1.0 dropped.
std::string text_reply(const message& to, std::string_view text, std::int64_t now_seconds);
// The encrypted envelope of a reply.
std::string reply_envelope(std::string_view encrypt, std::string_view signature, std::string_view timestamp,
                           std::string_view nonce);

} // namespace wechat::mp
