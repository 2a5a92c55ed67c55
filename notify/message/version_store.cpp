#include "notify/message/version_store.hpp"

namespace notify::store {
namespace {

version_row version_of(core::db::row r) {
    version_row v;
    v.kind = r.text(0);
    v.number = r.small(1);
    v.source = r.text(2);
    v.template_id = r.text(3);
    v.note = r.text(4);
    v.by = r.text(5);
    v.at = r.time(6);
    v.in_force = r.flag(7);
    return v;
}

std::vector<version_row> all_of(core::db::rows found) {
    std::vector<version_row> all;
    for (const auto r : found)
        all.push_back(version_of(r));
    return all;
}

} // namespace

std::vector<version_row> list_versions(core::db::read_view& view, std::string_view kind) {
    return all_of(view.query(
        R"sql(SELECT kind, number, source, template_id, note, by_name, at, in_force FROM message_version
              WHERE kind = $1 ORDER BY number DESC)sql",
        kind));
}

std::optional<version_row> find_version(core::db::read_view& view, std::string_view kind, int number) {
    return view.query_one(
        version_of,
        R"sql(SELECT kind, number, source, template_id, note, by_name, at, in_force FROM message_version
              WHERE kind = $1 AND number = $2)sql",
        kind, number);
}

std::vector<version_row> list_in_force(core::db::read_view& view) {
    return all_of(view.query(
        R"sql(SELECT kind, number, source, template_id, note, by_name, at, in_force FROM message_version
              WHERE in_force = 1 ORDER BY kind)sql"));
}

int number_in_force(core::db::read_view& view, std::string_view kind) {
    return static_cast<int>(view.query_number(
        R"sql(SELECT number FROM message_version WHERE kind = $1 AND in_force = 1)sql", kind));
}

int next_number(core::db::read_view& view, std::string_view kind) {
    return static_cast<int>(view.query_number(
        R"sql(SELECT coalesce(max(number), 0) + 1 FROM message_version WHERE kind = $1)sql", kind));
}

void put_version(core::db::write_tx& tx, const version_row& v, std::int64_t by) {
    tx.exec(
        R"sql(INSERT INTO message_version (kind, number, source, template_id, note, by_login, by_name, at, in_force)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0))sql",
        v.kind, v.number, v.source, v.template_id, v.note, by, v.by, tx.now());
}

void set_in_force(core::db::write_tx& tx, std::string_view kind, int number) {
    tx.exec(R"sql(UPDATE message_version SET in_force = 0 WHERE kind = $1 AND in_force = 1)sql", kind);
    if (number != 0)
        tx.exec(R"sql(UPDATE message_version SET in_force = 1 WHERE kind = $1 AND number = $2)sql", kind,
                number);
}

} // namespace notify::store
