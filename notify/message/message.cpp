#include "notify/message/message.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/journal/outbox.hpp"
#include "notify/message/fit_value.hpp"
#include "notify/message/samples.hpp"

#include <algorithm>
#include <mutex>
#include <stdexcept>

namespace notify {
namespace {

constexpr std::string_view folder = "messages/";
constexpr std::string_view ending = ".tmpl";
constexpr const char* expected = "expected `title: `, `url: ` or `field NAME LABEL: `";
constexpr std::string_view elsewhere = "subscription="; // the name a field has in another template

// Reads the lines of one file; every fault names its place.
class reader {
  public:
    reader(std::string_view kind, std::string_view text) : rest_(text), facts_(sample_facts(kind)) {
        made_.kind = kind;
    }

    message_kind read() {
        if (facts_.is_null()) fail("there is no event of this kind");
        while (!rest_.empty()) {
            const auto end = std::min(rest_.find('\n'), rest_.size());
            const std::string_view line = core::trim(rest_.substr(0, end));
            rest_.remove_prefix(std::min(end + 1, rest_.size()));
            ++line_;
            if (!line.empty() && !line.starts_with('#')) take(line);
        }
        if (made_.title.empty() || made_.url.empty() || made_.fields.empty())
            fail("needs `title:`, `url:` and at least one `field`");
        return std::move(made_);
    }

  private:
    void take(std::string_view line) {
        const auto colon = line.find(": ");
        if (colon == std::string_view::npos) fail(expected);
        const auto words = core::split_words(line.substr(0, colon));
        const std::string text(core::trim(line.substr(colon + 2)));
        check_facts(text);
        if (words.size() == 3 && words[0] == "field")
            take_field({words[1], words[2], text});
        else if (words.size() == 4 && words[0] == "field" && words[3].starts_with(elsewhere))
            take_field({words[1], words[2], text, "", words[3].substr(elsewhere.size())});
        else if (words.size() == 1 && words[0] == "title")
            take_once(made_.title, text);
        else if (words.size() == 1 && words[0] == "url")
            take_url(made_.url, text);
        else if (words.size() == 1 && words[0] == "staff_title")
            take_once(made_.staff_title, text);
        else if (words.size() == 1 && words[0] == "staff_url")
            take_url(made_.staff_url, text);
        else
            fail(expected);
    }

    void take_field(message_field made) {
        const auto check = [this](std::string_view name) {
            if (!is_field_name(name))
                fail("'" + std::string(name) + "' is no field name that can be filled, like thing3");
        };
        check(made.name);
        const auto there = subscription_name(made);
        if (!there.empty()) check(there);
        for (const auto& f : made_.fields) {
            if (f.name == made.name) fail("field " + f.name + " is there twice");
            if (!there.empty() && subscription_name(f) == there)
                fail("field " + std::string(there) + " of the subscription template is there twice");
        }
        made_.fields.push_back(std::move(made));
    }

    void take_url(std::string& to, const std::string& text) {
        if (!text.starts_with('/')) fail("the url is a path of ours and begins with /");
        take_once(to, text);
    }

    void take_once(std::string& to, const std::string& text) {
        if (!to.empty()) fail("title and url come once");
        to = text;
    }

    void check_facts(const std::string& text) {
        try {
            core::template_set::render_text(text, facts_, true);
        } catch (const std::exception& e) {
            fail(e.what());
        }
    }

    [[noreturn]] void fail(const std::string& why) const {
        std::string place("templates/messages/" + made_.kind + ".tmpl");
        if (line_ > 0) place += ":" + std::to_string(line_);
        throw std::runtime_error(place + ": " + why);
    }

    std::string_view rest_;
    core::value facts_;
    message_kind made_;
    int line_ = 0;
};

} // namespace

std::string_view subscription_name(const message_field& f) {
    if (f.subscription.empty()) return f.name;
    return f.subscription == "-" ? std::string_view() : f.subscription;
}

message_kind parse_message(std::string_view kind, std::string_view text) {
    return reader(kind, text).read();
}

message_book::message_book(const core::template_set& templates) {
    for (const auto& file : templates.names()) {
        if (!file.starts_with(folder) || !file.ends_with(ending)) continue;
        const std::string kind = file.substr(folder.size(), file.size() - folder.size() - ending.size());
        shipped_[kind] = parse_message(kind, templates.source(file));
    }
    for (const auto& [kind, words] : shipped_)
        in_force_[kind] = &words;
    for (const auto& kind : core::outbox::kinds)
        if (!shipped_.contains(kind.name))
            throw std::runtime_error("templates/messages/" + std::string(kind.name) +
                                     ".tmpl is missing: the event would be told to nobody");
}

const message_kind* message_book::find(std::string_view kind) const {
    const std::shared_lock<std::shared_mutex> hold(guard_);
    const auto at = in_force_.find(kind);
    return at == in_force_.end() ? nullptr : at->second;
}

const message_kind* message_book::shipped(std::string_view kind) const {
    const auto at = shipped_.find(kind);
    return at == shipped_.end() ? nullptr : &at->second;
}

void message_book::put(message_kind words) {
    const std::unique_lock<std::shared_mutex> hold(guard_);
    const auto at = in_force_.find(words.kind);
    if (at != in_force_.end()) at->second = &changed_.emplace_back(std::move(words));
}

namespace {

// Title and address; the fields are the caller's.
message heading_of(const message_kind& kind, const core::value& facts, side who) {
    const bool own = who == side::staff && !kind.staff_url.empty();
    message m;
    m.kind = kind.kind;
    m.title = who == side::staff && !kind.staff_title.empty() ? kind.staff_title : kind.title;
    m.url = fit_path(core::template_set::render_text(own ? kind.staff_url : kind.url, facts));
    return m;
}

// What `{{#certificates}}{{no}}{{/certificates}}` makes of each of them, without repeats; empty for a text
// that is anything but one list.
std::vector<std::string> items_of(std::string_view text, const core::value& facts) {
    if (!text.starts_with("{{#")) return {};
    const auto end = text.find("}}");
    if (end == std::string_view::npos) return {};
    const std::string name(text.substr(3, end - 3));
    const std::string closing = "{{/" + name + "}}";
    const auto* list = facts.find(name);
    if (list == nullptr || list->as_list() == nullptr || text.find(closing) + closing.size() != text.size())
        return {};
    const std::string_view inner = text.substr(end + 2, text.size() - end - 2 - closing.size());
    std::vector<std::string> items;
    for (const auto& one : *list->as_list()) {
        auto said = core::tidy_line(core::template_set::render_text(inner, one));
        if (!said.empty() && std::find(items.begin(), items.end(), said) == items.end())
            items.push_back(std::move(said));
    }
    return items;
}

std::string joined(const std::vector<std::string>& items) {
    std::string all;
    for (const auto& i : items)
        all += (all.empty() ? "" : "、") + i;
    return all;
}

// A field's text, uncut, and what WeChat gets of it.
struct said {
    std::string full, fitted;
};
said say(const message_field& f, const core::value& facts) {
    const auto items = items_of(f.text, facts);
    const std::string text = items.empty() ? core::template_set::render_text(f.text, facts) : joined(items);
    return {core::tidy_line(text), items.size() > 1 ? fit_list(f.name, items) : fit_value(f.name, text)};
}

} // namespace

message message_book::fill(const message_kind& kind, const core::value& facts, side who) {
    message m = heading_of(kind, facts, who);
    for (const auto& f : kind.fields) {
        auto text = say(f, facts);
        m.fields.push_back({f.name, f.label, std::move(text.fitted), std::move(text.full), f.subscription});
    }
    return m;
}

message message_book::tell(const message_kind& kind, const core::value& facts, side who) {
    message m = heading_of(kind, facts, who);
    for (const auto& f : kind.fields) {
        auto text = say(f, facts).full;
        if (!text.empty()) m.fields.push_back({f.name, f.label, std::move(text)});
    }
    return m;
}

namespace {

std::string body_with(const message& m, const std::string& url, bool uncut) {
    core::value data = core::value::object();
    core::value labels = core::value::object();
    for (const auto& f : m.fields) {
        if (uncut && f.full.empty()) continue; // only WeChat needs a value in every field
        data.set(f.name, uncut ? f.full : f.text);
        labels.set(f.name, f.label);
    }
    core::value body = core::value::object();
    body.set("title", m.title).set("url", url);
    return core::to_json(body.set("labels", std::move(labels)).set("data", std::move(data)));
}

} // namespace

std::string body_of(const message& m) {
    return body_with(m, m.url, false);
}

std::string full_body_of(const message& m, std::string_view site) {
    return body_with(m, m.url.empty() ? "" : std::string(site) + m.url, true);
}

} // namespace notify
