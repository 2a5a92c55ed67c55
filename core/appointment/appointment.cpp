#include "core/appointment/appointment.hpp"

#include "core/account/applicant.hpp"
#include "core/account/uscc.hpp"
#include "core/appointment/appointment_facts.hpp"
#include "core/appointment/appointment_store.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/filing/filing.hpp"

#include <algorithm>
#include <array>

namespace core::appointment {
namespace {

constexpr who_may company{.applicant = true};
constexpr who_may scheduler{.staff = {role::scheduler}};
constexpr who_may either{.applicant = true, .staff = {role::scheduler}};
constexpr who_may desk{.staff = {role::front_desk}};
constexpr who_may verifier{.staff = {role::verifier}};
constexpr who_may program{.system = true};

constexpr std::array<transition<std::string_view>, 13> table = {{
    {"A2", "pending", "confirm", "confirmed", scheduler, "order_confirmed"},
    {"A3", "pending", "reject", "rejected", scheduler, "order_rejected"},
    {"A6", "confirmed", "receive", "received", desk, "order_received"},
    {"A7", "confirmed", "return_order", "order_returned", desk, "order_returned"},
    {"A8", "received", "complete", "completed", verifier, "order_completed"},
    {"A9", "pending", "cancel", "cancelled", company, "order_cancelled"},
    {"A9", "confirmed", "cancel", "cancelled", either, "order_cancelled"},
    {"A11", "pending", "expire", "expired", program, "order_expired"},
    {"A12", "confirmed", "expire", "expired", program, "order_expired"},
    {"A13", "pending", "move", "pending", either, "order_moved"},
    {"A13", "confirmed", "move", "confirmed", scheduler, "order_moved"},
    {"A13", "confirmed", "move_back", "pending", company, "order_moved"},
    {"A8", "received", "record", "received", verifier, ""},
}};

struct step {
    order what;
    const transition<std::string_view>* row;
};

// Load, table row, who may: the head of every verb.
result<step> begin(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view verb) {
    auto found = get(tx, who, id);
    if (!found) return found.error();
    const auto* row = find_transition<std::string_view>(table, found->status, verb);
    if (row == nullptr)
        return error(errc::stale_state, "order.state")
            .with("status", std::string(order_tag(found->status).text));
    if (!row->who.allows(who)) return error(errc::not_allowed);
    return step{std::move(*found), row};
}

void give_slot_back(db::write_tx& tx, const order& o) {
    free_slot(tx, o.institution_id, o.method, o.day, o.starts, o.pieces);
}

result<std::string> check_reason(std::string_view reason, bool required) {
    std::string text = tidy_line(reason);
    if ((required && text.empty()) || count_characters(text) > 100)
        return error(errc::invalid, "order.reason", "reason");
    return text;
}

bool is_final(std::string_view status) {
    return status == "rejected" || status == "completed" || status == "order_returned" ||
           status == "cancelled" || status == "expired";
}

// The tail of every verb: guarded update, audit, outbox.
result<> finish(db::write_tx& tx, const actor& who, const step& s, store::change c) {
    c.id = s.what.id;
    c.from = s.row->from;
    c.to = s.row->to;
    c.closes = is_final(s.row->to);
    if (!store::apply(tx, c)) return error(errc::stale_state, "order.state").with("status", "");
    tell(tx, who, s.what.id, *s.row, c.reason);
    return {};
}

struct checked_booking {
    plan what;
    std::string contact, phone, note;
};

result<checked_booking> check_booking(db::write_tx& tx, const actor& who, const booking& b) {
    if (!who.is_applicant()) return error(errc::not_allowed);
    if (const auto fine = account::check_standing(tx, who.applicant_id); !fine) return fine.error(); // R2
    if (b.instruments.empty()) return error(errc::invalid, "order.none", "instruments");
    if (b.instruments.size() > 500) return error(errc::too_many, "order.too_many", "instruments");
    std::vector<std::int64_t> ids = b.instruments;
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    for (const auto id : ids) {
        const auto i = instrument::get(tx, who, id);
        if (!i) return i.error();
        if (i->filing_status != "filed")
            return error(errc::invalid, "order.not_filed", "instruments").with("name", i->name); // A0
        if (!i->line_status.empty())
            return error(errc::conflict, "order.busy", "instruments").with("name", i->name); // A0c
    }
    auto plans = plan_orders(tx, who, ids);
    if (plans.size() != 1)
        return error(errc::invalid, "order.mixed", "instruments")
            .with("n", std::to_string(plans.size())); // A0b, M27
    checked_booking c{std::move(plans.front()), tidy_line(b.contact_name), "", tidy_line(b.note)};
    std::vector<error> wrong;
    if (c.contact.empty() || count_characters(c.contact) > 30)
        wrong.push_back(error(errc::invalid, "contact.required", "contact_name"));
    if (auto phone = account::check_phone(b.contact_phone, "contact_phone"))
        c.phone = *phone;
    else
        wrong.push_back(phone.error());
    if (count_characters(c.note) > 100)
        wrong.push_back(error(errc::invalid, "field.long", "note").with("label", "备注").with("most", "100"));
    if (wrong.empty()) return c;
    error first = std::move(wrong.front());
    first.also.assign(std::make_move_iterator(wrong.begin() + 1), std::make_move_iterator(wrong.end()));
    return first;
}

// Lead, horizon, rest days: the same rules as the calendar shows.
result<> check_day(db::read_view& view, std::int64_t institution, std::string_view method, date day,
                   int starts) {
    const auto where = catalogue::find_institution(view, institution);
    if (!where || !day.ok()) return error(errc::invalid, "slot.none", "slot");
    const date monday = add_days(day, 1 - iso_weekday(day));
    for (const auto& d : list_week(view, *where, method, monday)) {
        if (d.day != day) continue;
        if (!d.closed.empty()) return error(errc::invalid, "slot.closed", "slot").with("why", d.closed);
        for (const auto& s : d.slots)
            if (s.starts == starts) return {};
    }
    return error(errc::invalid, "slot.none", "slot");
}

result<std::vector<line>> lines_for(const order& o, std::string_view status) {
    std::vector<line> found;
    for (const auto& l : o.lines)
        if (l.status == status) found.push_back(l);
    return found;
}

} // namespace

std::span<const transition<std::string_view>> transitions() {
    return table;
}

std::vector<plan> plan_orders(db::read_view& view, const actor& who, std::span<const std::int64_t> ids) {
    std::vector<plan> plans;
    for (const auto id : ids) {
        auto i = instrument::get(view, who, id);
        if (!i || i->filing_status != "filed" || !i->line_status.empty()) continue;
        const auto same = std::find_if(plans.begin(), plans.end(), [&](const plan& p) {
            return p.institution_id == i->institution_id && p.method == i->method;
        });
        if (same != plans.end())
            same->items.push_back(std::move(*i));
        else
            plans.push_back({i->institution_id, i->institution_name, i->method, {std::move(*i)}});
    }
    std::sort(plans.begin(), plans.end(),
              [](const auto& a, const auto& b) { return a.items.size() > b.items.size(); });
    return plans;
}

result<std::int64_t> book(db::write_tx& tx, const actor& who, const booking& b) {
    auto checked = check_booking(tx, who, b);
    if (!checked) return checked.error();
    const auto& p = checked->what;
    if (auto day = check_day(tx, p.institution_id, p.method, b.day, b.starts); !day) return day.error();
    const int pieces = static_cast<int>(p.items.size());
    auto taken = take_slot(tx, p.institution_id, p.method, b.day, b.starts, pieces);
    if (!taken) return taken.error();
    order o;
    o.id = tx.new_id();
    do
        o.number = make_order_number(tx.now());
    while (store::has_number(tx, o.number));
    o.applicant_id = who.applicant_id;
    o.institution_id = p.institution_id;
    o.method = p.method;
    o.day = b.day;
    o.starts = b.starts;
    o.ends = taken->ends;
    o.status = "pending";
    o.pieces = pieces;
    o.contact_name = checked->contact;
    o.contact_phone = checked->phone;
    o.note = checked->note;
    o.created_at = tx.now();
    const auto where = catalogue::find_institution(tx, p.institution_id);
    o.due_at = local_instant(catalogue::add_working_days(tx, tx.today(), where->confirm_days), 17 * 60 + 30);
    store::insert_order(tx, o, who.login_id);
    for (const auto& i : p.items)
        store::insert_line(tx, o.id, i.id);
    static constexpr transition<std::string_view> a1{"A1", "", "book", "pending", company, "order_submitted"};
    tell(tx, who, o.id, a1, "");
    return o.id;
}

result<> confirm(db::write_tx& tx, const actor& who, std::int64_t id) {
    auto s = begin(tx, who, id, "confirm");
    if (!s) return s.error();
    return finish(tx, who, *s, {});
}

result<> reject(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason,
                std::optional<suggestion> other) {
    auto s = begin(tx, who, id, "reject");
    if (!s) return s.error();
    const auto text = check_reason(reason, true);
    if (!text) return text.error();
    give_slot_back(tx, s->what);
    store::drop_lines(tx, id);
    store::change c;
    c.reason = *text;
    if (other) {
        c.suggested_day = other->day;
        c.suggested_starts = other->starts;
    }
    return finish(tx, who, *s, c);
}

result<> cancel(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason) {
    auto s = begin(tx, who, id, "cancel");
    if (!s) return s.error();
    const auto text = check_reason(reason, who.kind == actor_kind::staff);
    if (!text) return text.error();
    const bool late = who.is_applicant() && s->what.status == "confirmed" &&
                      local_instant(s->what.day, s->what.starts) <= tx.now();
    if (late) return error(errc::too_late, "order.too_late");
    give_slot_back(tx, s->what);
    store::drop_lines(tx, id);
    store::change c;
    c.reason = *text;
    return finish(tx, who, *s, c);
}

result<> move(db::write_tx& tx, const actor& who, std::int64_t id, date day, int starts) {
    const auto now = get(tx, who, id);
    const bool back =
        now && who.is_applicant() && now->status == "confirmed"; // moved by the company: asked again
    auto s = begin(tx, who, id, back ? "move_back" : "move");
    if (!s) return s.error();
    const auto& o = s->what;
    if (auto fits = check_day(tx, o.institution_id, o.method, day, starts); !fits) return fits.error();
    const auto taken =
        take_slot(tx, o.institution_id, o.method, day, starts, o.pieces); // before the old is freed
    if (!taken) return taken.error();
    give_slot_back(tx, o);
    const auto where = catalogue::find_institution(tx, o.institution_id);
    const instant due =
        local_instant(catalogue::add_working_days(tx, tx.today(), where->confirm_days), 17 * 60 + 30);
    if (!store::apply_move(tx, o, s->row->to, day, starts, taken->ends, due))
        return error(errc::stale_state, "order.state").with("status", "");
    tell(tx, who, id, *s->row, "");
    return {};
}

result<> receive(db::write_tx& tx, const actor& who, std::int64_t id,
                 std::span<const problem_line> problems) {
    const auto seen = get(tx, who, id);
    if (!seen) return seen.error();
    const auto booked = *lines_for(*seen, "booked");
    const bool all_bad = !booked.empty() && problems.size() >= booked.size();
    auto s = begin(tx, who, id, all_bad ? "return_order" : "receive");
    if (!s) return s.error();
    std::string reasons;
    for (const auto& l : booked) {
        const auto bad =
            std::find_if(problems.begin(), problems.end(), [&](const auto& p) { return p.line_id == l.id; });
        if (bad == problems.end()) {
            if (!store::set_line(tx, l.id, "booked", "checked_in", ""))
                return error(errc::stale_state, "order.state").with("status", "");
            continue;
        }
        const auto text = check_reason(bad->reason, true);
        if (!text) return error(errc::invalid, "order.reason", "reason_" + std::to_string(l.id));
        if (!store::set_line(tx, l.id, "booked", "returned", *text))
            return error(errc::stale_state, "order.state").with("status", "");
        if (auto unfiled = filing::unfile_at_desk(tx, who, l.instrument_id, *text); !unfiled)
            return unfiled.error(); // F8
        reasons += (reasons.empty() ? "" : "；") + *text;
    }
    store::change c;
    c.reason = cut_characters(reasons, 200);
    return finish(tx, who, *s, c);
}

date propose_valid_until(date verified_on, int period_months) {
    return add_days(add_months(verified_on, period_months), -1);
}

namespace {

// All that is wrong with one line's result, by field.
void check_result(db::read_view& view, const order& o, const line& l, const line_result& r,
                  std::vector<error>& wrong) {
    const auto refuse = [&](std::string why, std::string_view f) {
        wrong.push_back(error(errc::invalid, std::move(why), std::string(f) + "_" + std::to_string(l.id))
                            .with("name", l.name));
    };
    if (!is_code_of(results, r.result)) return refuse("result.choose", "result");
    if (r.result == "not_tested") {
        if (r.failed_items.empty()) refuse("result.why_not", "failed_items");
        return;
    }
    if (r.certificate_no.empty() || r.certificate_no.size() > 64)
        refuse("result.certificate", "certificate_no");
    else if (store::has_certificate(view, o.institution_id, r.certificate_no, l.id))
        refuse("result.certificate_taken", "certificate_no");
    if (!r.verified_on || *r.verified_on > view.today()) refuse("result.verified_on", "verified_on");
    if (r.result == "failed" && r.failed_items.empty()) refuse("result.failed_items", "failed_items");
    if (r.result == "passed" && l.period_months &&
        (!r.valid_until || (r.verified_on && *r.valid_until < *r.verified_on)))
        refuse("result.valid_until", "valid_until");
    if (r.verifier.empty()) refuse("result.verifier", "verifier");
}

void save_result(db::write_tx& tx, const actor& who, const order& o, const line& l, line_result r) {
    if (r.result != "passed") r.valid_until.reset();
    if (r.result == "not_tested") {
        r.certificate_no.clear();
        r.verified_on.reset();
    }
    store::insert_result(tx, o.institution_id, who.login_id, store::result_version(tx, l.id) + 1, r);
    store::set_line(tx, l.id, l.status, r.result, r.result == "not_tested" ? r.failed_items : "");
    instrument::outcome out;
    out.passed = r.result == "passed";
    out.failed = r.result == "failed";
    out.certificate_no = r.certificate_no;
    out.verified_on = r.verified_on;
    out.valid_until = r.valid_until;
    instrument::record_outcome(tx, l.instrument_id, out);
}

} // namespace

result<> record_results(db::write_tx& tx, const actor& who, std::int64_t id,
                        std::span<const line_result> given) {
    auto s = begin(tx, who, id, "record");
    if (!s) return s.error();
    std::vector<error> wrong;
    std::vector<std::pair<line, line_result>> good;
    for (const auto& l : s->what.lines) {
        const auto r =
            std::find_if(given.begin(), given.end(), [&](const auto& g) { return g.line_id == l.id; });
        if (r == given.end() || l.status == "returned" || l.status == "dropped") continue;
        check_result(tx, s->what, l, *r, wrong);
        good.emplace_back(l, *r);
    }
    if (good.empty()) return error(errc::invalid, "result.none");
    if (!wrong.empty()) {
        error first = std::move(wrong.front());
        first.also.assign(std::make_move_iterator(wrong.begin() + 1), std::make_move_iterator(wrong.end()));
        return first;
    }
    for (auto& [l, r] : good)
        save_result(tx, who, s->what, l, r);
    tell(tx, who, id, *s->row, "");
    const auto after = store::list_lines(tx, id);
    const bool waiting = std::any_of(after.begin(), after.end(), [](const line& l) {
        return l.status == "booked" || l.status == "checked_in";
    });
    if (waiting) return {};
    auto done = begin(tx, who, id, "complete");
    if (!done) return done.error();
    return finish(tx, who, *done, {});
}

int expire_orders(db::write_tx& tx, int most) {
    actor program_itself;
    program_itself.kind = actor_kind::system;
    program_itself.source = "schedule";
    int done = 0;
    for (const auto id : store::list_expired(tx, tx.now(), tx.today(), most)) {
        auto s = begin(tx, program_itself, id, "expire");
        if (!s) continue;
        give_slot_back(tx, s->what);
        store::drop_lines(tx, id);
        store::change c;
        c.reason = s->what.status == "pending" ? "机构未在预约时间前答复" : "未按预约时间到检";
        if (finish(tx, program_itself, *s, c)) ++done;
    }
    return done;
}

result<order> get(db::read_view& view, const actor& who, std::int64_t id) {
    auto found = store::find(view, id);
    if (!found) return error(errc::not_found);
    const bool own = who.is_applicant() && found->applicant_id == who.applicant_id;
    if (own || who.is_staff_of(found->institution_id) || who.kind == actor_kind::system)
        return std::move(*found);
    return error(errc::not_found);
}

result<std::int64_t> find_by_number(db::read_view& view, const actor& who, std::string_view number) {
    const auto id = store::id_of(view, number);
    if (id == 0) return error(errc::not_found);
    const auto seen = get(view, who, id);
    if (!seen) return seen.error();
    return id;
}

bool may(const actor& who, const order& o, std::string_view verb) {
    const auto* row = find_transition<std::string_view>(table, o.status, verb);
    const bool theirs =
        who.is_staff_of(o.institution_id) || (who.is_applicant() && who.applicant_id == o.applicant_id);
    return row != nullptr && theirs && row->who.allows(who);
}

} // namespace core::appointment
