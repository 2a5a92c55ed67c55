#include "core/catalogue/catalogue_store.hpp"

namespace core::catalogue {
namespace {

region region_of(db::row r) {
    return {r.text(0), r.text(1), r.text(2), r.text(3)};
}

institution institution_of(db::row r) {
    institution i;
    i.id = r.number(0);
    i.name = r.text(1);
    i.level = r.text(2);
    i.region_code = r.text(3);
    i.address = r.text(4);
    i.phone = r.text(5);
    i.hours = r.text(6);
    i.bring_note = r.text(7);
    i.direct = r.flag(8);
    i.lead_days = r.small(9);
    i.horizon_days = r.small(10);
    i.confirm_days = r.small(11);
    i.verified = r.text(12);
    i.active = r.flag(13);
    return i;
}

template<class T, class F>
std::vector<T> all(db::rows found, F make) {
    std::vector<T> out;
    for (const auto r : found)
        out.push_back(make(r));
    return out;
}

} // namespace

std::optional<entry> find_entry(db::read_view& view, std::int64_t id) {
    return view.query_one(
        store::entry_of,
        R"sql(SELECT id, l1, l2, supervision, verification, scope, purposes, period_months, verified, standing,
                version_id, successor_id, official_no, source, replaces
              FROM catalogue_row WHERE id = $1)sql",
        id);
}

std::vector<entry> list_entries(db::read_view& view) {
    return all<entry>(
        view.query(R"sql(SELECT c.id, c.l1, c.l2, c.supervision, c.verification, c.scope, c.purposes,
                                         c.period_months, c.verified, c.standing, c.version_id, c.successor_id,
                                         c.official_no, c.source, c.replaces
                                       FROM catalogue_row c JOIN catalogue_version v ON v.id = c.version_id
                                       WHERE v.is_current = 1 ORDER BY c.seq)sql"),
        store::entry_of);
}

std::optional<region> find_region(db::read_view& view, std::string_view code) {
    return view.query_one(region_of, R"sql(SELECT code, name, level, parent FROM region WHERE code = $1)sql",
                          code);
}

std::vector<region> list_regions(db::read_view& view) {
    return all<region>(view.query(R"sql(SELECT code, name, level, parent FROM region ORDER BY code)sql"),
                       region_of);
}

std::optional<institution> find_institution(db::read_view& view, std::int64_t id) {
    return view.query_one(
        institution_of,
        R"sql(SELECT id, name, level, region_code, address, phone, hours, bring_note, direct, lead_days,
                                  horizon_days, confirm_days, verified, active FROM institution WHERE id = $1)sql",
        id);
}

std::optional<institution> find_institution_by_name(db::read_view& view, std::string_view name) {
    const auto id = view.query_number(R"sql(SELECT id FROM institution WHERE name = $1)sql", name);
    return id == 0 ? std::nullopt : find_institution(view, id);
}

std::vector<institution> list_institutions(db::read_view& view) {
    return all<institution>(
        view.query(R"sql(SELECT id, name, level, region_code, address, phone, hours, bring_note,
                                               direct, lead_days, horizon_days, confirm_days, verified, active
                                             FROM institution ORDER BY region_code, id)sql"),
        institution_of);
}

std::vector<institution> list_counties_of(db::read_view& view, const institution& city) {
    std::vector<institution> out;
    for (auto& one : list_institutions(view))
        if (one.level == "county" && one.active && city_of(one.region_code) == city_of(city.region_code))
            out.push_back(std::move(one));
    return out;
}

namespace store {

entry entry_of(db::row r) {
    entry e;
    e.id = r.number(0);
    e.l1 = r.text(1);
    e.l2 = r.text(2);
    e.supervision = r.text(3);
    e.verification = r.text(4);
    e.scope = r.text(5);
    e.purposes = r.text(6);
    if (!r.is_null(7)) e.period_months = r.small(7);
    e.verified = r.text(8);
    const auto standing = r.view(9);
    e.standing = standing == "current"     ? row_standing::current
                 : standing == "continued" ? row_standing::continued
                                           : row_standing::dropped;
    e.version_id = r.number(10);
    e.successor_id = r.number(11);
    e.official_no = r.text(12);
    e.source = r.text(13);
    e.replaces = r.text(14);
    return e;
}

bool has_counties(db::read_view& view, std::string_view city) {
    return view.query_number(R"sql(SELECT count(*) FROM region WHERE parent = $1 AND level = 'county')sql",
                             city) > 0;
}

std::optional<bool> find_holiday(db::read_view& view, date d) {
    return view.query_one([](db::row r) { return r.flag(0); },
                          R"sql(SELECT is_working FROM holiday WHERE day = $1)sql", d);
}

std::vector<institution> list_active(db::read_view& view, std::string_view region_code, bool direct_only) {
    return all<institution>(
        view.query(R"sql(SELECT id, name, level, region_code, address, phone, hours, bring_note,
                                               direct, lead_days, horizon_days, confirm_days, verified, active
                                             FROM institution
                                             WHERE region_code = $1 AND active = 1 AND direct >= $2 ORDER BY id)sql",
                   region_code, direct_only),
        institution_of);
}

void put_region(db::write_tx& tx, const region& r) {
    const std::optional<std::string> parent = r.parent.empty() ? std::nullopt : std::optional(r.parent);
    tx.exec(R"sql(INSERT INTO region (code, name, level, parent) VALUES ($1, $2, $3, $4)
                  ON CONFLICT (code) DO UPDATE SET name = excluded.name, level = excluded.level, parent = excluded.parent)sql",
            r.code, r.name, r.level, parent);
}

void put_institution(db::write_tx& tx, const institution& i) {
    tx.exec(
        R"sql(INSERT INTO institution (id, name, level, region_code, address, phone, hours, bring_note, direct,
                    lead_days, horizon_days, confirm_days, verified, active)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1)
                  ON CONFLICT (name) DO UPDATE SET level = excluded.level, region_code = excluded.region_code,
                    verified = excluded.verified)sql",
        tx.new_id(), i.name, i.level, i.region_code, i.address, i.phone, i.hours, i.bring_note, i.direct,
        i.lead_days, i.horizon_days, i.confirm_days, i.verified);
}

void update_institution(db::write_tx& tx, const institution& i) {
    tx.exec(
        R"sql(UPDATE institution SET address = $1, phone = $2, hours = $3, bring_note = $4, direct = $5, active = $6,
                    lead_days = $7, horizon_days = $8, confirm_days = $9 WHERE id = $10)sql",
        i.address, i.phone, i.hours, i.bring_note, i.direct, i.active, i.lead_days, i.horizon_days,
        i.confirm_days, i.id);
}

} // namespace store
} // namespace core::catalogue
