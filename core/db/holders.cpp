#include "core/db/holders.hpp"

#include <stdexcept>

namespace core::db {

bool is_held(read_view& view, std::string_view column, std::string_view text) {
    if (column.empty() || column.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") != std::string_view::npos)
        throw std::invalid_argument("no name of a column");
    std::vector<std::string> tables;
    for (const auto r : view.query(R"sql(SELECT t.name FROM pragma_table_list t, pragma_table_info(t.name) c
                                         WHERE t.schema = 'main' AND t.type = 'table' AND c.name = $1)sql",
                                   column))
        tables.push_back(r.text(0));
    for (const auto& table : tables) {
        const std::string sql =
            "SELECT EXISTS (SELECT 1 FROM " + table + " WHERE " + std::string(column) + " = $1)";
        if (view.query_number(sql, text) != 0) return true;
    }
    return false;
}

} // namespace core::db
