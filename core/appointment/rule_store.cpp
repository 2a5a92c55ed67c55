#include "core/appointment/rule_store.hpp"

namespace core::appointment::store {

std::optional<int> find_rule_value(db::read_view& view, std::int64_t institution, std::string_view name) {
    return view.query_one(
        [](db::row r) { return r.small(0); },
        R"sql(SELECT value FROM institution_setting WHERE institution_id = $1 AND name = $2)sql", institution,
        name);
}

void put_rule_value(db::write_tx& tx, std::int64_t institution, std::string_view name,
                    std::optional<int> value) {
    if (!value) {
        tx.exec(R"sql(DELETE FROM institution_setting WHERE institution_id = $1 AND name = $2)sql",
                institution, name);
        return;
    }
    tx.exec(R"sql(INSERT INTO institution_setting (institution_id, name, value) VALUES ($1, $2, $3)
                  ON CONFLICT (institution_id, name) DO UPDATE SET value = excluded.value)sql",
            institution, name, *value);
}

void put_platform_value(db::write_tx& tx, std::string_view name, std::optional<int> value) {
    if (!value) {
        tx.exec(R"sql(DELETE FROM setting WHERE name = $1)sql", name);
        return;
    }
    tx.exec(R"sql(INSERT INTO setting (name, value) VALUES ($1, $2)
                  ON CONFLICT (name) DO UPDATE SET value = excluded.value)sql",
            name, std::to_string(*value));
}

} // namespace core::appointment::store
