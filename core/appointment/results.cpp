// Results of verification line by line, and completion (A8). A correction is a new version; what the
// instrument shows follows the newest result of its newest line.
#include "core/appointment/appointment.hpp"
#include "core/appointment/appointment_facts.hpp"
#include "core/appointment/order_step.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace core::appointment {
namespace {

struct entry {
    line of;
    line_result given;
};

bool takes_result(const line& l) {
    return l.status == line_status::checked_in || has_result(l.status);
}

line_status status_of(std::string_view result) {
    if (result == "passed") return line_status::passed;
    return result == "failed" ? line_status::failed : line_status::not_tested;
}

line_result tidied(const line_result& r) {
    line_result t = r;
    t.certificate_no = tidy_line(r.certificate_no);
    t.failed_items = tidy_line(r.failed_items);
    t.verifier = tidy_line(r.verifier);
    t.checker = tidy_line(r.checker);
    t.approver = tidy_line(r.approver);
    if (t.result != "passed") t.valid_until.reset();
    if (t.result == "not_tested") {
        t.certificate_no.clear();
        t.verified_on.reset();
    }
    return t;
}

// What is given for lines of this order, in the order's order; a line named twice counts once, the last.
std::vector<entry> entries_of(const order& o, std::span<const line_result> given) {
    std::vector<entry> all;
    for (const auto& l : o.lines) {
        const auto r =
            std::find_if(given.rbegin(), given.rend(), [&](const auto& g) { return g.line_id == l.id; });
        if (r != given.rend() && takes_result(l)) all.push_back({l, tidied(*r)});
    }
    return all;
}

// domain.md 8.4: length and characters, some letter or digit among them; every institution has its own
// scheme.
bool is_certificate_no(std::string_view s) {
    if (s.empty() || !is_utf8(s) || count_characters(s) > 64) return false;
    const std::string key = comparison_key(s);
    return std::any_of(key.begin(), key.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

// Another line of the institution has the number, however it is written: in this very form, or before and
// not corrected now. A number that a correction gave up is free, unless a PDF went out under it.
bool is_taken(db::read_view& view, const order& o, std::span<const entry> all, const entry& e) {
    const auto& number = e.given.certificate_no;
    const std::string key = comparison_key(number);
    if (std::any_of(all.begin(), all.end(), [&](const entry& x) {
            return x.of.id != e.of.id && comparison_key(x.given.certificate_no) == key;
        }))
        return true;
    const auto holders = store::lines_with_certificate(view, o.institution_id, number, e.of.id);
    return std::any_of(holders.begin(), holders.end(), [&](std::int64_t holder) {
        return std::none_of(all.begin(), all.end(), [&](const entry& x) { return x.of.id == holder; });
    });
}

// domain.md 8.6: not in the future, and not long before the order was made (a slip of the year).
bool is_verified_on(db::read_view& view, const order& o, date day) {
    constexpr int earlier = 366; // days: what was verified on paper is entered late
    return day.ok() && day <= view.today() && day >= add_days(local_date(o.created_at), -earlier);
}

bool is_valid_until(date verified_on, date end) {
    constexpr int longest = 240; // months, as periods
    return end.ok() && end >= verified_on && end <= add_months(verified_on, longest);
}

void check_entry(db::read_view& view, const order& o, std::span<const entry> all, const entry& e,
                 std::vector<error>& wrong) {
    const auto& r = e.given;
    const auto refuse = [&](std::string why, std::string_view field) {
        wrong.push_back(
            error(errc::invalid, std::move(why), std::string(field) + "_" + std::to_string(e.of.id))
                .with("name", e.of.name));
    };
    if (!is_code_of(results, r.result)) return refuse("result.choose", "result");
    if (count_characters(r.failed_items) > 200 || !is_utf8(r.failed_items))
        refuse("result.failed_items", "failed_items");
    if (r.result == "not_tested") {
        if (r.failed_items.empty()) refuse("result.why_not", "failed_items");
        return;
    }
    if (!is_certificate_no(r.certificate_no))
        refuse("result.certificate", "certificate_no");
    else if (is_taken(view, o, all, e))
        refuse("result.certificate_taken", "certificate_no");
    if (!r.verified_on || !is_verified_on(view, o, *r.verified_on))
        refuse("result.verified_on", "verified_on");
    if (r.result == "failed" && r.failed_items.empty()) refuse("result.failed_items", "failed_items");
    if (r.valid_until && r.verified_on && r.verified_on->ok() &&
        !is_valid_until(*r.verified_on, *r.valid_until))
        refuse("result.valid_until", "valid_until");
    if (r.verifier.empty() || !is_utf8(r.verifier) || count_characters(r.verifier) > 30)
        refuse("result.verifier", "verifier");
    for (const auto& [name, field] : {std::pair(&r.checker, "checker"), {&r.approver, "approver"}})
        if (!is_utf8(*name) || count_characters(*name) > 30) refuse("result.verifier", field);
}

// What the instrument now shows. Not tested: what it had before this line, for a wrong result was corrected;
// before the first one that is what the company had typed.
void show_on_instrument(db::write_tx& tx, const entry& e) {
    if (store::has_later_result(tx, e.of.instrument_id, e.of.id)) return;
    const bool tested = e.given.result != "not_tested";
    if (e.of.status == line_status::passed && e.given.result != "passed")
        instrument::take_back_status(tx, e.of.instrument_id, store::status_when_booked(tx, e.of.id));
    if (!tested && e.of.status != line_status::passed && e.of.status != line_status::failed) return;
    line_result shown = e.given;
    if (!tested) {
        const auto earlier = store::find_earlier_result(tx, e.of.instrument_id, e.of.id);
        if (!earlier) return instrument::forget_outcomes(tx, e.of.instrument_id);
        shown = *earlier;
    }
    instrument::outcome o;
    o.failed = shown.result == "failed";
    o.passed = !o.failed;
    o.certificate_no = shown.certificate_no;
    o.verified_on = shown.verified_on;
    o.valid_until = shown.valid_until;
    instrument::record_outcome(tx, e.of.instrument_id, o);
}

result<> save(db::write_tx& tx, const actor& who, const order& o, const entry& e) {
    const auto& r = e.given;
    store::insert_result(tx, o.institution_id, who.login_id, e.of.result_version + 1, r);
    const std::string_view reason = r.result == "not_tested" ? std::string_view(r.failed_items) : "";
    if (!store::set_line(tx, e.of.id, e.of.status, status_of(r.result), reason)) return stale(o.status);
    show_on_instrument(tx, e);
    return {};
}

value told(std::span<const entry> all) {
    value lines = value::array();
    for (const auto& e : all)
        lines.push(value::object()
                       .set("line", std::to_string(e.of.id))
                       .set("instrument", e.of.name)
                       .set("was", code_of(e.of.status))
                       .set("was_certificate", e.of.certificate_no)
                       .set("result", e.given.result)
                       .set("certificate_no", e.given.certificate_no)
                       .set("valid_until", e.given.valid_until ? to_text(*e.given.valid_until) : ""));
    return lines;
}

} // namespace

result<> record_results(db::write_tx& tx, const actor& who, std::int64_t id,
                        std::span<const line_result> given) {
    auto s = begin(tx, who, id, "record");
    if (!s) return s.error();
    auto all = entries_of(s->what, given);
    if (all.empty()) return error(errc::invalid, "result.none");
    std::vector<error> wrong;
    for (const auto& e : all)
        check_entry(tx, s->what, all, e, wrong);
    if (!wrong.empty()) return all_of(std::move(wrong));
    if (!store::touch(tx, id, s->what.status)) return stale(s->what.status);
    const bool less_one_day = is_less_one_day(tx, s->what.institution_id);
    for (auto& e : all) {
        auto& r = e.given;
        if (r.result == "passed" && !r.valid_until && e.of.period_months)
            r.valid_until = propose_valid_until(*r.verified_on, *e.of.period_months, less_one_day);
        if (auto done = save(tx, who, s->what, e); !done) return done.error();
    }
    tell(tx, who, id, *s->row, "", {.lines = told(all)});
    return {};
}

result<> complete_order(db::write_tx& tx, const actor& who, std::int64_t id) {
    auto s = begin(tx, who, id, "complete");
    if (!s) return s.error();
    const auto waiting = std::count_if(s->what.lines.begin(), s->what.lines.end(),
                                       [](const line& l) { return is_open(l.status); });
    if (waiting > 0) return error(errc::invalid, "order.unfinished").with("n", std::to_string(waiting));
    if (auto done = apply_step(tx, *s, {}); !done) return done.error();
    tell(tx, who, id, *s->row, "");
    return {};
}

} // namespace core::appointment
