// What people ask for in the chat: words and menu buttons to topics, and what is meant as an order number. No
// answers: those are in answers.hpp.
#pragma once
#include "core/base/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wechat::mp {

// What a person may ask for, by words or by a menu button.
enum class topic {
    latest,
    ask_number,
    due,
    bind,
    unbind,
    book,
    change,
    filing,
    contact,
    password,
    thanks,
    help
};
// Of a text without an order number: the first row whose word stands in it, or the number of a line of the
// help text; nullopt: not understood.
std::optional<topic> topic_of(std::string_view text);
// Of a click button's key; nullopt: no button of ours.
std::optional<topic> topic_of_key(std::string_view event_key);

struct typed_number {
    std::string digits;       // 12 and right, or 11 to 13 that were meant as one
    bool is_right = false;    // its check digit holds: worth looking for
    bool has_another = false; // a second right one stands in the text
};
// An order number in a sentence, in any sensible way of typing it (core/base/ids.hpp). Meant as one, though
// wrong, are 11 to 13 digits beside no letter that begin with a year since 2020 and a month (domain.md 3.4);
// dates, phone, certificate and credit numbers are nobody's order.
std::optional<typed_number> find_typed_number(std::string_view text, core::date today);

} // namespace wechat::mp
