#include "notify/message/version.hpp"

#include "core/base/log.hpp"
#include "core/base/template.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"
#include "notify/message/fit_value.hpp"
#include "notify/message/samples.hpp"
#include "notify/message/version_store.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace notify {
namespace {

constexpr std::size_t title_most = 30, label_most = 20, text_most = 300, url_most = 300, note_most = 200;

// Gathers errors; the first carries the others.
class fault_list {
  public:
    void add(std::string_view text_key, std::string field) {
        all_.push_back(core::error(core::errc::invalid, std::string(text_key), std::move(field)));
    }
    core::result<> take() {
        if (all_.empty()) return {};
        core::error first = std::move(all_.front());
        first.also.assign(std::make_move_iterator(all_.begin() + 1), std::make_move_iterator(all_.end()));
        return first;
    }

  private:
    std::vector<core::error> all_;
};

bool is_one_line(std::string_view text) {
    return core::is_utf8(text) && core::tidy_line(text) == text;
}

bool fills(std::string_view mustache, const core::value& facts) {
    try {
        core::template_set::render_text(mustache, facts, true);
        return true;
    } catch (const std::exception&) { // a name the event does not have, or a tag that is not closed
        return false;
    }
}

bool is_template_id(std::string_view id) {
    return id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '-' || c == '_';
           });
}

bool is_label(std::string_view label) {
    return !label.empty() && core::count_characters(label) <= label_most && is_one_line(label) &&
           core::split_words(label).size() == 1 && label.find(": ") == std::string_view::npos;
}

void check_title(fault_list& out, std::string_view title, std::string_view field, bool needed) {
    if (title.empty() && !needed) return;
    if (title.empty() || core::count_characters(title) > title_most || !is_one_line(title))
        out.add("message.title", std::string(field));
}

void check_url(fault_list& out, std::string_view url, std::string_view field, bool needed,
               const core::value& facts) {
    if (url.empty() && !needed) return;
    if (!url.starts_with('/') || url.starts_with("//") || url.size() > url_most || !is_one_line(url))
        out.add("message.url", std::string(field));
    else if (!fills(url, facts))
        out.add("message.fact", std::string(field));
}

// A day or an amount over facts that may be empty: people would be told one that nobody meant.
bool may_be_made_up(std::string_view kind, const message_field& f) {
    if (!needs_value(f.name)) return false;
    const std::string text = core::template_set::render_text(f.text, sparse_facts(kind));
    return fit_value(f.name, text) == fit_value(f.name, "");
}

void check_field(fault_list& out, std::string_view kind, const message_field& f, const std::string& n,
                 bool is_repeated, const core::value& facts) {
    if (!is_field_name(f.name))
        out.add("message.field_name", "name_" + n);
    else if (is_repeated)
        out.add("message.field_twice", "name_" + n);
    if (!is_label(f.label)) out.add("message.label", "label_" + n);
    if (f.text.empty() || core::count_characters(f.text) > text_most || !is_one_line(f.text))
        out.add("message.text", "text_" + n);
    else if (!fills(f.text, facts))
        out.add("message.fact", "text_" + n);
    else if (may_be_made_up(kind, f))
        out.add("message.may_be_empty", "text_" + n);
}

store::version_row row_of(const message_kind& words, std::string_view note, const core::actor& who) {
    store::version_row v;
    v.kind = words.kind;
    v.source = source_of(words);
    v.template_id = words.template_id;
    v.note = core::tidy_line(note);
    v.by = who.name;
    return v;
}

message_kind words_of(const store::version_row& v) {
    message_kind words = parse_message(v.kind, v.source);
    words.template_id = v.template_id;
    return words;
}

bool same_words(const message_kind& a, const message_kind& b) {
    return source_of(a) == source_of(b) && a.template_id == b.template_id;
}

void note_change(core::db::write_tx& tx, const core::actor& who, std::string_view verb, std::string_view kind,
                 int before, int after, std::string_view note) {
    core::audit::append(tx, who,
                        {.verb = verb,
                         .subject_kind = "message_kind",
                         .before = core::value::object().set("version", before),
                         .after = core::value::object().set("kind", kind).set("version", after),
                         .note = std::string(note)});
}

} // namespace

core::result<> check_words(const message_kind& words) {
    const core::value facts = sample_facts(words.kind);
    if (facts.is_null()) return core::error(core::errc::not_found);
    fault_list out;
    check_title(out, words.title, "title", true);
    check_title(out, words.staff_title, "staff_title", false);
    check_url(out, words.url, "url", true, facts);
    check_url(out, words.staff_url, "staff_url", false, facts);
    if (!is_template_id(words.template_id)) out.add("message.template_id", "template_id");
    if (words.fields.empty() || words.fields.size() > most_fields) out.add("message.no_field", "name_1");
    std::set<std::string, std::less<>> names, subscribed;
    for (std::size_t n = 0; n < words.fields.size(); ++n) {
        const auto there = subscription_name(words.fields[n]);
        const bool is_new =
            names.insert(words.fields[n].name).second & (there.empty() || subscribed.emplace(there).second);
        check_field(out, words.kind, words.fields[n], std::to_string(n + 1), !is_new, facts);
    }
    return out.take();
}

std::string source_of(const message_kind& words) {
    std::string out;
    const auto line = [&](std::string_view name, std::string_view text) {
        if (!text.empty()) out.append(name).append(": ").append(text).append("\n");
    };
    line("title", words.title);
    line("url", words.url);
    line("staff_title", words.staff_title);
    line("staff_url", words.staff_url);
    for (const auto& f : words.fields)
        line("field " + f.name + " " + f.label +
                 (f.subscription.empty() ? "" : " subscription=" + f.subscription),
             f.text);
    return out;
}

core::result<int> change_message(core::db::write_tx& tx, const core::actor& who, message_book& book,
                                 message_kind words, std::string_view note) {
    if (!who.is_platform()) return core::error(core::errc::not_allowed);
    if (core::count_characters(note) > note_most)
        return core::error(core::errc::invalid, "message.note", "note");
    if (const auto fine = check_words(words); !fine) return fine.error();
    const auto* now = book.find(words.kind);
    if (now == nullptr) return core::error(core::errc::not_found);
    if (same_words(*now, words)) return core::error(core::errc::conflict, "message.same");
    auto row = row_of(words, note, who);
    row.number = store::next_number(tx, words.kind);
    const int before = store::number_in_force(tx, words.kind);
    store::put_version(tx, row, who.login_id);
    store::set_in_force(tx, words.kind, row.number);
    note_change(tx, who, "change_message", words.kind, before, row.number, row.note);
    tx.after_commit([&book, words = std::move(words)] { book.put(words); });
    return row.number;
}

core::result<> restore_message(core::db::write_tx& tx, const core::actor& who, message_book& book,
                               std::string_view kind, int number) {
    if (!who.is_platform()) return core::error(core::errc::not_allowed);
    const auto* shipped = book.shipped(kind);
    if (shipped == nullptr) return core::error(core::errc::not_found);
    const int before = store::number_in_force(tx, kind);
    if (before == number) return core::error(core::errc::conflict, "message.same");
    message_kind words = *shipped;
    if (number != 0) {
        const auto found = store::find_version(tx, kind, number);
        if (!found) return core::error(core::errc::not_found);
        words = words_of(*found);
        if (const auto fine = check_words(words); !fine) return fine.error();
    }
    store::set_in_force(tx, kind, number);
    note_change(tx, who, "restore_message", kind, before, number, "");
    tx.after_commit([&book, words = std::move(words)] { book.put(words); });
    return {};
}

std::vector<message_version> list_versions(core::db::read_view& view, const core::actor& who,
                                           const message_book& book, std::string_view kind) {
    std::vector<message_version> all;
    const auto* shipped = book.shipped(kind);
    if (!who.is_platform() || shipped == nullptr) return all;
    bool any_in_force = false;
    for (const auto& v : store::list_versions(view, kind)) {
        any_in_force = any_in_force || v.in_force;
        all.push_back({v.number, words_of(v), v.note, v.by, v.at, v.in_force});
    }
    all.push_back({0, *shipped, "", "", {}, !any_in_force});
    return all;
}

void load_versions(core::db::read_view& view, message_book& book) {
    for (const auto& v : store::list_in_force(view)) {
        try {
            message_kind words = words_of(v);
            if (check_words(words)) {
                book.put(std::move(words));
                continue;
            }
        } catch (const std::runtime_error& e) {
            core::log::warn("notify", "a version of a message cannot be read",
                            core::value::object().set("why", e.what()));
        }
        core::log::error("notify", "a version of a message no longer fits its event; the shipped one is used",
                         core::value::object().set("kind", v.kind).set("version", v.number));
    }
}

} // namespace notify
