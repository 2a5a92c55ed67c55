#include "core/filing/filing_step.hpp"

#include "core/base/text.hpp"
#include "core/catalogue/mandatory.hpp"
#include "core/instrument/attachment.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"
#include "core/journal/setting.hpp"

#include <algorithm>
#include <array>

namespace core::filing {
namespace {

constexpr who_may company{.applicant = true};
constexpr who_may reviewer{.staff = {role::filing_reviewer}};
constexpr who_may desk{
    .staff = {role::front_desk, role::verifier}}; // verifiers only on site, core/appointment

constexpr std::array<filing_row, 17> table = {{
    {"F1", "unfiled", "submit", "submitted", company, "filing_submitted"},
    {"F4", "returned", "submit", "submitted", company, "filing_submitted"},
    {"F2", "submitted", "accept", "filed", reviewer, "filing_accepted"},
    {"F3", "submitted", "give_back", "returned", reviewer, "filing_returned"},
    {"F5", "returned", "remove", "deleted", company, ""},
    {"F6", "submitted", "dispatch", "dispatched", reviewer, "filing_dispatched"},
    {"F7", "dispatched", "accept", "filed", reviewer, "filing_accepted"},
    {"F8", "filed", "unfile_at_desk", "returned", desk, ""}, // told with the order, A7
    {"F9", "dispatched", "decline", "submitted", reviewer, "filing_declined"},
    {"F9", "dispatched", "take_back", "submitted", reviewer, ""},
    {"F10", "submitted", "withdraw", "unfiled", company, ""},
    {"F11", "submitted", "pass_up", "submitted", reviewer, "filing_dispatched"},
    {"F11b", "submitted", "decline", "submitted", reviewer, "filing_declined"},
    {"F11b", "submitted", "take_back", "submitted", reviewer, ""},
    {"F12", "filed", "cancel", "unfiled", reviewer, ""}, // told with the request
    {"F13", "unfiled", "remove", "deleted", company, ""},
    {"F14", "filed", "change", "filed", reviewer, ""}, // told with the request
}};

// Whose staff may walk a row: the institution that must act, the one that handed it on, the one that holds
// it.
std::int64_t acting_institution(const step& s) {
    if (s.row->verb == "take_back") return s.origin;
    return s.row->from == "filed" ? s.what.institution_id : s.what.handler_id;
}

value facts_of(db::read_view& view, const instrument::instrument& i, std::int64_t institution,
               std::string_view reason, int pieces) {
    const auto place = catalogue::find_institution(view, institution);
    const bool single = pieces == 1;
    value f = value::object();
    f.set("applicant", i.applicant_name)
        .set("instrument", single ? i.name : i.name + "等 " + std::to_string(pieces) + " 台件")
        .set("model", single ? i.model : "")
        .set("serial_no", single ? i.serial_no : "");
    f.set("institution", place ? place->name : "")
        .set("reason", reason)
        .set("instrument_id", std::to_string(i.id));
    return f.set("date", to_text(view.today())).set("pieces", pieces).set("single", single);
}

} // namespace

std::span<const filing_row> transitions() {
    return table;
}

result<step> begin(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view verb) {
    auto found = instrument::get(tx, who, id);
    if (!found) return found.error();
    const auto* row = find_transition<std::string_view>(table, found->filing_status, verb);
    if (row == nullptr) return error(errc::stale_state, "filing.state");
    if (!row->who.allows(who)) return error(errc::not_allowed);
    step s{std::move(*found), row, 0};
    const bool in_review = row->from == "submitted" || row->from == "dispatched";
    if (in_review) s.origin = store::origin_handler(tx, id);
    if (who.kind == actor_kind::staff && !who.is_staff_of(acting_institution(s))) {
        const bool had_it = who.is_staff_of(s.origin) || (verb == "take_back" && s.origin == 0);
        return had_it ? error(errc::stale_state, "filing.state") : error(errc::not_allowed);
    }
    return s;
}

void announcer::add(const step& s, std::int64_t institution, std::string_view reason) {
    if (s.row->event.empty()) return;
    for (auto& g : groups_) {
        if (g.event != s.row->event || g.institution != institution || g.reason != reason ||
            g.first.applicant_id != s.what.applicant_id)
            continue;
        ++g.pieces;
        return;
    }
    groups_.push_back({s.row->event, institution, std::string(reason), s.what, 1});
}

void announcer::flush(db::write_tx& tx) {
    for (const auto& g : groups_)
        outbox::append(tx, {.kind = g.event,
                            .subject_kind = "instrument",
                            .subject_id = g.first.id,
                            .applicant_id = g.first.applicant_id,
                            .institution_id = g.institution,
                            .facts = facts_of(tx, g.first, g.institution, g.reason, g.pieces)});
    groups_.clear();
}

result<> finish(db::write_tx& tx, const actor& who, const step& s, ending e, announcer& told) {
    e.change.id = s.what.id;
    e.change.version = s.what.version;
    e.change.from = s.row->from;
    e.change.to = s.row->to;
    if (e.change.to == "submitted" || e.change.to == "dispatched")
        e.change.due_at = deadline_from(tx, tx.now());
    if (!store::apply(tx, e.change)) return error(errc::stale_state, "filing.state");
    if (s.row->from == "returned" || s.row->to == "returned") store::put_filing_reasons(tx, s.what.id, {});
    value after = std::move(e.details);
    if (after.is_null()) after = value::object();
    after.set("filing_status", s.row->to);
    if (e.institution != 0)
        if (const auto place = catalogue::find_institution(tx, e.institution))
            after.set("institution", place->name);
    audit::append(tx, who,
                  {.verb = s.row->verb,
                   .subject_kind = "instrument",
                   .subject_id = s.what.id,
                   .before = value::object().set("filing_status", s.row->from),
                   .after = std::move(after),
                   .note = e.reason,
                   .applicant_id = s.what.applicant_id,
                   .institution_id = e.institution});
    told.add(s, e.institution, e.reason);
    return {};
}

result<std::string> check_reason(std::string_view reason) {
    std::string text = tidy_line(reason);
    if (!is_utf8(text) || text.empty() || count_characters(text) > 100)
        return error(errc::invalid, "filing.reason", "reason");
    return text;
}

instant deadline_from(db::read_view& view, instant now) {
    constexpr int end_of_work = 17 * 60 + 30;
    const int days = setting::number(view, "filings.decide_days");
    return local_instant(catalogue::add_working_days(view, local_date(now), days), end_of_work);
}

std::optional<error> doubt_of(db::read_view& view, const instrument::instrument& i) {
    const auto asked = catalogue::ask_mandatory(view, {.catalogue_id = i.catalogue_id,
                                                       .purpose = i.purpose,
                                                       .how = catalogue::use_of(i.declared_use),
                                                       .instrument_type = i.instrument_type});
    if (asked.answer == catalogue::mandatory::yes) return std::nullopt;
    const bool ask = asked.answer == catalogue::mandatory::ask;
    return error(errc::invalid, ask ? "filing.ask_mandatory" : "filing.not_mandatory", ask ? "" : "knowingly")
        .with("name", i.name)
        .with("why", asked.reason);
}

result<> check_papers(db::read_view& view, const instrument::instrument& i, const catalogue::entry& e) {
    if (!e.needs_type_evaluation() || instrument::has_type_evaluation(view, i.id)) return {};
    return error(errc::invalid, "filing.type_evaluation").with("name", i.name);
}

result<> check_duplicates(db::read_view& view, const instrument::instrument& i) {
    if (!instrument::has_open_same(view, i)) return {};
    return error(errc::conflict, "filing.same_serial").with("serial", i.serial_no);
}

} // namespace core::filing
