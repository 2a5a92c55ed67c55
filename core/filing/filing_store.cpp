#include "core/filing/filing_store.hpp"

#include "core/base/ids.hpp"
#include "core/base/text.hpp"

namespace core::filing {
namespace {

// The column that says whose work an instrument in this status is.
constexpr std::string_view by_handler =
    R"sql(SELECT i.id, i.submitted_at, i.filing_at, a.contact_name, a.contact_phone
    FROM instrument i JOIN applicant a ON a.id = i.applicant_id
    WHERE i.handler_id = $1 AND i.filing_status = $2 AND (i.submitted_at > $3 OR (i.submitted_at = $4 AND i.id > $5))
      AND ($6 = '' OR i.name LIKE $7 OR i.serial_no LIKE $8 OR a.name LIKE $9)
    ORDER BY i.submitted_at, i.id LIMIT $10)sql";
constexpr std::string_view by_institution =
    R"sql(SELECT i.id, i.submitted_at, i.filing_at, a.contact_name, a.contact_phone
    FROM instrument i JOIN applicant a ON a.id = i.applicant_id
    WHERE i.institution_id = $1 AND i.filing_status = $2 AND (i.id < $3 OR $4 = 0) AND $5 >= 0
      AND ($6 = '' OR i.name LIKE $7 OR i.serial_no LIKE $8 OR a.name LIKE $9)
    ORDER BY i.id DESC LIMIT $10)sql";

struct found_row {
    std::int64_t id;
    instant since;
    std::string contact;
};

} // namespace

std::vector<work_item> list_work(db::read_view& view, const actor& who, const work_filter& f, work_key after,
                                 int limit) {
    if (who.kind != actor_kind::staff || who.institution_id == 0) return {};
    const bool filed = f.status == "filed";
    const std::string like = "%" + f.text + "%";
    std::vector<found_row> found;
    const std::int64_t a = filed ? after.id : after.time;
    const std::int64_t b = filed ? after.id : after.time;
    for (const auto r : view.query(filed ? by_institution : by_handler, who.institution_id, f.status, a, b,
                                   after.id, f.text, like, like, like, limit))
        found.push_back({r.number(0), r.maybe_time(1).value_or(r.time(2)),
                         r.text(3) + " " + mask_phone(view.vault().open(r.blob(4)).value_or(""))});
    std::vector<work_item> all;
    for (auto& row : found) {
        auto i = core::instrument::get(view, who, row.id);
        if (!i) continue;
        const date due = catalogue::add_working_days(view, local_date(row.since), working_days_to_decide);
        all.push_back({std::move(*i), std::move(row.contact), local_instant(due, 17 * 60 + 30)});
    }
    return all;
}

work_counts count_work(db::read_view& view, const actor& who) {
    work_counts c;
    for (const auto r : view.query(R"sql(SELECT filing_status, count(*) FROM instrument
                                         WHERE handler_id = $1 AND filing_status IN ('submitted', 'dispatched') GROUP BY filing_status)sql",
                                   who.institution_id))
        (r.view(0) == "submitted" ? c.submitted : c.dispatched) = r.small(1);
    c.filed = static_cast<int>(view.query_number(
        R"sql(SELECT count(*) FROM instrument WHERE institution_id = $1 AND filing_status = 'filed')sql",
        who.institution_id));
    c.returned = static_cast<int>(view.query_number(
        R"sql(SELECT count(*) FROM instrument WHERE handler_id = $1 AND filing_status = 'returned')sql",
        who.institution_id));
    date late_before = view.today();
    for (int n = working_days_to_decide; n > 0;) {
        late_before = add_days(late_before, -1);
        if (catalogue::is_working_day(view, late_before)) --n;
    }
    c.late = static_cast<int>(view.query_number(
        R"sql(SELECT count(*) FROM instrument WHERE handler_id = $1 AND filing_status = 'submitted' AND submitted_at < $2)sql",
        who.institution_id, local_instant(late_before, 0)));
    return c;
}

namespace store {

bool apply(db::write_tx& tx, const change& c) {
    const instant now = tx.now();
    const std::optional<instant> submitted = c.submitted_now ? std::optional(now) : std::nullopt;
    return tx.exec(
               R"sql(UPDATE instrument SET filing_status = $1, filing_at = $2, submitted_at = coalesce($3, submitted_at),
                           handler_id = coalesce($4, handler_id), origin_handler_id = coalesce($5, origin_handler_id),
                           institution_id = $6, period_months = coalesce($7, period_months), return_kind = $8,
                           return_reason = $9, instrument_code = coalesce($10, instrument_code), version = version + 1
                         WHERE id = $11 AND filing_status = $12)sql",
               c.to, now, submitted, c.handler, c.origin_handler, c.institution, c.period_months,
               c.return_kind, c.return_reason, c.instrument_code, c.id, c.from) == 1;
}

std::int64_t origin_handler(db::read_view& view, std::int64_t id) {
    return view.query_number(R"sql(SELECT origin_handler_id FROM instrument WHERE id = $1)sql", id);
}

bool has_open_filing(db::read_view& view, std::span<const std::int64_t> ids) {
    for (const auto id : ids)
        if (view.query_number(
                R"sql(SELECT count(*) FROM instrument WHERE id = $1 AND filing_status IN ('submitted', 'dispatched', 'filed'))sql",
                id) > 0)
            return true;
    return false;
}

// 粤, six digits of the place, eight random ones: says where, never tells how many, never used twice.
std::string next_instrument_code(db::write_tx& tx, std::string_view region_code) {
    for (;;) {
        std::string digits = std::to_string(100'000'000u + random_below(100'000'000u)).substr(1);
        std::string code = "YJ" + std::string(region_code.substr(0, 6)) + digits;
        if (tx.query_number(R"sql(SELECT count(*) FROM instrument WHERE instrument_code = $1)sql", code) == 0)
            return code;
    }
}

} // namespace store
} // namespace core::filing
