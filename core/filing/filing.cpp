#include "core/filing/filing.hpp"

#include "core/account/applicant.hpp"
#include "core/base/text.hpp"
#include "core/filing/filing_store.hpp"
#include "core/instrument/attachment.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"

#include <algorithm>
#include <array>

namespace core::filing {
namespace {

using instrument::instrument;
constexpr who_may company{.applicant = true};
constexpr who_may reviewer{.staff = {role::filing_reviewer}};
constexpr who_may desk{.staff = {role::front_desk}};

constexpr std::array<transition<std::string_view>, 12> table = {{
    {"F1", "unfiled", "submit", "submitted", company, ""},
    {"F4", "returned", "submit", "submitted", company, ""},
    {"F2", "submitted", "accept", "filed", reviewer, "filing_accepted"},
    {"F3", "submitted", "give_back", "returned", reviewer, "filing_returned"},
    {"F5", "returned", "remove", "deleted", company, ""},
    {"F6", "submitted", "dispatch", "dispatched", reviewer, "filing_dispatched"},
    {"F7", "dispatched", "accept", "filed", reviewer, "filing_accepted"},
    {"F8", "filed", "unfile_at_desk", "returned", desk, ""}, // told with the order, A7
    {"F9", "dispatched", "decline", "submitted", reviewer, ""},
    {"F10", "submitted", "withdraw", "unfiled", company, ""},
    {"F13", "unfiled", "remove", "deleted", company, ""},
    {"F12", "filed", "withdraw", "unfiled", {.staff = {role::filing_reviewer}}, ""},
}};

struct step {
    instrument what;
    const transition<std::string_view>* row;
};

// Load, table row, who may: the head of every verb.
result<step> begin(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view verb) {
    auto found = core::instrument::get(tx, who, id);
    if (!found) return found.error();
    const auto* row = find_transition<std::string_view>(table, found->filing_status, verb);
    if (row == nullptr) return error(errc::stale_state, "filing.state");
    const bool handles = who.kind != actor_kind::staff || verb == "unfile_at_desk" ||
                         who.is_staff_of(found->handler_id) ||
                         (verb == "withdraw" && who.is_staff_of(found->institution_id));
    if (!row->who.allows(who) || !handles) return error(errc::not_allowed);
    return step{std::move(*found), row};
}

value facts_of(db::read_view& view, const instrument& i, std::int64_t institution, std::string_view reason) {
    const auto place = catalogue::find_institution(view, institution);
    value f = value::object();
    f.set("applicant", i.applicant_name)
        .set("instrument", i.name)
        .set("model", i.model)
        .set("serial_no", i.serial_no);
    f.set("institution", place ? place->name : "")
        .set("reason", reason)
        .set("instrument_id", std::to_string(i.id));
    return f.set("date", to_text(view.today())).set("pieces", 1);
}

// The tail of every verb: guarded update, audit, outbox, in the caller's transaction.
result<> finish(db::write_tx& tx, const actor& who, const step& s, store::change c, std::int64_t institution,
                std::string_view reason) {
    c.id = s.what.id;
    c.from = s.row->from;
    c.to = s.row->to;
    if (!store::apply(tx, c)) return error(errc::stale_state, "filing.state");
    audit::append(tx, who,
                  {.verb = s.row->verb,
                   .subject_kind = "instrument",
                   .subject_id = s.what.id,
                   .before = value::object().set("filing_status", s.row->from),
                   .after = value::object().set("filing_status", s.row->to),
                   .note = std::string(reason),
                   .applicant_id = s.what.applicant_id,
                   .institution_id = institution});
    if (!s.row->event.empty())
        outbox::append(tx, {.kind = s.row->event,
                            .subject_kind = "instrument",
                            .subject_id = s.what.id,
                            .applicant_id = s.what.applicant_id,
                            .institution_id = institution,
                            .facts = facts_of(tx, s.what, institution, reason)});
    return {};
}

result<std::string> check_reason(std::string_view reason) {
    std::string text = tidy_line(reason);
    if (text.empty() || count_characters(text) > 100) return error(errc::invalid, "filing.reason", "reason");
    return text;
}

// F1a, M24: one that companies may choose directly, for the instrument's city.
bool may_target(db::read_view& view, const instrument& i, std::int64_t institution) {
    const auto offered = catalogue::list_direct(view, i.region_code);
    return std::any_of(offered.begin(), offered.end(), [&](const auto& o) { return o.id == institution; });
}

result<> submit_one(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t institution) {
    auto s = begin(tx, who, id, "submit");
    if (!s) return s.error();
    if (const auto fine = account::check_standing(tx, s->what.applicant_id); !fine) return fine.error(); // R2
    if (!may_target(tx, s->what, institution)) return error(errc::invalid, "filing.target", "institution");
    const bool papers = s->what.supervision != "P+V" || core::instrument::has_type_evaluation(tx, id);
    if (!papers) return error(errc::invalid, "filing.type_evaluation").with("name", s->what.name); // M14
    const auto same = core::instrument::find_same(tx, s->what);
    if (store::has_open_filing(tx, same))
        return error(errc::conflict, "filing.same_serial").with("serial", s->what.serial_no);
    store::change c;
    c.handler = institution;
    c.submitted_now = true;
    return finish(tx, who, *s, c, institution, "");
}

} // namespace

std::span<const transition<std::string_view>> transitions() {
    return table;
}

std::vector<outcome> submit(db::write_tx& tx, const actor& who, std::span<const std::int64_t> ids,
                            std::int64_t institution) {
    std::vector<outcome> all;
    for (const auto id : ids) {
        auto done = submit_one(tx, who, id, institution);
        all.push_back({id, done ? std::nullopt : std::optional(done.error())});
    }
    return all;
}

std::vector<catalogue::institution> list_targets(db::read_view& view, const actor& who,
                                                 std::span<const std::int64_t> ids) {
    std::string city;
    for (const auto id : ids) {
        const auto i = core::instrument::get(view, who, id);
        if (!i || (!city.empty() && catalogue::city_of(i->region_code) != city)) return {};
        city = catalogue::city_of(i->region_code);
    }
    return city.empty() ? std::vector<catalogue::institution>{} : catalogue::list_direct(view, city);
}

result<> withdraw(db::write_tx& tx, const actor& who, std::int64_t id) {
    auto s = begin(tx, who, id, "withdraw");
    if (!s) return s.error();
    if (!s->what.line_status.empty()) return error(errc::conflict, "filing.booked");
    return finish(tx, who, *s, {}, s->what.handler_id, "");
}

result<> remove(db::write_tx& tx, const actor& who, std::int64_t id) {
    auto s = begin(tx, who, id, "remove");
    if (!s) return s.error();
    return finish(tx, who, *s, {}, 0, "");
}

result<> accept(db::write_tx& tx, const actor& who, std::int64_t id, int period_months) {
    auto s = begin(tx, who, id, "accept");
    if (!s) return s.error();
    if (period_months < 0 || period_months > 240)
        return error(errc::invalid, "filing.period", "period_months");
    store::change c;
    c.institution = who.institution_id;
    c.period_months = period_months > 0 ? std::optional(period_months) : std::nullopt;
    if (period_months == 0)
        if (const auto e = catalogue::find_entry(tx, s->what.catalogue_id))
            c.period_months = e->period_months;
    if (s->what.instrument_code.empty())
        c.instrument_code = store::next_instrument_code(tx, s->what.region_code);
    return finish(tx, who, *s, c, who.institution_id, "");
}

result<> give_back(db::write_tx& tx, const actor& who, std::int64_t id, return_kind kind,
                   std::string_view reason) {
    auto s = begin(tx, who, id, "give_back");
    if (!s) return s.error();
    const auto text = check_reason(reason);
    if (!text) return text.error();
    store::change c;
    c.return_kind = kind == return_kind::incomplete ? "incomplete" : "not_mandatory";
    c.return_reason = *text;
    return finish(tx, who, *s, c, who.institution_id, *text);
}

result<> dispatch(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t county) {
    auto s = begin(tx, who, id, "dispatch");
    if (!s) return s.error();
    const auto city = catalogue::find_institution(tx, who.institution_id);
    if (!city || city->level != "city") return error(errc::not_allowed);
    const auto below = catalogue::list_counties_of(tx, *city);
    const bool known = std::any_of(below.begin(), below.end(), [&](const auto& c) { return c.id == county; });
    if (!known) return error(errc::invalid, "filing.county", "county");
    store::change c;
    c.handler = county;
    c.origin_handler = who.institution_id;
    return finish(tx, who, *s, c, county, "");
}

result<> decline(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason) {
    auto s = begin(tx, who, id, "decline");
    if (!s) return s.error();
    const auto text = check_reason(reason);
    if (!text) return text.error();
    const auto city = store::origin_handler(tx, id);
    store::change c;
    c.handler = city;
    return finish(tx, who, *s, c, city, *text);
}

result<> unfile_at_desk(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason) {
    auto s = begin(tx, who, id, "unfile_at_desk");
    if (!s) return s.error();
    const auto text = check_reason(reason);
    if (!text) return text.error();
    store::change c;
    c.return_kind = "desk";
    c.return_reason = *text;
    return finish(tx, who, *s, c, who.institution_id, *text);
}

} // namespace core::filing
