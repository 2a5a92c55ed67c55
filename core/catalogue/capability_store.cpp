#include "core/catalogue/capability_store.hpp"

namespace core::catalogue {
namespace {

capability capability_of(db::row r) {
    return {r.number(0), r.number(1), r.text(2), r.text(3), r.text(4), r.flag(5)};
}

} // namespace

std::vector<capability> list_capabilities(db::read_view& view, std::int64_t institution) {
    std::vector<capability> all;
    for (const auto r : view.query(R"sql(SELECT id, institution_id, l1, l2, method, direct FROM capability
                                         WHERE institution_id = $1 ORDER BY l1, l2, method)sql",
                                   institution))
        all.push_back(capability_of(r));
    return all;
}

namespace store {

bool has_capabilities(db::read_view& view, std::int64_t institution) {
    return view.query_number(R"sql(SELECT EXISTS (SELECT 1 FROM capability WHERE institution_id = $1))sql",
                             institution) != 0;
}

bool is_able(db::read_view& view, std::int64_t institution, const need& n, bool direct_only) {
    return view.query_number(R"sql(SELECT EXISTS (SELECT 1 FROM capability
                                     WHERE institution_id = $1 AND l1 = $2 AND (l2 = '' OR l2 = $3) AND method = $4
                                       AND direct >= $5))sql",
                             institution, n.l1, n.l2, n.method, direct_only) != 0;
}

std::vector<std::pair<std::string, std::string>> list_names(db::read_view& view, std::string_view l1,
                                                            std::string_view l2) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto r : view.query(
             R"sql(WITH RECURSIVE kin (id) AS (
                     SELECT c.id FROM catalogue_row c WHERE c.l1 = $1 AND c.l2 = $2
                     UNION
                     SELECT c.id FROM kin k JOIN catalogue_row was ON was.id = k.id
                       JOIN catalogue_row c ON c.id = was.successor_id OR c.successor_id = was.id)
                   SELECT DISTINCT c.l1, c.l2 FROM kin k JOIN catalogue_row c ON c.id = k.id)sql",
             l1, l2))
        all.emplace_back(r.text(0), r.text(1));
    return all;
}

bool is_in_force(db::read_view& view, std::string_view l1, std::string_view l2) {
    return view.query_number(R"sql(SELECT EXISTS (SELECT 1
                                     FROM catalogue_row c JOIN catalogue_version v ON v.id = c.version_id
                                     WHERE v.is_current = 1 AND c.l1 = $1 AND ($2 = '' OR c.l2 = $3)))sql",
                             l1, l2, l2) != 0;
}

std::optional<capability> find_capability(db::read_view& view, std::int64_t id) {
    return view.query_one(
        capability_of,
        R"sql(SELECT id, institution_id, l1, l2, method, direct FROM capability WHERE id = $1)sql", id);
}

std::optional<capability> find_capability(db::read_view& view, const capability& like) {
    return view.query_one(capability_of,
                          R"sql(SELECT id, institution_id, l1, l2, method, direct FROM capability
                                WHERE institution_id = $1 AND l1 = $2 AND l2 = $3 AND method = $4)sql",
                          like.institution_id, like.l1, like.l2, like.method);
}

void put_capability(db::write_tx& tx, const capability& c) {
    tx.exec(
        R"sql(INSERT INTO capability (id, institution_id, l1, l2, method, direct) VALUES ($1, $2, $3, $4, $5, $6)
                  ON CONFLICT (institution_id, l1, l2, method) DO UPDATE SET direct = excluded.direct)sql",
        c.id, c.institution_id, c.l1, c.l2, c.method, c.direct);
}

void remove_capability(db::write_tx& tx, std::int64_t id) {
    tx.exec(R"sql(DELETE FROM capability WHERE id = $1)sql", id);
}

} // namespace store
} // namespace core::catalogue
