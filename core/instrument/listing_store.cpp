#include "core/instrument/listing_store.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>

namespace core::instrument::store {
namespace {

enum class scope { own, own_status, institution, all };

std::string like_word(std::string_view word) {
    std::string out = "% ";
    for (const char c : word) {
        if (c == '%' || c == '_' || c == '\\') out += '\\';
        out += c;
    }
    return out + " %";
}

// $1 whose, $2 status, $3 and $4 the key, the filter from $5. One text a scope and order, so that each has
// its index; put together here because their filters are one. tests/core/listing_test.cpp prepares and
// explains them all.
std::string statement_of(scope s, sort order) {
    std::string sql = "SELECT * FROM instrument_with_names WHERE filing_status <> 'deleted'";
    switch (s) {
    case scope::own:
        sql += " AND applicant_id = $1 AND ($2 = '' OR filing_status = $2)";
        break;
    case scope::own_status:
        sql += " AND applicant_id = $1 AND filing_status = $2";
        break;
    case scope::institution:
        sql += " AND institution_id = $1 AND ($2 = '' OR filing_status = $2)";
        break;
    case scope::all:
        sql += " AND $1 = 0 AND ($2 = '' OR filing_status = $2)";
        break;
    }
    sql += order == sort::newest ? " AND $3 = '' AND id < $4"
           : order == sort::name ? " AND (name, id) > ($3, $4)"
                                 : " AND (valid_key, id) > ($3, $4)";
    sql += " AND ($5 = '' OR line_status = $5 OR ($5 IN ('free', 'bookable') AND line_status = ''))"
           " AND ($5 <> 'bookable' OR instrument_status NOT IN ('stopped', 'scrapped'))"
           " AND ($6 = '' OR method = $6) AND ($7 = '' OR l1 = $7) AND ($8 = 0 OR catalogue_id = $8)"
           " AND ($9 = '' OR (region_code >= $9 AND region_code < $10))"
           " AND ($11 = '' OR (' ' || tags || ' ') LIKE $11 ESCAPE '\\')"
           " AND ($12 = '' OR (valid_until >= $12 AND valid_until <= $13))"
           " AND ($14 = 0 OR standing = 'dropped')";
    sql += order == sort::newest ? " ORDER BY id DESC"
           : order == sort::name ? " ORDER BY name, id"
                                 : " ORDER BY valid_key, id";
    return sql + " LIMIT $15";
}

const std::string& statement(scope s, sort order) {
    static const auto all = [] {
        std::map<std::pair<scope, sort>, std::string> made;
        for (const auto one : {scope::own, scope::own_status, scope::institution, scope::all})
            for (const auto o : {sort::newest, sort::name, sort::validity})
                made.emplace(std::pair(one, o), statement_of(one, o));
        return made;
    }();
    return all.at({s, order});
}

std::vector<instrument> run(db::read_view& view, scope s, std::int64_t whose, std::string_view status,
                            const filter& f, const limits& l, const page_key& after, int limit) {
    const sort order = s == scope::all || s == scope::own_status ? sort::newest : f.order;
    const bool newest = order == sort::newest;
    const std::int64_t id = newest && after.id == 0 ? std::numeric_limits<std::int64_t>::max() : after.id;
    std::vector<instrument> rows;
    for (const auto r : view.query(statement(s, order), whose, status, newest ? "" : after.text, id,
                                   f.process, f.method, f.l1, f.catalogue_id, l.region_from, l.region_to,
                                   l.tag_like, l.valid_from, l.valid_to, f.dropped, limit))
        rows.push_back(instrument_of(r));
    return rows;
}

} // namespace

limits limits_of(const filter& f, date today, int lead_days, std::string_view region_prefix) {
    limits l;
    if (!region_prefix.empty()) {
        l.region_from = region_prefix;
        l.region_to = std::string(region_prefix) + ":"; // follows the digits
    }
    if (!f.tag.empty()) l.tag_like = like_word(tidy_line(f.tag));
    if (f.due == "soon") {
        l.valid_from = to_text(today);
        l.valid_to = to_text(add_days(today, lead_days));
    } else if (f.due == "over") {
        l.valid_from = "0000-00-00";
        l.valid_to = to_text(add_days(today, -1));
    }
    return l;
}

bool passes(const instrument& i, const filter& f, const limits& l) {
    const bool in_review = i.filing_status == "submitted" || i.filing_status == "dispatched";
    if (!f.status.empty() && f.status != i.filing_status && !(f.status == "in_review" && in_review))
        return false;
    const bool free = f.process == "free" || f.process == "bookable";
    if (free ? !i.line_status.empty() : !f.process.empty() && f.process != i.line_status) return false;
    if (f.process == "bookable" && !is_in_service(i)) return false;
    if (!f.method.empty() && f.method != i.method) return false;
    if (!f.l1.empty() && f.l1 != i.l1) return false;
    if (f.catalogue_id != 0 && f.catalogue_id != i.catalogue_id) return false;
    if (!l.region_from.empty() && (i.region_code < l.region_from || i.region_code >= l.region_to))
        return false;
    if (!f.tag.empty()) {
        const auto words = split_words(i.tags);
        if (std::find(words.begin(), words.end(), tidy_line(f.tag)) == words.end()) return false;
    }
    if (!l.valid_from.empty()) {
        const std::string valid = i.valid_until ? to_text(*i.valid_until) : "";
        if (valid < l.valid_from || valid > l.valid_to) return false;
    }
    return !f.dropped || i.standing == "dropped";
}

std::vector<instrument> list_rows(db::read_view& view, const actor& who, const filter& f, const limits& l,
                                  const page_key& after, int limit) {
    if (!who.is_applicant()) {
        const bool all = who.is_platform();
        return run(view, all ? scope::all : scope::institution, all ? 0 : who.institution_id, f.status, f, l,
                   after, limit);
    }
    if (f.status.empty() || (f.order != sort::newest && f.status != "in_review"))
        return run(view, scope::own, who.applicant_id, f.status, f, l, after, limit);
    if (f.status != "in_review")
        return run(view, scope::own_status, who.applicant_id, f.status, f, l, after, limit);
    // Two statuses, each newest first from its index: merged.
    auto rows = run(view, scope::own_status, who.applicant_id, "submitted", f, l, after, limit);
    auto others = run(view, scope::own_status, who.applicant_id, "dispatched", f, l, after, limit);
    std::move(others.begin(), others.end(), std::back_inserter(rows));
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.id > b.id; });
    if (rows.size() > static_cast<std::size_t>(limit)) rows.resize(static_cast<std::size_t>(limit));
    return rows;
}

std::vector<std::string> list_statements() {
    std::vector<std::string> all;
    for (const auto s : {scope::own, scope::institution})
        for (const auto o : {sort::newest, sort::name, sort::validity})
            all.push_back(statement(s, o));
    all.push_back(statement(scope::own_status, sort::newest));
    all.push_back(statement(scope::all, sort::newest));
    return all;
}

void count_own(db::read_view& view, std::int64_t applicant, const add_count& add) {
    for (
        const auto r : view.query(
            R"sql(SELECT filing_status, count(*) FROM instrument WHERE applicant_id = $1 GROUP BY filing_status)sql",
            applicant))
        add(r.view(0), r.small(1));
}

void count_institution(db::read_view& view, std::int64_t institution, const add_count& add) {
    for (const auto r : view.query(R"sql(SELECT filing_status, sum(instruments) FROM instrument_tally
                                         WHERE institution_id = $1 GROUP BY filing_status)sql",
                                   institution))
        add(r.view(0), r.small(1));
}

void count_region(db::read_view& view, std::string_view prefix, const add_count& add) {
    for (const auto r : view.query(R"sql(SELECT filing_status, sum(instruments) FROM instrument_tally
                                         WHERE region_code >= $1 AND region_code < $2 GROUP BY filing_status)sql",
                                   prefix, std::string(prefix) + ":"))
        add(r.view(0), r.small(1));
}

int count_due(db::read_view& view, std::int64_t applicant, date until) {
    return static_cast<int>(view.query_number(
        R"sql(SELECT count(*) FROM instrument
              WHERE applicant_id = $1 AND coalesce(valid_until, '9999-12-31') <= $2 AND filing_status <> 'deleted'
                AND filing_status = 'filed')sql",
        applicant, until));
}

namespace {

std::vector<std::int64_t> ids_of(db::rows found) {
    std::vector<std::int64_t> all;
    for (const auto r : found)
        all.push_back(r.number(0));
    return all;
}

} // namespace

std::vector<std::int64_t> list_filed_of(db::read_view& view, std::int64_t applicant, std::int64_t institution,
                                        std::int64_t before, int limit) {
    return ids_of(
        view.query(R"sql(SELECT id FROM instrument WHERE applicant_id = $1 AND institution_id = $2 AND id < $3
                                   ORDER BY id DESC LIMIT $4)sql",
                   applicant, institution, before, limit));
}

std::vector<std::int64_t> list_handled_of(db::read_view& view, std::int64_t applicant,
                                          std::string_view status, std::int64_t institution,
                                          std::int64_t before, int limit) {
    return ids_of(view.query(R"sql(SELECT id FROM instrument
                                   WHERE applicant_id = $1 AND filing_status = $2 AND handler_id = $3 AND id < $4
                                   ORDER BY id DESC LIMIT $5)sql",
                             applicant, status, institution, before, limit));
}

std::optional<instrument> find_searched(db::read_view& view, std::int64_t id) {
    const auto read = [](db::row r) {
        instrument i;
        int n = 0;
        for (const auto part :
             {&instrument::name, &instrument::model, &instrument::manufacturer, &instrument::location_text,
              &instrument::serial_no, &instrument::own_no, &instrument::tags, &instrument::used_by,
              &instrument::region_code, &instrument::l1, &instrument::l2, &instrument::search_name})
            i.*part = r.text(n++);
        return i;
    };
    return view.query_one(
        read,
        R"sql(SELECT i.name, i.model, i.manufacturer, i.location_text, i.serial_no, i.own_no,
                                       i.tags, i.used_by, i.region_code, c.l1, c.l2, a.search_name
                                FROM instrument i JOIN catalogue_row c ON c.id = i.catalogue_id
                                     JOIN applicant a ON a.id = i.applicant_id
                                WHERE i.id = $1)sql",
        id);
}

std::vector<instrument> list_all_of(db::read_view& view, std::int64_t applicant) {
    std::vector<instrument> all;
    for (const auto r : view.query(R"sql(SELECT * FROM instrument_with_names
                                         WHERE applicant_id = $1 AND filing_status <> 'deleted' ORDER BY id)sql",
                                   applicant))
        all.push_back(instrument_of(r));
    return all;
}

void tally(db::write_tx& tx, const listed& of, int change) {
    if (of.filing_status == "deleted") return;
    const int changed = tx.exec(R"sql(UPDATE instrument_tally SET instruments = instruments + $1
                                      WHERE institution_id = $2 AND filing_status = $3 AND region_code = $4)sql",
                                change, of.institution_id, of.filing_status, of.region_code);
    if (changed == 0)
        tx.exec(R"sql(INSERT INTO instrument_tally (institution_id, filing_status, region_code, instruments)
                      VALUES ($1, $2, $3, $4))sql",
                of.institution_id, of.filing_status, of.region_code, change);
}

void tally_desk(db::write_tx& tx, const listed& of, int change) {
    const auto add = [&](std::int64_t institution, std::string_view part) {
        if (institution == 0) return;
        const int changed = tx.exec(R"sql(UPDATE desk_tally SET instruments = instruments + $1
                                          WHERE institution_id = $2 AND part = $3)sql",
                                    change, institution, part);
        if (changed == 0)
            tx.exec(R"sql(INSERT INTO desk_tally (institution_id, part, instruments) VALUES ($1, $2, $3))sql",
                    institution, part, change);
    };
    add(of.handler_id, of.filing_status);
    add(of.outgoing_of, "outgoing");
}

void count_in(db::write_tx& tx, std::int64_t institution, const due_place& at) {
    if (at.kind.empty()) return;
    tx.exec(R"sql(INSERT INTO due_tally (institution_id, kind, day, method, booked, instruments)
                  VALUES ($1, $2, $3, $4, $5, 1)
                  ON CONFLICT (institution_id, kind, day, method, booked)
                  DO UPDATE SET instruments = due_tally.instruments + 1)sql",
            institution, at.kind, at.day, at.method, at.booked);
}

// A row goes with its last instrument: days go by for ever.
void count_out(db::write_tx& tx, std::int64_t institution, const due_place& at) {
    if (at.kind.empty()) return;
    const int changed = tx.exec(R"sql(UPDATE due_tally SET instruments = instruments - 1
                                      WHERE institution_id = $1 AND kind = $2 AND day = $3 AND method = $4 AND booked = $5
                                        AND instruments > 1)sql",
                                institution, at.kind, at.day, at.method, at.booked);
    if (changed == 0)
        tx.exec(R"sql(DELETE FROM due_tally
                      WHERE institution_id = $1 AND kind = $2 AND day = $3 AND method = $4 AND booked = $5)sql",
                institution, at.kind, at.day, at.method, at.booked);
}

void set_due_kind(db::write_tx& tx, std::int64_t id, std::string_view kind) {
    tx.exec(R"sql(UPDATE instrument SET due_kind = nullif($1, '') WHERE id = $2)sql", kind, id);
}

std::optional<placed> find_placed(db::read_view& view, std::int64_t id) {
    return view.query_one(
        [](db::row r) {
            return placed{r.number(0), {r.text(1), r.text(2), r.text(3), false}};
        },
        R"sql(SELECT institution_id, due_kind, coalesce(valid_until, ''), method FROM instrument
              WHERE id = $1 AND due_kind IS NOT NULL)sql",
        id);
}

} // namespace core::instrument::store

namespace core::instrument {

void keep_client(db::write_tx& tx, std::int64_t institution, std::int64_t applicant) {
    tx.exec(R"sql(INSERT INTO institution_client (institution_id, applicant_id) VALUES ($1, $2)
                  ON CONFLICT (institution_id, applicant_id) DO NOTHING)sql",
            institution, applicant);
}

} // namespace core::instrument
