#include "notify/hub/wishes_store.hpp"

namespace notify::store {

bool is_unwanted(core::db::read_view& view, std::int64_t login, std::string_view kind) {
    return view.query_number(R"sql(SELECT count(*) FROM unwanted_kind WHERE login_id = $1 AND kind = $2)sql",
                             login, kind) > 0;
}

void put_unwanted(core::db::write_tx& tx, std::int64_t login, std::string_view kind, bool unwanted) {
    if (unwanted)
        tx.exec(R"sql(INSERT INTO unwanted_kind (login_id, kind, at) VALUES ($1, $2, $3)
                      ON CONFLICT (login_id, kind) DO NOTHING)sql",
                login, kind, tx.now());
    else
        tx.exec(R"sql(DELETE FROM unwanted_kind WHERE login_id = $1 AND kind = $2)sql", login, kind);
}

std::vector<std::string> list_unwanted(core::db::read_view& view, std::int64_t login) {
    std::vector<std::string> all;
    for (const auto r :
         view.query(R"sql(SELECT kind FROM unwanted_kind WHERE login_id = $1 ORDER BY kind)sql", login))
        all.push_back(r.text(0));
    return all;
}

} // namespace notify::store
