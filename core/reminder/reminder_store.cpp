#include "core/reminder/reminder_store.hpp"

namespace core::reminder::store {
namespace {

std::vector<std::int64_t> ids_of(db::rows found) {
    std::vector<std::int64_t> all;
    for (const auto r : found)
        all.push_back(r.number(0));
    return all;
}

} // namespace

std::optional<round> find_newest(db::read_view& view, std::string_view job) {
    return view.query_one(
        [](db::row r) {
            return round{r.time(0), r.maybe_date(1).value_or(date{}), r.number(2), r.flag(3)};
        },
        R"sql(SELECT due_at, since, cursor, CASE WHEN finished_at IS NULL THEN 0 ELSE 1 END FROM reminder_round
              WHERE job = $1 ORDER BY due_at DESC LIMIT 1)sql",
        job);
}

void begin(db::write_tx& tx, std::string_view job, const round& r) {
    tx.exec(
        R"sql(INSERT INTO reminder_round (job, due_at, since, cursor, begun_at) VALUES ($1, $2, $3, 0, $4))sql",
        job, r.due_at, r.since, tx.now());
}

void advance(db::write_tx& tx, std::string_view job, const round& r) {
    const std::optional<instant> finished = r.finished ? std::optional(tx.now()) : std::nullopt;
    tx.exec(R"sql(UPDATE reminder_round SET cursor = $1, finished_at = $2
                  WHERE job = $3 AND due_at = $4 AND finished_at IS NULL)sql",
            r.cursor, finished, job, r.due_at);
}

bool mark(db::write_tx& tx, std::string_view kind, std::int64_t subject, std::string_view milestone) {
    return tx.exec(
               R"sql(INSERT INTO reminder_told (kind, subject_id, milestone, told_at) VALUES ($1, $2, $3, $4)
                         ON CONFLICT (kind, subject_id, milestone) DO NOTHING)sql",
               kind, subject, milestone, tx.now()) == 1;
}

int forget(db::write_tx& tx, instant before) {
    return tx.exec(R"sql(DELETE FROM reminder_told WHERE told_at < $1)sql", before);
}

std::vector<ending> list_ending(db::read_view& view, date day, std::int64_t after, int limit) {
    std::vector<ending> all;
    for (const auto r : view.query(
             R"sql(SELECT applicant_id, applicant_name, name, count(*) FROM due_with_names
                   WHERE valid_until = $1 AND applicant_id > $2 AND order_id = 0
                   GROUP BY applicant_id, applicant_name, name ORDER BY applicant_id, name LIMIT $3)sql",
             day, after, limit))
        all.push_back({r.number(0), r.text(1), r.text(2), r.small(3)});
    return all;
}

int count_ending(db::read_view& view, std::int64_t applicant, date day) {
    return static_cast<int>(view.query_number(
        R"sql(SELECT count(*) FROM due_with_names
              WHERE valid_until = $1 AND applicant_id = $2 AND order_id = 0)sql",
        day, applicant));
}

std::vector<std::int64_t> list_confirmed(db::read_view& view, date day, std::int64_t after, int limit) {
    return ids_of(view.query(R"sql(SELECT id FROM appointment_order
                                   WHERE day = $1 AND closed_at IS NULL AND status = 'confirmed' AND id > $2
                                   ORDER BY id LIMIT $3)sql",
                             day, after, limit));
}

day_list count_confirmed(db::read_view& view, std::int64_t institution, date day) {
    return view
        .query_one(
            [](db::row r) {
                return day_list{r.small(0), r.small(1), r.small(2)};
            },
            R"sql(SELECT count(*), coalesce(sum(pieces), 0), coalesce(min(starts), 0) FROM appointment_order
                  WHERE institution_id = $1 AND day = $2 AND status = 'confirmed')sql",
            institution, day)
        .value();
}

std::vector<std::int64_t> list_institutions(db::read_view& view, std::int64_t after, int limit) {
    return ids_of(
        view.query(R"sql(SELECT id FROM institution WHERE active = 1 AND id > $1 ORDER BY id LIMIT $2)sql",
                   after, limit));
}

std::vector<std::int64_t> list_regulators(db::read_view& view, std::int64_t after, int limit) {
    return ids_of(view.query(R"sql(SELECT s.login_id FROM staff_member s JOIN login l ON l.id = s.login_id
                                   WHERE s.region_code IS NOT NULL AND l.status = 'active' AND s.login_id > $1
                                   ORDER BY s.login_id LIMIT $2)sql",
                             after, limit));
}

} // namespace core::reminder::store
