#include "core/journal/setting.hpp"

#include "core/base/text.hpp"
#include "core/journal/audit.hpp"

#include <charconv>

namespace core::setting {

std::optional<std::string> find(db::read_view& view, std::string_view name) {
    return view.query_one([](db::row r) { return r.text(0); },
                          R"sql(SELECT value FROM setting WHERE name = $1)sql", name);
}

int find_number(db::read_view& view, std::string_view name, int usual, int least, int most) {
    const auto text = find(view, name);
    if (!text) return usual;
    int n = 0;
    const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), n);
    if (failure != std::errc{} || end != text->data() + text->size()) return usual;
    return n < least || n > most ? usual : n;
}

result<> change_setting(db::write_tx& tx, const actor& who, std::string_view name, std::string_view given) {
    if (!who.is_platform()) return error(errc::not_allowed);
    const std::string text = tidy_line(given);
    if (name.empty() || name.size() > 64 || text.empty() || text.size() > 200)
        return error(errc::invalid, "setting.text", "value");
    const auto before = find(tx, name);
    tx.exec(R"sql(INSERT INTO setting (name, value) VALUES ($1, $2)
                  ON CONFLICT (name) DO UPDATE SET value = excluded.value)sql",
            name, text);
    audit::append(tx, who,
                  {.verb = "change_setting",
                   .subject_kind = "setting",
                   .before = value::object().set(name, before.value_or("")),
                   .after = value::object().set(name, text)});
    return {};
}

} // namespace core::setting
