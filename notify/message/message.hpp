// From the facts of an event to the final template message: one file per kind in templates/messages/, all
// read and checked at start. Which template of the account a kind uses is configuration, known to the
// channel.
#pragma once
#include "core/base/template.hpp"
#include "core/base/value.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace notify {

// One field of a kind: WeChat's name for it, ours, and its text over the facts.
struct message_field {
    std::string name;  // thing3, time2, character_string1, phrase4
    std::string label; // 预约单号
    std::string text;  // mustache
};

struct message_kind {
    std::string kind, title, url; // url: our own path, mustache
    std::vector<message_field> fields;
};

// One file: lines `title: …`, `url: /…`, `field thing3 机构: {{institution}}`; # begins a comment. Throws
// std::runtime_error naming file and line for anything else, for unknown or repeated field names, and for
// facts that an event of this kind does not have.
message_kind parse_message(std::string_view kind, std::string_view text);

class message_book {
  public:
    // Reads templates/messages/<kind>.tmpl of every kind in core::outbox::kinds. Throws when one is missing,
    // wrong, or of no kind.
    explicit message_book(const core::template_set& templates);
    const message_kind* find(std::string_view kind) const;
    // The body stored with a delivery and sent at every try: {"title", "url", "labels": {name: label},
    // "data": {name: text}}. Never refused for its values by the rules of 2023 (guarantees N16).
    static std::string body_of(const message_kind& kind, const core::value& facts);

  private:
    std::map<std::string, message_kind, std::less<>> kinds_;
};

} // namespace notify
