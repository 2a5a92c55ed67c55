#include "core/filing/filing_store.hpp"

#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/instrument/listing.hpp"

namespace core::filing::store {
namespace {

return_reason reason_of(db::row r) {
    return {r.text(0), r.view(1) == "incomplete" ? return_kind::incomplete : return_kind::not_mandatory,
            r.text(2), r.text(3)};
}

} // namespace

std::string model_key(const instrument::instrument& i) {
    return comparison_key(i.manufacturer) + "\x1f" + comparison_key(i.model) + "\x1f" +
           comparison_key(i.name);
}

bool apply(db::write_tx& tx, const change& c) {
    const instant now = tx.now();
    const std::optional<instant> submitted = c.submitted_now ? std::optional(now) : std::nullopt;
    const auto was_listed = instrument::read_listed(tx, c.id);
    const bool moved =
        tx.exec(
            R"sql(UPDATE instrument SET filing_status = $1, filing_at = $2, submitted_at = coalesce($3, submitted_at),
                           due_at = $4, handler_id = coalesce($5, handler_id),
                           origin_handler_id = nullif(coalesce($6, origin_handler_id), 0), institution_id = $7,
                           catalogue_id = coalesce($8, catalogue_id), period_months = nullif(coalesce($9, period_months), 0),
                           return_kind = $10, return_reason = $11, instrument_code = coalesce($12, instrument_code),
                           declared_use = coalesce($13, declared_use), version = version + 1
                         WHERE id = $14 AND filing_status = $15 AND version = $16)sql",
            c.to, now, submitted, c.due_at, c.handler, c.origin_handler, c.institution, c.catalogue,
            c.period_months, c.return_kind, c.return_reason, c.instrument_code, c.declared_use, c.id, c.from,
            c.version) == 1;
    if (moved && was_listed) instrument::relist(tx, *was_listed);
    return moved;
}

std::int64_t origin_handler(db::read_view& view, std::int64_t id) {
    return view.query_number(R"sql(SELECT origin_handler_id FROM instrument WHERE id = $1)sql", id);
}

// 粤, six digits of the place, eight random ones: says where, never tells how many, never used twice.
std::string next_instrument_code(db::write_tx& tx, std::string_view region_code,
                                 std::uint32_t (*draw)(std::uint32_t)) {
    for (;;) {
        std::string digits = std::to_string(100'000'000u + draw(100'000'000u)).substr(1);
        std::string code = "YJ" + std::string(region_code.substr(0, 6)) + digits;
        if (tx.query_number(R"sql(SELECT count(*) FROM instrument WHERE instrument_code = $1)sql", code) == 0)
            return code;
    }
}

std::vector<return_reason> list_reasons(db::read_view& view, std::int64_t institution) {
    std::vector<return_reason> all;
    for (const auto r :
         view.query(R"sql(SELECT code, kind, field, text FROM return_reason WHERE institution_id = $1
                          ORDER BY seq)sql",
                    institution))
        all.push_back(reason_of(r));
    return all;
}

void replace_reasons(db::write_tx& tx, std::int64_t institution, std::span<const return_reason> list) {
    tx.exec(R"sql(DELETE FROM return_reason WHERE institution_id = $1)sql", institution);
    for (std::size_t n = 0; n < list.size(); ++n)
        tx.exec(R"sql(INSERT INTO return_reason (institution_id, seq, code, kind, field, text)
                      VALUES ($1, $2, $3, $4, $5, $6))sql",
                institution, static_cast<int>(n), list[n].code, code_of(list[n].kind), list[n].field,
                list[n].text);
}

void put_filing_reasons(db::write_tx& tx, std::int64_t instrument, std::span<const return_reason> chosen) {
    tx.exec(R"sql(DELETE FROM filing_reason WHERE instrument_id = $1)sql", instrument);
    for (std::size_t n = 0; n < chosen.size(); ++n)
        tx.exec(R"sql(INSERT INTO filing_reason (instrument_id, seq, code, kind, field, text)
                      VALUES ($1, $2, $3, $4, $5, $6))sql",
                instrument, static_cast<int>(n), chosen[n].code, code_of(chosen[n].kind), chosen[n].field,
                chosen[n].text);
}

std::vector<return_reason> list_filing_reasons(db::read_view& view, std::int64_t instrument) {
    std::vector<return_reason> all;
    for (const auto r :
         view.query(R"sql(SELECT code, kind, field, text FROM filing_reason WHERE instrument_id = $1
                          ORDER BY seq)sql",
                    instrument))
        all.push_back(reason_of(r));
    return all;
}

void learn(db::write_tx& tx, const learned& seen) {
    tx.exec(
        R"sql(INSERT INTO filing_learned (model_key, city_code, catalogue_id, period_months, institution_id, times, last_at)
                  VALUES ($1, $2, $3, $4, $5, 1, $6)
                  ON CONFLICT (model_key, city_code, catalogue_id, period_months, institution_id)
                  DO UPDATE SET times = filing_learned.times + 1, last_at = excluded.last_at)sql",
        model_key(seen.what), catalogue::city_of(seen.what.region_code), seen.catalogue_id,
        seen.period_months, seen.institution_id, tx.now());
}

} // namespace core::filing::store
