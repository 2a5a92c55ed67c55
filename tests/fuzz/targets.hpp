// What hostile bytes go through, as functions of those bytes: called by libFuzzer (scripts/fuzz) and, with
// the committed corpus, by tests_wechat. A broken promise throws std::logic_error; crashes are the
// sanitizers' to find.
#pragma once
#include <array>
#include <string_view>

namespace fuzz {

// First byte: where the rest is cut in two, as the network does. A request's header, then its body.
void read_request(std::string_view bytes);
// First byte: query string, cookies, urlencoded body, multipart body, forwarded addresses.
void read_form(std::string_view bytes);
// First byte: envelope, message, cipher text, or a callback signed and encrypted by one who has the keys.
void read_callback(std::string_view bytes);

struct target {
    std::string_view name; // folder in corpus/
    void (*run)(std::string_view);
};
inline constexpr std::array<target, 3> targets = {
    {{"request", read_request}, {"form", read_form}, {"callback", read_callback}}};

} // namespace fuzz
