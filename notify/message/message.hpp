// From the facts of an event to the final template message: one file per kind in templates/messages/, all
// read and checked at start. Which template of the account a kind uses is configuration, known to the
// channel.
#pragma once
#include "core/base/template.hpp"
#include "core/base/value.hpp"

#include <deque>
#include <map>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace notify {

// One field of a kind: WeChat's name for it, ours, and its text over the facts.
struct message_field {
    std::string name;              // thing3, time2, character_string1, phrase4
    std::string label;             // 预约单号
    std::string text;              // mustache; of a filled message: fitted to WeChat's rules
    std::string full = {};         // of a filled message: uncut, one line
    std::string subscription = {}; // its name in the subscription template; "": the same, "-": not there
};

struct message_kind {
    std::string kind, title, url;       // url: our own path, mustache
    std::string staff_title, staff_url; // the same for people of the institution; "": as for the company
    std::string template_id;            // of a version of its own; "": the one of the configuration
    std::vector<message_field> fields;
};

// A kind filled with the facts of one event, for one side of the counter.
struct message {
    std::string kind, title, url; // url: a path of ours
    std::vector<message_field> fields;
};
enum class side { company, staff };

// One file: lines `title: …`, `url: /…`, `field thing3 机构: {{institution}}`, and if the institution's
// people are told something else `staff_title: …`, `staff_url: /…`; # begins a comment. Where the kind's
// subscription template names a field otherwise, `field thing3 机构 subscription=thing1: …`; `subscription=-`
// leaves it out there. Throws std::runtime_error naming file and line for anything else, for unknown or
// repeated field names, and for facts that an event of this kind does not have.
message_kind parse_message(std::string_view kind, std::string_view text);

// What a field is called in the kind's subscription template; "" when it is not there.
std::string_view subscription_name(const message_field& f);

class message_book {
  public:
    // Reads templates/messages/<kind>.tmpl of every kind in core::outbox::kinds. Throws when one is missing,
    // wrong, or of no kind.
    explicit message_book(const core::template_set& templates);
    // The words in force; valid as long as the book, also when others come into force. Any thread.
    const message_kind* find(std::string_view kind) const;
    const message_kind* shipped(std::string_view kind) const; // of the file
    // Words of a kind that there is come into force (version.hpp). Any thread.
    void put(message_kind words);
    // Every text fitted to its field: never refused for its values by the rules of 2023 (guarantees N16).
    static message fill(const message_kind& kind, const core::value& facts, side who = side::company);
    // The same at full length, for pages of our own; fields without a text are left out.
    static message tell(const message_kind& kind, const core::value& facts, side who = side::company);

  private:
    std::map<std::string, message_kind, std::less<>> shipped_;
    mutable std::shared_mutex guard_; // of the below
    std::map<std::string, const message_kind*, std::less<>> in_force_;
    std::deque<message_kind> changed_; // every one that ever was: somebody may still be reading it
};

// {"title", "url", "labels": {name: label}, "data": {name: text}}: previews, and channels without a form of
// their own.
std::string body_of(const message& m);
// The same with uncut texts, without fields that say nothing, and the site's address before the url: for ways
// out that are not WeChat's.
std::string full_body_of(const message& m, std::string_view site);

} // namespace notify
