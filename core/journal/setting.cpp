#include "core/journal/setting.hpp"

#include "core/base/text.hpp"
#include "core/base/value.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace core::setting {
namespace {

std::optional<int> to_number(std::string_view text) {
    int n = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return n;
}

bool is_number_of(const known& k, std::string_view text) {
    const auto n = to_number(text);
    return n && *n >= k.least && *n <= k.most;
}

const known& get_known(std::string_view name) {
    const auto* k = find_known(name);
    if (k == nullptr) throw std::logic_error("no such setting: " + std::string(name));
    return *k;
}

} // namespace

const known* find_known(std::string_view name) {
    const auto* found = std::find_if(all.begin(), all.end(), [&](const known& k) { return k.name == name; });
    return found == all.end() ? nullptr : found;
}

bool fits(const known& k, std::string_view value) {
    switch (k.what) {
    case takes::number:
        return is_number_of(k, value);
    case takes::numbers: {
        const auto words = split_words(value);
        return !words.empty() && words.size() <= most_numbers &&
               std::all_of(words.begin(), words.end(), [&](const auto& w) { return is_number_of(k, w); });
    }
    case takes::word: {
        const auto words = split_words(k.choices);
        return std::find(words.begin(), words.end(), value) != words.end();
    }
    case takes::words:
        return is_utf8(value) && tidy_line(value) == value && !value.empty() &&
               count_characters(value) <= static_cast<std::size_t>(k.most);
    }
    return false;
}

std::string text(db::read_view& view, std::string_view name) {
    const auto& k = get_known(name);
    auto set = find(view, name);
    return set && fits(k, *set) ? std::move(*set) : std::string(k.usual);
}

int number(db::read_view& view, std::string_view name) {
    if (get_known(name).what != takes::number) throw std::logic_error("no number: " + std::string(name));
    return to_number(text(view, name)).value();
}

std::optional<std::string> find(db::read_view& view, std::string_view name) {
    return view.query_one([](db::row r) { return r.text(0); },
                          R"sql(SELECT value FROM setting WHERE name = $1)sql", name);
}

int find_number(db::read_view& view, std::string_view name, int usual, int least, int most) {
    const auto set = find(view, name);
    const auto n = set ? to_number(*set) : std::nullopt;
    return n && *n >= least && *n <= most ? *n : usual;
}

result<> change_setting(db::write_tx& tx, const actor& who, std::string_view name, std::string_view given) {
    if (!who.is_platform()) return error(errc::not_allowed);
    const auto* k = find_known(name);
    if (k == nullptr) return error(errc::invalid, "setting.name", "name");
    const std::string to = tidy_line(given);
    if (!fits(*k, to))
        return error(errc::invalid, "setting.value", "value").with("usual", std::string(k->usual));
    const auto before = find(tx, name);
    tx.exec(R"sql(INSERT INTO setting (name, value) VALUES ($1, $2)
                  ON CONFLICT (name) DO UPDATE SET value = excluded.value)sql",
            name, to);
    audit::append(tx, who,
                  {.verb = "change_setting",
                   .subject_kind = "setting",
                   .before = value::object().set(name, before.value_or("")),
                   .after = value::object().set(name, to)});
    return {};
}

} // namespace core::setting
