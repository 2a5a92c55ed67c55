// Appointment orders (预约单): states, the table A1-A14 of domain.md 6.3, and the verbs that walk it.
// The only place that changes the status of orders and lines. Reading is in queries.hpp, capacity in
// slot.hpp.
#pragma once
#include "core/appointment/line.hpp"
#include "core/appointment/slot.hpp"
#include "core/base/ids.hpp"
#include "core/instrument/instrument.hpp"
#include "core/journal/transition.hpp"

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::appointment {

enum class order_status {
    none, // not there yet: where A1 starts
    pending,
    confirmed,
    rejected,
    received,
    completed,
    order_returned,
    cancelled,
    expired
};
inline constexpr std::array<order_status, 8> order_states = {
    order_status::pending,   order_status::confirmed,      order_status::rejected,  order_status::received,
    order_status::completed, order_status::order_returned, order_status::cancelled, order_status::expired};
std::string_view code_of(order_status s); // as stored and in addresses: "pending"
std::optional<order_status> parse_order_status(std::string_view code); // none for anything else
constexpr bool is_final(order_status s) {
    return s == order_status::rejected || s == order_status::completed || s == order_status::order_returned ||
           s == order_status::cancelled || s == order_status::expired;
}
status_tag order_tag(order_status s); // word and colour of ux.md 5
// One sentence for the company: what happens or is to be done next.
std::string_view next_step(order_status s, std::string_view method = "deliver");

struct order {
    std::int64_t id = 0, applicant_id = 0, institution_id = 0;
    std::string number, method; // deliver, onsite
    order_status status = order_status::none;
    date day;
    int starts = 0, ends = 0, pieces = 0;
    std::string contact_name, contact_phone, note, reason; // phone in clear
    std::optional<date> suggested_day;
    std::optional<int> suggested_starts, suggested_ends;
    instant created_at, due_at, status_at;
    bool overbooked = false;       // taken by staff over what is offered, knowingly
    bool no_show = false;          // A12: not brought; on site: nobody was met, as a person said
    std::optional<int> counted;    // pieces counted at reception
    std::optional<date> finish_on; // told with the receipt
    std::string applicant_name, applicant_uscc, applicant_address, applicant_region, institution_region;
    std::string institution_name, institution_address, institution_phone, institution_hours, bring_note;
    std::vector<line> lines;

    load brings() const;                           // as capacity counts it
    std::string time_words(date today) const;      // 11月25日（周三）10:00–11:30
    std::string suggested_words(date today) const; // "" without a suggestion
};

// A1-A14. One verb may have several rows for a state: by who walks it.
std::span<const transition<order_status>> transitions();
// For buttons: is there a row for this verb, and may this actor walk it? Time limits are not looked at.
bool may(const actor& who, const order& o, std::string_view verb);

// ---- booking ----
struct order_plan { // one proper order: same company, institution and method (A0b, M27)
    std::int64_t applicant_id = 0, institution_id = 0;
    std::string institution_name, method;
    std::vector<instrument::instrument> items;
    load brings() const;
};
struct unbookable {
    std::int64_t id = 0;
    error why; // not_found, order.not_filed (A0), order.busy (A0c), order.asked (F12, F14); arg name
};
struct selection {
    std::vector<order_plan> plans; // biggest first
    std::vector<unbookable> others;
};
selection plan_orders(db::read_view& view, const actor& who, std::span<const std::int64_t> ids);
struct preview { // what the company sees before it books: the orders, each with times that are free now
    order_plan plan;
    std::vector<slot_time> proposed; // earliest first; empty: nothing free within the horizon
};
std::vector<preview> preview_orders(db::read_view& view, const selection& s, std::size_t times = 3);

struct booking {
    std::vector<std::int64_t> instruments;
    date day;
    int starts = 0; // minute of the day
    std::string contact_name, contact_phone, note;
    bool knowingly = false; // staff only: also over what is offered; the order is marked overbooked. Today
                            // also at a time that is over, not offered or closed: somebody stands at the desk
};
inline constexpr std::size_t most_pieces = 500; // in one order
inline constexpr std::size_t most_orders = 20;  // booked at once
// A1. Gives the id. Refuses not_allowed (applicant.not_active), order.none, order.too_many, not_found,
// order.not_filed (A0), order.busy (A0c), order.asked, order.mixed (A0b, args n, kept), contact.required,
// phone.*, field.long, slot.none, slot.closed, slot.past, slot.full, slot.group_full, and by the rules of the
// institution order.most_open, order.most_per_day, order.no_shows. A pending order holds its capacity (S16).
// With the rule orders.auto_confirm it is confirmed at once (A1a). Schedulers and the front desk book for a
// company (walk-in, telephone): confirmed at once, without lead time, horizon and the company's limits (A1b).
result<std::int64_t> book_order(db::write_tx& tx, const actor& who, const booking& b);
// The same rules without taking anything: what book_order would refuse now.
result<> check_booking(db::read_view& view, const actor& who, const booking& b);
struct booked {
    std::int64_t id = 0; // 0: refused
    std::optional<error> refused;
};
// The orders of a mixed selection. Each by itself: they are appointments with different institutions or
// teams, and places that are free for one are not given up because another was just taken. At most
// most_orders (order.too_many_orders).
std::vector<booked> book_orders(db::write_tx& tx, const actor& who, std::span<const booking> all);
// The institution's rules for a company's next order of this day, as if `planned` more were booked before it,
// `that_day` of them on the same day: order.most_open, order.most_per_day, order.no_shows.
result<> check_limits(db::read_view& view, std::int64_t applicant, std::int64_t institution, date day,
                      int planned = 0, int that_day = 0);
// A13: the new slot is taken before the old one is freed. Moved by the company it is pending again (unless
// the institution confirms by itself); staff move it as it is, with an optional reason, `knowingly` over what
// is offered. Refuses as booking does, order.same_time, order.too_late (rule orders.move_hours).
struct new_slot {
    date day;
    int starts = 0;
    std::string reason;
    bool knowingly = false;
};
result<> move_order(db::write_tx& tx, const actor& who, std::int64_t id, const new_slot& to);
// A9 by the company, until orders.cancel_hours before the start of a confirmed order: order.too_late. A10 by
// the institution: needs a reason (order.reason, at most 100 characters) and may propose another time.
struct suggestion {
    date day;
    int starts = 0;
};
result<> cancel_order(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason,
                      std::optional<suggestion> other = {});

// ---- institution ----
result<> confirm_order(db::write_tx& tx, const actor& who, std::int64_t id); // A2
// A3, final. Refuses order.reason (empty, over 100 characters), and for a suggestion what check_slot refuses.
result<> reject_order(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason,
                      std::optional<suggestion> other = {});

// A whole day at once (typhoon, broken bench): its pending and confirmed orders, earliest first.
struct day_move {
    std::string method; // deliver, onsite; "" both
    date from;
    std::optional<date> to;     // absent: all are cancelled, with the next free time as suggestion
    std::string reason;         // 1..100 characters, told to everybody
    bool cancel_others = false; // those without room that day: cancelled with a suggestion, else they stay
    bool knowingly = false;     // no room is no obstacle
    bool stay_open = false;     // else a day given up whole (both methods) is closed, with this reason
    struct place {              // behind this order; {} from the first
        int starts = -1;
        std::int64_t id = 0;
    } after;
};
struct day_moved {
    std::int64_t id = 0;
    std::string number;
    enum class kind { moved, cancelled, stays } what = kind::stays;
    std::optional<slot_time> when; // moved: the new time; cancelled: the suggestion
    std::optional<error> refused;  // stays: why
    day_move::place was;           // to go on behind it
};
// By schedulers. Each order keeps its period where there is room, else gets the nearest one of that day. At
// most 500 orders; where there may be more, call again with `after` = the last answer's `was`: orders that
// stay are not asked twice. Refuses not_found, not_allowed, order.reason, order.same_time,
// slot.closed.
result<std::vector<day_moved>> move_day(db::write_tx& tx, const actor& who, std::int64_t institution,
                                        const day_move& m);

// ---- reception: front desk; on site also verifiers ----
struct problem_line { // a line that does not agree with its filing
    std::int64_t line_id = 0;
    std::string reason; // in words, at most 100 characters; needed when `code` is empty or other
    std::string code;   // of desk_reasons
};
struct absent_line { // not brought, or out of reach on site: not tested, the filing stays
    std::int64_t line_id = 0;
    std::string reason; // 1..100 characters
};
struct reception {
    std::vector<problem_line> problems;
    std::vector<absent_line> absent;
    std::optional<int> counted; // must be the lines received (order.counted, arg n)
    std::optional<date>
        finish_on; // told to the company; absent: today + rule orders.finish_days, working days
};
// A6: lines in `problems` are returned and un-filed (F8), those in `absent` are free again, the others are in
// verification. When all lines have a problem it is A7. Refuses order.reason (field reason_<line>),
// order.reason_code, order.line (not a booked one of this order, or named twice), order.nothing_received
// (nothing is left to verify, and not all are returned), order.counted, order.finish_on (past, or over a year
// ahead). Coming on another day is no refusal: find_at_desk says so, the desk decides.
result<> receive_order(db::write_tx& tx, const actor& who, std::int64_t id, const reception& r = {});
// A7: every line is returned and un-filed with this reason.
result<> return_order(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason);
// A14: a wrong receive, same day, with a reason, before any result. Returned lines stay returned.
// Refuses order.unreceive_late, order.has_results, order.rebooked (an absent instrument is in another order).
result<> unreceive_order(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason);

// ---- results: verifiers ----
// Results of some or all lines; one more for a line is a new version (also after completion). All that is
// wrong is refused at once with fields certificate_no_<line>, verified_on_<line> …: result.choose,
// result.certificate (1..64 characters), result.certificate_taken, result.verified_on (absent, in the
// future), result.valid_until, result.failed_items, result.why_not, result.verifier; result.none for nothing.
// A passed line's valid_until is proposed from the period when absent; a failed one clears it and bars the
// instrument (计量法 art. 9) until it passes again. A correction never overwrites what a later order says.
result<> record_results(db::write_tx& tx, const actor& who, std::int64_t id,
                        std::span<const line_result> given);
// A8, always by a person: recording does not complete, the results page does both when the last line has a
// result. Refuses order.unfinished (arg n): lines without a result.
result<> complete_order(db::write_tx& tx, const actor& who, std::int64_t id);

// ---- time ----
// A12 by the front desk: nobody came, or on site nobody was met; after the end of the period
// (order.not_over).
result<> expire_order(db::write_tx& tx, const actor& who, std::int64_t id);
// A11 when the period has passed without an answer, A12 at the end of the day: a no-show of who was to bring
// instruments, never of who waited on site. Gives how many, at most `most`.
int expire_orders(db::write_tx& tx, int most);
// Erases who was to be contacted about these orders, name and phone (core/privacy).
void forget_contacts(db::write_tx& tx, std::span<const std::int64_t> orders);
// Staff find filings and orders of a renamed company by its new name from then on: so many companies at once,
// each whole. How many.
int follow_names(db::write_tx& tx, int most);

// A number no order has yet; throws when a hundred tries in a row are taken. `make` is for tests.
std::string free_order_number(db::read_view& view,
                              const std::function<std::string(instant)>& make = make_order_number);

} // namespace core::appointment
