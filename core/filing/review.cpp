// What institutions do with filings: accept, give back, hand to a county or up, take back; and the front desk
// (F8).
#include "core/filing/filing_step.hpp"
#include "core/filing/request.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>

namespace core::filing {
namespace {

result<> accept_one(db::write_tx& tx, const actor& who, std::int64_t id, const decision& d, announcer& told) {
    auto s = begin(tx, who, id, "accept");
    if (!s) return s.error();
    const auto row = catalogue::find_entry(tx, d.catalogue_id.value_or(s->what.catalogue_id));
    if (!row) return error(errc::invalid, "filing.catalogue", "catalogue_id");
    // The row it was filed under may stay, another one is of the catalogue in force (domain.md 13.3).
    if (row->id != s->what.catalogue_id && row->standing != catalogue::row_standing::current)
        return error(errc::invalid, "filing.old_row", "catalogue_id").with("row", row->l2);
    if (d.period_months && (*d.period_months < 0 || *d.period_months > 240))
        return error(errc::invalid, "filing.period", "period_months");
    if (auto fine = check_papers(tx, s->what, *row); !fine) return fine;
    const std::optional<int> period = d.period_months ? d.period_months : row->period_months;
    ending e;
    e.change.institution = who.institution_id;
    e.change.period_months = period.value_or(0);
    e.details = value::object().set("period_months", period.value_or(0));
    if (row->id != s->what.catalogue_id) {
        e.change.catalogue = row->id;
        e.details.set("catalogue", row->l2).set("catalogue_was", s->what.l2);
    }
    if (s->what.instrument_code.empty())
        e.change.instrument_code = store::next_instrument_code(tx, s->what.region_code);
    e.institution = who.institution_id;
    const store::learned seen{s->what, row->id, period.value_or(0), who.institution_id};
    auto done = finish(tx, who, *s, std::move(e), told);
    if (done) store::learn(tx, seen);
    return done;
}

result<> give_back_one(db::write_tx& tx, const actor& who, std::int64_t id, const given_reasons& why,
                       announcer& told) {
    auto s = begin(tx, who, id, "give_back");
    if (!s) return s.error();
    const auto reasons = check_reasons(tx, who, why);
    if (!reasons) return reasons.error();
    ending e;
    e.change.return_kind = code_of(why.kind);
    e.change.return_reason = reasons->text;
    e.institution = who.institution_id;
    e.reason = reasons->text;
    value codes = value::array();
    for (const auto& r : reasons->chosen)
        codes.push(r.code);
    e.details = value::object().set("kind", code_of(why.kind)).set("codes", std::move(codes));
    auto done = finish(tx, who, *s, std::move(e), told);
    if (done) store::put_filing_reasons(tx, id, reasons->chosen);
    return done;
}

result<> dispatch_one(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t county,
                      announcer& told) {
    auto s = begin(tx, who, id, "dispatch");
    if (!s) return s.error();
    const auto city = catalogue::find_institution(tx, who.institution_id);
    if (!city || city->level != "city") return error(errc::not_allowed);
    const auto below = catalogue::list_counties_of(tx, *city);
    const bool known = std::any_of(below.begin(), below.end(), [&](const auto& c) { return c.id == county; });
    if (!known) return error(errc::invalid, "filing.county", "county");
    ending e;
    e.change.handler = county;
    e.change.origin_handler = who.institution_id;
    e.institution = county;
    return finish(tx, who, *s, std::move(e), told);
}

// To the institution that handed it on: by the one that has it (decline) or by itself (take_back).
result<> go_back(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view verb,
                 std::string_view reason) {
    auto s = begin(tx, who, id, verb);
    if (!s) return s.error();
    if (s->origin == 0 || s->origin == s->what.handler_id) return error(errc::stale_state, "filing.state");
    auto text = check_reason(reason);
    if (!text) return text.error();
    return walk_one(tx, [&](announcer& told) {
        ending e;
        e.change.handler = s->origin;
        e.institution = s->origin;
        e.reason = *text;
        return finish(tx, who, *s, std::move(e), told);
    });
}

// The next level: a county institution's city, a city's province.
bool is_above(const catalogue::institution& upper, const catalogue::institution& here) {
    if (!upper.active) return false;
    if (here.level == "county")
        return upper.level == "city" &&
               catalogue::city_of(upper.region_code) == catalogue::city_of(here.region_code);
    return here.level == "city" && upper.level == "province";
}

} // namespace

result<> accept(db::write_tx& tx, const actor& who, std::int64_t id, const decision& d) {
    return walk_one(tx, [&](announcer& told) { return accept_one(tx, who, id, d, told); });
}

std::vector<outcome> accept_many(db::write_tx& tx, const actor& who, std::span<const std::int64_t> ids,
                                 const decision& d) {
    return walk_many(tx, ids,
                     [&](std::int64_t id, announcer& told) { return accept_one(tx, who, id, d, told); });
}

result<> give_back(db::write_tx& tx, const actor& who, std::int64_t id, const given_reasons& why) {
    return walk_one(tx, [&](announcer& told) { return give_back_one(tx, who, id, why, told); });
}

std::vector<outcome> give_back_many(db::write_tx& tx, const actor& who, std::span<const std::int64_t> ids,
                                    const given_reasons& why) {
    return walk_many(tx, ids,
                     [&](std::int64_t id, announcer& told) { return give_back_one(tx, who, id, why, told); });
}

result<> dispatch(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t county) {
    return walk_one(tx, [&](announcer& told) { return dispatch_one(tx, who, id, county, told); });
}

std::vector<outcome> dispatch_many(db::write_tx& tx, const actor& who, std::span<const std::int64_t> ids,
                                   std::int64_t county) {
    return walk_many(
        tx, ids, [&](std::int64_t id, announcer& told) { return dispatch_one(tx, who, id, county, told); });
}

result<> decline(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason) {
    return go_back(tx, who, id, "decline", reason);
}

result<> take_back(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason) {
    return go_back(tx, who, id, "take_back", reason);
}

result<> pass_up(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t institution,
                 std::string_view reason) {
    auto s = begin(tx, who, id, "pass_up");
    if (!s) return s.error();
    const auto here = catalogue::find_institution(tx, who.institution_id);
    const auto upper = catalogue::find_institution(tx, institution);
    if (!here || !upper || !is_above(*upper, *here))
        return error(errc::invalid, "filing.upper", "institution");
    auto text = check_reason(reason);
    if (!text) return text.error();
    return walk_one(tx, [&](announcer& told) {
        ending e;
        e.change.handler = institution;
        e.change.origin_handler = who.institution_id;
        e.institution = institution;
        e.reason = *text;
        return finish(tx, who, *s, std::move(e), told);
    });
}

result<> unfile_at_desk(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason) {
    auto s = begin(tx, who, id, "unfile_at_desk");
    if (!s) return s.error();
    if (!s->what.line_status.empty())
        return error(errc::conflict, "filing.booked"); // its line is returned first
    auto text = check_reason(reason);
    if (!text) return text.error();
    return walk_one(tx, [&](announcer& told) {
        ending e;
        e.change.return_kind = "desk";
        e.change.return_reason = *text;
        e.institution = who.institution_id;
        e.reason = *text;
        auto done = finish(tx, who, *s, std::move(e), told);
        if (done) lapse_request(tx, who, id);
        return done;
    });
}

} // namespace core::filing
