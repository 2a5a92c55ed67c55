#include "notify/hub/unreached_store.hpp"

#include "core/base/json.hpp"

#include <utility>

namespace notify::store {
namespace {

unreached unreached_of(core::db::read_view& view, core::db::row r) {
    unreached u;
    u.id = r.number(0);
    u.outbox_id = r.number(1);
    u.login_id = r.number(2);
    u.applicant_id = r.number(3);
    u.institution_id = r.number(4);
    u.kind = r.text(5);
    u.title = r.text(6);
    u.delivery_id = r.number(7);
    u.at = r.time(8);
    u.applicant_name = r.text(9);
    u.person_name = r.text(10);
    const bool has_own = !r.is_null(11) && !r.blob(11).empty();
    u.phone = view.vault().open(has_own ? r.blob(11) : r.blob(12)).value_or("");
    u.reason = r.text(13);
    u.is_read = r.flag(14);
    u.colleague_told = r.flag(15);
    u.closed_at = r.maybe_time(16);
    u.facts = core::parse_json(r.view(17)).value_or(core::value::object());
    u.closed_by = r.number(18);
    u.closer_name = r.text(19);
    u.note = r.text(20);
    return u;
}

std::vector<unreached> all_of(core::db::read_view& view, core::db::rows found) {
    std::vector<unreached> all;
    for (const auto r : found)
        all.push_back(unreached_of(view, r));
    return all;
}

} // namespace

void put_unreached(core::db::write_tx& tx, const core::outbox::pending& event, std::int64_t login,
                   std::int64_t delivery, std::string_view title) {
    const bool of_company =
        login == 0 ||
        tx.query_number(
            R"sql(SELECT count(*) FROM applicant_member WHERE login_id = $1 AND applicant_id = $2)sql", login,
            event.applicant_id) != 0;
    if (!of_company || event.applicant_id == 0) return;
    tx.exec(
        R"sql(INSERT INTO unreached (id, outbox_id, login_id, applicant_id, institution_id, kind, title, delivery_id, at,
                    closed_by, note)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '')
              ON CONFLICT (outbox_id, login_id) DO NOTHING)sql",
        tx.new_id(), event.id, login, event.applicant_id, event.institution_id, event.kind, title,
        delivery == 0 ? std::nullopt : std::optional(delivery), tx.now());
}

void close_reached(core::db::write_tx& tx, std::int64_t outbox, std::int64_t login) {
    tx.exec(
        R"sql(UPDATE unreached SET closed_at = $1 WHERE outbox_id = $2 AND login_id = $3 AND closed_at IS NULL)sql",
        tx.now(), outbox, login);
}

bool close(core::db::write_tx& tx, std::int64_t id, std::int64_t by, std::string_view note) {
    return tx.exec(
               R"sql(UPDATE unreached SET closed_at = $1, closed_by = $2, note = $3 WHERE id = $4 AND closed_at IS NULL)sql",
               tx.now(), by, note, id) == 1;
}

std::optional<unreached_head> find_unreached(core::db::read_view& view, std::int64_t id) {
    return view.query_one(
        [](core::db::row r) {
            return unreached_head{r.number(0), r.number(1), r.is_null(2)};
        },
        R"sql(SELECT applicant_id, institution_id, closed_at FROM unreached WHERE id = $1)sql", id);
}

std::string company_of(core::db::read_view& view, std::int64_t id) {
    return view
        .query_one([](core::db::row r) { return r.text(0); },
                   R"sql(SELECT applicant_name FROM unreached_with_names WHERE id = $1)sql", id)
        .value_or("");
}

std::vector<unreached> list_unreached(core::db::read_view& view, std::optional<std::int64_t> institution,
                                      std::int64_t below, int limit) {
    auto found = institution ? view.query(
                                   R"sql(SELECT * FROM unreached_with_names
                                 WHERE closed_at IS NULL AND institution_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3)sql",
                                   *institution, below, limit)
                             : view.query(
                                   R"sql(SELECT * FROM unreached_with_names
                                 WHERE closed_at IS NULL AND id < $1 ORDER BY id DESC LIMIT $2)sql",
                                   below, limit);
    return all_of(view, std::move(found));
}

std::vector<unreached> list_closed(core::db::read_view& view, std::optional<std::int64_t> institution,
                                   closed_key below, int limit) {
    return all_of(view, institution ? view.query(
                                          R"sql(SELECT * FROM unreached_with_names
                                 WHERE closed_at IS NOT NULL AND institution_id = $1 AND (closed_at, id) < ($2, $3)
                                 ORDER BY closed_at DESC, id DESC LIMIT $4)sql",
                                          *institution, below.time, below.id, limit)
                                    : view.query(
                                          R"sql(SELECT * FROM unreached_with_names
                                 WHERE closed_at IS NOT NULL AND (closed_at, id) < ($1, $2)
                                 ORDER BY closed_at DESC, id DESC LIMIT $3)sql",
                                          below.time, below.id, limit));
}

std::int64_t count_unreached(core::db::read_view& view, std::optional<std::int64_t> institution, int most) {
    if (institution)
        return view.query_number(
            R"sql(SELECT count(*) FROM (SELECT 1 FROM unreached WHERE closed_at IS NULL AND institution_id = $1 LIMIT $2) AS some)sql",
            *institution, most);
    return view.query_number(
        R"sql(SELECT count(*) FROM (SELECT 1 FROM unreached WHERE closed_at IS NULL LIMIT $1) AS some)sql",
        most);
}

} // namespace notify::store
