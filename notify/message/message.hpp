// From the facts of an event to the final template message: one file per kind in templates/messages/.
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
    std::string kind, title, url;
    std::vector<message_field> fields;
};

// Cuts and cleans a text so that WeChat takes it for this kind of field (rules of 2023, wechat-platform.md
// 15): never empty, one line, thing ≤ 20 characters, character_string ASCII ≤ 32, phrase ≤ 5 … (guarantees
// N16).
std::string fit_value(std::string_view field_name, std::string_view text);

class message_book {
  public:
    // Reads templates/messages/*.tmpl; throws naming file and line. Lines: `title: …`, `url: …`,
    // `field thing3 机构: {{institution}}`.
    explicit message_book(const core::template_set& templates);
    const message_kind* find(std::string_view kind) const;
    // The body stored with a delivery: {"title","url","data":{name: text}}; identical at every try.
    std::string body_of(const message_kind& kind, const core::value& facts) const;

  private:
    std::map<std::string, message_kind, std::less<>> kinds_;
};

} // namespace notify
