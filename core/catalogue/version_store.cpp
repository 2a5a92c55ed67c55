#include "core/catalogue/version_store.hpp"

#include "core/catalogue/catalogue_store.hpp"

namespace core::catalogue {
namespace {

version version_of(db::row r) {
    version v;
    v.id = r.number(0);
    v.title = r.text(1);
    v.loaded_at = r.time(2);
    v.activated_at = r.maybe_time(3);
    v.is_current = r.flag(4);
    v.rows = r.small(5);
    v.verified = r.small(6);
    v.partly = r.small(7);
    v.unverified = v.rows - v.verified - v.partly;
    return v;
}

std::string_view code_of(row_standing s) {
    return s == row_standing::current ? "current" : s == row_standing::continued ? "continued" : "dropped";
}

} // namespace

std::vector<version> list_versions(db::read_view& view) {
    std::vector<version> all;
    for (const auto r : view.query(R"sql(SELECT * FROM catalogue_version_with_rows ORDER BY id DESC)sql"))
        all.push_back(version_of(r));
    return all;
}

std::vector<entry> list_entries_of(db::read_view& view, std::int64_t of) {
    std::vector<entry> all;
    for (const auto r :
         view.query(R"sql(SELECT id, l1, l2, supervision, verification, scope, purposes, period_months,
                                           verified, standing, version_id, successor_id, official_no, source, replaces
                                         FROM catalogue_row WHERE version_id = $1 ORDER BY seq)sql",
                    of))
        all.push_back(store::entry_of(r));
    return all;
}

namespace store {

std::vector<period> list_periods(db::read_view& view) {
    std::vector<period> all;
    for (const auto r : view.query(R"sql(SELECT instrument, regulation, mode, verified, source, period_months
                                         FROM verification_period ORDER BY seq)sql"))
        all.push_back({r.text(0), r.text(1), r.text(2), r.text(3), r.text(4), r.small(5)});
    return all;
}

void put_period(db::write_tx& tx, const period& p) {
    tx.exec(
        R"sql(INSERT INTO verification_period (instrument, seq, regulation, period_months, mode, verified, source)
                  VALUES ($1, (SELECT coalesce(max(seq), 0) + 1 FROM verification_period), $2, $3, $4, $5, $6)
                  ON CONFLICT (instrument) DO UPDATE SET regulation = excluded.regulation,
                    period_months = excluded.period_months, mode = excluded.mode, verified = excluded.verified,
                    source = excluded.source)sql",
        p.instrument, p.regulation, p.months, p.mode, p.verified, p.source);
}

std::optional<int> period_for(const std::vector<period>& all, std::string_view l2) {
    for (const auto& p : all) {
        const bool meets =
            l2.find(p.instrument) != std::string_view::npos || p.instrument.find(l2) != std::string::npos;
        if (meets && p.months > 0) return p.months;
    }
    return std::nullopt;
}

void apply_periods(db::write_tx& tx) {
    const auto periods = list_periods(tx);
    for (const auto& v : list_versions(tx)) {
        if (!v.is_current && v.activated_at) continue;
        for (const auto& e : list_entries_of(tx, v.id))
            if (e.is_verified_periodically())
                tx.exec(R"sql(UPDATE catalogue_row SET period_months = $1 WHERE id = $2)sql",
                        period_for(periods, e.l2).value_or(assumed_period_months), e.id);
    }
}

std::vector<holiday> list_holidays(db::read_view& view) {
    std::vector<holiday> all;
    for (const auto r : view.query(R"sql(SELECT day, is_working, name, source FROM holiday ORDER BY day)sql"))
        all.push_back({r.maybe_date(0).value(), r.flag(1), r.text(2), r.text(3)});
    return all;
}

void put_holiday(db::write_tx& tx, const holiday& h) {
    tx.exec(R"sql(INSERT INTO holiday (day, is_working, name, source) VALUES ($1, $2, $3, $4)
                  ON CONFLICT (day) DO UPDATE SET is_working = excluded.is_working, name = excluded.name,
                    source = excluded.source)sql",
            h.day, h.is_working, h.name, h.source);
}

void remove_holiday(db::write_tx& tx, date day) {
    tx.exec(R"sql(DELETE FROM holiday WHERE day = $1)sql", day);
}

std::vector<synonym> list_synonyms(db::read_view& view) {
    std::vector<synonym> all;
    for (const auto r : view.query(R"sql(SELECT word, l1 FROM catalogue_synonym ORDER BY word)sql"))
        all.push_back({r.text(0), r.text(1)});
    return all;
}

void put_synonym(db::write_tx& tx, const synonym& s) {
    tx.exec(R"sql(INSERT INTO catalogue_synonym (word, l1) VALUES ($1, $2)
                  ON CONFLICT (word) DO UPDATE SET l1 = excluded.l1)sql",
            s.word, s.l1);
}

std::optional<version> find_version(db::read_view& view, std::int64_t id) {
    return view.query_one(version_of, R"sql(SELECT * FROM catalogue_version_with_rows WHERE id = $1)sql", id);
}

std::optional<version> find_version_by_title(db::read_view& view, std::string_view title) {
    return view.query_one(version_of, R"sql(SELECT * FROM catalogue_version_with_rows WHERE title = $1)sql",
                          title);
}

std::int64_t put_version(db::write_tx& tx, std::string_view title) {
    const std::int64_t id = tx.new_id();
    tx.exec(
        R"sql(INSERT INTO catalogue_version (id, title, loaded_at, is_current) VALUES ($1, $2, $3, 0))sql",
        id, title, tx.now());
    return id;
}

void put_entry(db::write_tx& tx, std::int64_t version, int seq, const entry& e) {
    tx.exec(
        R"sql(INSERT INTO catalogue_row (id, version_id, seq, l1, l2, supervision, verification, scope, purposes,
                    period_months, verified, standing, official_no, source, replaces)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'current', $12, $13, $14)
                  ON CONFLICT (version_id, l1, l2) DO UPDATE SET seq = excluded.seq, supervision = excluded.supervision,
                    verification = excluded.verification, scope = excluded.scope, purposes = excluded.purposes,
                    period_months = excluded.period_months, verified = excluded.verified,
                    official_no = excluded.official_no, source = excluded.source, replaces = excluded.replaces)sql",
        tx.new_id(), version, seq, e.l1, e.l2, e.supervision, e.verification, e.scope, e.purposes,
        e.period_months, e.verified, e.official_no, e.source, e.replaces);
}

void remove_entry(db::write_tx& tx, std::int64_t id) {
    tx.exec(R"sql(DELETE FROM catalogue_row WHERE id = $1)sql", id);
}

void make_current(db::write_tx& tx, std::int64_t version) {
    tx.exec(R"sql(UPDATE catalogue_version SET is_current = 0 WHERE is_current = 1)sql");
    tx.exec(R"sql(UPDATE catalogue_version SET is_current = 1, activated_at = $1 WHERE id = $2)sql", tx.now(),
            version);
}

std::vector<entry> list_all_entries(db::read_view& view) {
    std::vector<entry> all;
    for (const auto& v : list_versions(view))
        if (v.activated_at)
            for (auto& e : list_entries_of(view, v.id))
                all.push_back(std::move(e));
    return all;
}

std::vector<renamed_row> list_renamed(db::read_view& view) {
    std::vector<renamed_row> all;
    for (const auto r : view.query(
             R"sql(SELECT DISTINCT was.l1, was.l2, now.l1, now.l2
                   FROM catalogue_row was JOIN catalogue_row now ON now.id = was.successor_id
                   WHERE was.l1 <> now.l1 OR was.l2 <> now.l2)sql"))
        all.push_back({r.text(0), r.text(1), r.text(2), r.text(3)});
    return all;
}

void set_standing(db::write_tx& tx, std::int64_t row, row_standing standing, std::int64_t successor) {
    const auto next = successor == 0 ? std::nullopt : std::optional(successor);
    tx.exec(R"sql(UPDATE catalogue_row SET standing = $1, successor_id = $2 WHERE id = $3)sql",
            code_of(standing), next, row);
}

} // namespace store
} // namespace core::catalogue
