#include "core/appointment/order_step.hpp"

#include "core/appointment/appointment_facts.hpp"
#include "core/appointment/rule.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace core::appointment {
namespace {

constexpr who_may company{.applicant = true};
constexpr who_may scheduler{.staff = {role::scheduler}};
constexpr who_may counter{.staff = {role::scheduler, role::front_desk}};
constexpr who_may reception{.staff = {role::front_desk, role::verifier}}; // verifiers only on site
constexpr who_may verifier{.staff = {role::verifier}};
constexpr who_may program{.system = true};
constexpr who_may program_or_desk{.system = true, .staff = {role::front_desk}};

using s = order_status;
constexpr std::array<order_row, 20> table = {{
    {"A1", s::none, "book", s::pending, company, "order_submitted"},
    {"A1a", s::none, "book", s::confirmed, company, "order_confirmed"}, // rule orders.auto_confirm
    {"A1b", s::none, "book", s::confirmed, counter, "order_confirmed"}, // by staff for a company
    {"A2", s::pending, "confirm", s::confirmed, scheduler, "order_confirmed"},
    {"A3", s::pending, "reject", s::rejected, scheduler, "order_rejected"},
    {"A6", s::confirmed, "receive", s::received, reception, "order_received"},
    {"A7", s::confirmed, "return", s::order_returned, reception, "order_returned"},
    {"A8", s::received, "complete", s::completed, verifier, "order_completed"},
    {"A9", s::pending, "cancel", s::cancelled, company, "order_cancelled"},
    {"A9", s::confirmed, "cancel", s::cancelled, company, "order_cancelled"},
    {"A10", s::confirmed, "cancel", s::cancelled, scheduler, "order_cancelled"},
    {"A11", s::pending, "expire", s::expired, program, "order_expired"},
    {"A12", s::confirmed, "expire", s::expired, program_or_desk, "order_expired"},
    {"A13", s::pending, "move", s::pending, {.applicant = true, .staff = {role::scheduler}}, "order_moved"},
    {"A13", s::confirmed, "move", s::pending, company, "order_moved"},
    {"A13", s::confirmed, "move", s::confirmed, scheduler, "order_moved"},
    {"A13a", s::confirmed, "move", s::confirmed, company, "order_moved"}, // rule orders.auto_confirm
    {"A14", s::received, "unreceive", s::confirmed, reception, "order_unreceived"},
    {"L1", s::received, "record", s::received, verifier, ""},                  // results, before A8
    {"L2", s::completed, "record", s::completed, verifier, "order_corrected"}, // a new version
}};

bool allows(const order_row& row, const actor& who, const order& o) {
    if (!row.who.allows(who)) return false;
    if (who.kind == actor_kind::staff && !who.is_staff_of(o.institution_id)) return false;
    const bool at_the_desk = row.verb == "receive" || row.verb == "return" || row.verb == "unreceive";
    return !at_the_desk || o.method == "onsite" || who.roles.has(role::front_desk);
}

} // namespace

std::span<const order_row> transitions() {
    return table;
}

const order_row* find_row(const actor& who, const order& o, std::string_view verb) {
    for (const auto& row : table)
        if (row.from == o.status && row.verb == verb && allows(row, who, o)) return &row;
    return nullptr;
}

const order_row& row_of(std::string_view id) {
    for (const auto& row : table)
        if (row.id == id) return row;
    throw std::logic_error("no such row of the table of orders: " + std::string(id));
}

bool may(const actor& who, const order& o, std::string_view verb) {
    const bool theirs = who.kind == actor_kind::system || who.is_staff_of(o.institution_id) ||
                        (who.is_applicant() && who.applicant_id == o.applicant_id);
    return theirs && find_row(who, o, verb) != nullptr;
}

error stale(order_status now) {
    return error(errc::stale_state, "order.state").with("status", std::string(order_tag(now).text));
}

result<step> begin(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view verb) {
    auto found = get_order(tx, who, id);
    if (!found) return found.error();
    if (find_transition<order_status>(table, found->status, verb) == nullptr) return stale(found->status);
    const auto* row = find_row(who, *found, verb);
    if (row == nullptr) return error(errc::not_allowed);
    return step{std::move(*found), row};
}

result<> apply_step(db::write_tx& tx, const step& walked, store::change c) {
    c.id = walked.what.id;
    c.from = walked.row->from;
    c.to = walked.row->to;
    if (!store::apply(tx, c)) return stale(walked.what.status);
    return {};
}

result<std::string> check_reason(std::string_view reason, bool required, std::string field) {
    std::string text = tidy_line(reason);
    if (!is_utf8(text) || (required && text.empty()) || count_characters(text) > 100)
        return error(errc::invalid, "order.reason", std::move(field));
    return text;
}

error all_of(std::vector<error> wrong) {
    error first = std::move(wrong.front());
    first.also.assign(std::make_move_iterator(wrong.begin() + 1), std::make_move_iterator(wrong.end()));
    return first;
}

chooser chooser_of(const actor& who, bool knowingly) {
    if (who.is_applicant()) return chooser::company;
    return knowingly ? chooser::knowing : chooser::staff;
}

instant answer_due(db::read_view& view, std::int64_t institution, date day, int starts) {
    constexpr int close_of_business = 17 * 60 + 30;
    const auto where = catalogue::find_institution(view, institution).value();
    const date last = catalogue::add_working_days(view, view.today(), where.confirm_days);
    return std::min(local_instant(last, close_of_business), local_instant(day, starts));
}

result<> check_day_limit(db::read_view& view, std::int64_t applicant, std::int64_t institution, date day,
                         int planned) {
    const int most = rule_at(view, institution, "orders.most_per_day");
    if (store::count_open_on(view, applicant, institution, day) + planned < most) return {};
    return error(errc::too_many, "order.most_per_day").with("most", std::to_string(most));
}

void free_slot_of(db::write_tx& tx, const order& o) {
    free_slot(tx, o.institution_id, o.method, o.day, o.starts, o.brings());
}

result<> put_suggestion(db::read_view& view, const order& o, const std::optional<suggestion>& other,
                        store::change& c) {
    if (!other) return {};
    const auto fits = check_slot(view, o.institution_id, o.method, other->day, other->starts);
    if (!fits) return fits.error();
    c.suggested_day = other->day;
    c.suggested_starts = other->starts;
    c.suggested_ends = fits->ends;
    return {};
}

result<> end_early(db::write_tx& tx, const actor& who, const step& s, store::change c) {
    const std::string reason = c.reason;
    if (auto done = apply_step(tx, s, std::move(c)); !done) return done.error();
    free_slot_of(tx, s.what);
    store::drop_lines(tx, s.what.id);
    tell(tx, who, s.what.id, *s.row, reason);
    return {};
}

} // namespace core::appointment
