#include "core/filing/request.hpp"

#include "core/base/text.hpp"
#include "core/filing/filing_step.hpp"
#include "core/filing/request_store.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"

#include <algorithm>

namespace core::filing {
namespace {

constexpr who_may company{.applicant = true};
constexpr who_may reviewer{.staff = {role::filing_reviewer}};
constexpr who_may desk{.staff = {role::front_desk, role::verifier}};

constexpr std::string_view none; // before it is asked
constexpr std::array<filing_row, 6> table = {{
    {"F12", none, "ask_cancel", "open", company, "filing_request_asked"},
    {"F14", none, "ask_change", "open", company, "filing_request_asked"},
    {"F12/F14", "open", "agree_request", "agreed", reviewer, "filing_request_agreed"},
    {"F12/F14", "open", "refuse_request", "refused", reviewer, "filing_request_refused"},
    {"F12/F14", "open", "withdraw_request", "withdrawn", company, ""},
    {"F12/F14", "open", "lapse_request", "lapsed", desk, ""}, // with F8, told with the order
}};

struct request_step {
    request what;
    const filing_row* row;
};

result<request_step> begin_request(db::write_tx& tx, const actor& who, std::int64_t id,
                                   std::string_view verb) {
    auto found = get_request(tx, who, id);
    if (!found) return found.error();
    const auto* row = find_transition<std::string_view>(table, found->status, verb);
    if (row == nullptr) return error(errc::stale_state, "filing.request_state");
    const bool theirs = who.kind != actor_kind::staff || who.is_staff_of(found->institution_id);
    if (!row->who.allows(who) || !theirs) return error(errc::not_allowed);
    return request_step{std::move(*found), row};
}

value facts_of(db::read_view& view, const request& r) {
    value f = value::object();
    f.set("applicant", r.applicant_name)
        .set("instrument", r.name)
        .set("model", r.model)
        .set("serial_no", r.serial_no)
        .set("institution", r.institution_name)
        .set("request", text_of(r.kind))
        .set("reason", r.answer)
        .set("instrument_id", std::to_string(r.instrument_id));
    return f.set("date", to_text(view.today())).set("pieces", 1).set("single", true);
}

value changes_of(const request& r, std::string changed_field::*which) {
    value all = value::object();
    for (const auto& c : r.changes)
        all.set(c.field, c.*which);
    return all;
}

void record(db::write_tx& tx, const actor& who, const request& r, std::string_view verb,
            std::string_view note) {
    audit::append(tx, who,
                  {.verb = verb,
                   .subject_kind = "instrument",
                   .subject_id = r.instrument_id,
                   .before = changes_of(r, &changed_field::before),
                   .after = changes_of(r, &changed_field::after)
                                .set("request", std::to_string(r.id))
                                .set("institution", r.institution_name),
                   .note = std::string(note),
                   .applicant_id = r.applicant_id,
                   .institution_id = r.institution_id});
}

void tell(db::write_tx& tx, const request& r, std::string_view event) {
    if (event.empty()) return;
    outbox::append(tx, {.kind = event,
                        .subject_kind = "instrument",
                        .subject_id = r.instrument_id,
                        .applicant_id = r.applicant_id,
                        .institution_id = r.institution_id,
                        .facts = facts_of(tx, r)});
}

// The tail of every decision: guarded update, audit, outbox. `recorded`: another verb has written the row.
result<> close(db::write_tx& tx, const actor& who, request_step& s, std::string_view answer,
               bool recorded = false) {
    s.what.answer = answer;
    if (!store::close_request(tx, s.what.id, s.row->from, s.row->to, answer, who.login_id))
        return error(errc::stale_state, "filing.request_state");
    if (!recorded) record(tx, who, s.what, s.row->verb, answer);
    tell(tx, s.what, s.row->event);
    return {};
}

result<std::string> check_note(std::string_view note) {
    std::string text = tidy_line(note);
    if (!is_utf8(text) || count_characters(text) > 100) return error(errc::invalid, "filing.note", "note");
    return text;
}

// What both kinds need: a filed instrument of this company, in no order, nothing asked yet.
result<instrument::instrument> may_ask(db::write_tx& tx, const actor& who, std::int64_t id) {
    auto i = instrument::get(tx, who, id);
    if (!i) return i.error();
    if (!who.is_applicant()) return error(errc::not_allowed);
    if (i->filing_status != "filed") return error(errc::stale_state, "filing.state");
    if (!i->line_status.empty()) return error(errc::conflict, "filing.booked");
    if (store::find_open_request(tx, id)) return error(errc::conflict, "filing.asked");
    return std::move(*i);
}

std::int64_t ask(db::write_tx& tx, const actor& who, const instrument::instrument& i, request r,
                 std::string_view verb) {
    r.id = tx.new_id();
    r.instrument_id = i.id;
    r.applicant_id = i.applicant_id;
    r.institution_id = i.institution_id;
    r.institution_name = i.institution_name;
    r.asked_at = tx.now();
    r.due_at = deadline_from(tx, r.asked_at);
    store::insert_request(tx, r, who.login_id);
    std::string note(core::text_of(cancel_reasons, r.why));
    if (!r.note.empty()) note += (note.empty() ? "" : "，") + r.note;
    record(tx, who, r, verb, note);
    r.name = i.name;
    r.model = i.model;
    r.serial_no = i.serial_no;
    r.applicant_name = i.applicant_name;
    tell(tx, r, find_transition<std::string_view>(table, none, verb)->event);
    return r.id;
}

// Which fields a request may name: typed ones that a filed instrument does not let the company edit.
std::optional<instrument::field_id> askable(const instrument::instrument& i, std::string_view name) {
    const auto* f = instrument::find_field(name);
    if (f == nullptr || f->by != instrument::filler::user || !instrument::is_typed(*f)) return std::nullopt;
    if (f->id == instrument::field_id::catalogue_l1 || instrument::may_edit(i, f->id)) return std::nullopt;
    return f->id;
}

// The instrument as it would be. Checked when asked, and again when agreed: much may have happened.
result<instrument::instrument> changed(db::read_view& view, const instrument::instrument& i,
                                       std::span<const new_value> values) {
    instrument::draft d;
    std::vector<instrument::field_id> which;
    for (const auto& v : values) {
        const auto id = askable(i, v.field);
        if (!id) return error(errc::invalid, "filing.field", v.field);
        d.set(*id, v.text);
        which.push_back(*id);
    }
    auto next = instrument::read_changes(view, i, d, which);
    if (!next) return next.error();
    if (catalogue::city_of(next->region_code) != catalogue::city_of(i.region_code))
        return error(errc::invalid, "filing.other_city", "region_code");
    const auto row = catalogue::find_entry(view, next->catalogue_id);
    if (!row) return error(errc::invalid, "filing.catalogue", "catalogue_id");
    if (auto fine = check_papers(view, *next, *row); !fine) return fine.error();
    if (auto fine = check_duplicates(view, *next); !fine) return fine.error();
    return std::move(*next);
}

// "Is it mandatory?" is asked again when what decides it changes.
std::optional<error> new_doubt(db::read_view& view, const instrument::instrument& before,
                               const instrument::instrument& after) {
    const bool decides = before.purpose != after.purpose || before.catalogue_id != after.catalogue_id ||
                         before.instrument_type != after.instrument_type;
    auto doubt = decides ? doubt_of(view, after) : std::nullopt;
    return doubt && doubt->detail == "filing.not_mandatory" ? doubt : std::nullopt;
}

result<> agree_cancel(db::write_tx& tx, const actor& who, request_step& s) {
    auto now = begin(tx, who, s.what.instrument_id, "cancel");
    if (!now) return now.error();
    if (!now->what.line_status.empty()) return error(errc::conflict, "filing.booked");
    if (auto done = close(tx, who, s, "", true); !done) return done;
    return walk_one(tx, [&](announcer& told) {
        ending e;
        e.institution = s.what.institution_id;
        e.reason = std::string(core::text_of(cancel_reasons, s.what.why));
        return finish(tx, who, *now, std::move(e), told);
    });
}

void put_period(db::write_tx& tx, const actor& who, const instrument::instrument& i, int months) {
    store::set_period(tx, i.id, months);
    audit::append(tx, who,
                  {.verb = "set_period",
                   .subject_kind = "instrument",
                   .subject_id = i.id,
                   .before = value::object().set("period_months", i.period_months.value_or(0)),
                   .after = value::object().set("period_months", months),
                   .applicant_id = i.applicant_id,
                   .institution_id = i.institution_id});
}

result<> agree_change(db::write_tx& tx, const actor& who, request_step& s, std::optional<int> period) {
    auto now = begin(tx, who, s.what.instrument_id, "change");
    if (!now) return now.error();
    if (!now->what.line_status.empty()) return error(errc::conflict, "filing.booked");
    std::vector<new_value> values;
    for (const auto& c : s.what.changes)
        values.push_back({c.field, c.after});
    const auto next = changed(tx, now->what, values);
    if (!next) return next.error();
    if (auto done = close(tx, who, s, "", true); !done) return done;
    if (auto done = instrument::save(tx, who, now->what, *next, "change"); !done) return done;
    if (!period && next->catalogue_id != now->what.catalogue_id)
        period = catalogue::find_entry(tx, next->catalogue_id).value().period_months.value_or(0);
    if (period) put_period(tx, who, *next, *period);
    return {};
}

} // namespace

std::string_view text_of(request_kind k) {
    return k == request_kind::cancel ? "注销备案" : "变更备案信息";
}

std::span<const filing_row> request_transitions() {
    return table;
}

result<std::int64_t> ask_cancel(db::write_tx& tx, const actor& who, std::int64_t instrument,
                                std::string_view why, std::string_view note) {
    const auto i = may_ask(tx, who, instrument);
    if (!i) return i.error();
    const auto text = check_note(note);
    if (!text) return text.error();
    if (!is_code_of(cancel_reasons, why) || (why == "other" && text->empty()))
        return error(errc::invalid, "filing.cancel_reason", "why");
    request r;
    r.kind = request_kind::cancel;
    r.why = why;
    r.note = *text;
    return ask(tx, who, *i, std::move(r), "ask_cancel");
}

result<std::int64_t> ask_change(db::write_tx& tx, const actor& who, std::int64_t instrument,
                                std::span<const new_value> values, std::string_view note, bool knowingly) {
    const auto i = may_ask(tx, who, instrument);
    if (!i) return i.error();
    const auto text = check_note(note);
    if (!text) return text.error();
    const auto next = changed(tx, *i, values);
    if (!next) return next.error();
    const auto doubt = new_doubt(tx, *i, *next);
    if (doubt && !knowingly) return *doubt;
    request r;
    r.kind = request_kind::change;
    r.note = *text;
    for (const auto& v : values) {
        const std::string before = i->text_of(v.field), after = next->text_of(v.field);
        if (before != after) r.changes.push_back({v.field, before, after});
    }
    if (r.changes.empty()) return error(errc::invalid, "filing.unchanged");
    return ask(tx, who, *i, std::move(r), "ask_change");
}

result<> withdraw_request(db::write_tx& tx, const actor& who, std::int64_t id) {
    auto s = begin_request(tx, who, id, "withdraw_request");
    if (!s) return s.error();
    return close(tx, who, *s, "");
}

result<> agree_request(db::write_tx& tx, const actor& who, std::int64_t id, std::optional<int> period) {
    auto s = begin_request(tx, who, id, "agree_request");
    if (!s) return s.error();
    if (period && (*period < 0 || *period > 240))
        return error(errc::invalid, "filing.period", "period_months");
    return s->what.kind == request_kind::cancel ? agree_cancel(tx, who, *s)
                                                : agree_change(tx, who, *s, period);
}

result<> refuse_request(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason) {
    auto s = begin_request(tx, who, id, "refuse_request");
    if (!s) return s.error();
    const auto text = check_reason(reason);
    if (!text) return text.error();
    return close(tx, who, *s, *text);
}

void lapse_request(db::write_tx& tx, const actor& who, std::int64_t instrument) {
    auto open = store::find_open_request(tx, instrument);
    if (!open) return;
    request_step s{std::move(*open), find_transition<std::string_view>(table, "open", "lapse_request")};
    close(tx, who, s, "").value();
}

result<request> get_request(db::read_view& view, const actor& who, std::int64_t id) {
    auto found = store::find_request(view, id);
    if (!found) return error(errc::not_found);
    const bool own = who.is_applicant() && found->applicant_id == who.applicant_id;
    const bool ours = who.is_staff_of(found->institution_id) || who.is_platform();
    if (own || ours) return std::move(*found);
    if (who.is_regulator() && instrument::get(view, who, found->instrument_id)) return std::move(*found);
    return error(errc::not_found);
}

std::optional<request> find_open_request(db::read_view& view, const actor& who, std::int64_t instrument) {
    auto found = store::find_open_request(view, instrument);
    if (!found || !get_request(view, who, found->id)) return std::nullopt;
    return found;
}

request_key key_of(const request& r) {
    return {to_ms(r.due_at), r.id};
}

std::vector<request> list_requests(db::read_view& view, const actor& who, request_key after, int limit,
                                   std::int64_t institution) {
    if (who.is_applicant()) return store::list_requests_of(view, who.applicant_id, after.id, limit);
    const auto where = catalogue::readable_institution(view, who, institution);
    return where == 0 ? std::vector<request>{} : store::list_open_requests(view, where, after, limit);
}

} // namespace core::filing
