// How a base for the bench `scale` is written: rows copied with other keys, many in a transaction.
#pragma once
#include "core/base/ids.hpp"
#include "core/db/database.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bench {

using core::db::read_view;
using core::db::write_tx;

// Copies one row of a table with some columns replaced: stays right when the table gets columns.
class row_copier {
  public:
    row_copier(read_view& view, std::string table, const std::vector<std::string>& replaced) {
        std::string columns, values;
        int n = 0;
        for (const auto r : view.query("SELECT name FROM pragma_table_info($1) ORDER BY cid", table)) {
            const std::string name = r.text(0);
            bool other = false;
            for (const auto& c : replaced)
                other = other || c == name;
            columns += (columns.empty() ? "" : ", ") + name;
            values += (values.empty() ? "" : ", ") + (other ? "$" + std::to_string(++n) : name);
        }
        sql_ = "INSERT INTO " + table + " (" + columns + ") SELECT " + values + " FROM " + table +
               " WHERE id = $" + std::to_string(n + 1);
    }
    // Values in the order of the table's columns, the id of the copied row last.
    template<class... A>
    void copy(write_tx& tx, const A&... values) const {
        tx.exec(sql_, values...);
    }

  private:
    std::string sql_;
};

template<class F>
void in_chunks(core::db::database& db, const char* what, std::int64_t count, F one) {
    constexpr std::int64_t chunk = 100'000;
    for (std::int64_t from = 0; from < count; from += chunk) {
        db.write([&](write_tx& tx) -> core::result<> {
              for (std::int64_t i = from; i < std::min(count, from + chunk); ++i)
                  one(tx, i);
              return {};
          }).value();
        if (from % 1'000'000 == 0)
            std::fprintf(stderr, "  %s %lld of %lld\n", what, static_cast<long long>(from),
                         static_cast<long long>(count));
    }
}

} // namespace bench
