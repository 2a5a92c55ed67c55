// Appointment orders (预约单): A0-A14 of domain.md 6.3, their lines (6.4), reception and results.
// The only place that changes the status of orders and lines.
#pragma once
#include "core/appointment/slot.hpp"
#include "core/instrument/instrument.hpp"
#include "core/journal/transition.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::appointment {

struct line {
    std::int64_t id = 0, instrument_id = 0;
    std::string status, reason;
    std::string name, model, serial_no, own_no, measuring_range, manufacturer; // of the instrument
    std::optional<int> period_months;
    std::string result, certificate_no, failed_items, verifier; // of the newest result version
    std::optional<date> verified_on, valid_until;
};

struct order {
    std::int64_t id = 0, applicant_id = 0, institution_id = 0;
    std::string number, method, status;
    date day;
    int starts = 0, ends = 0, pieces = 0;
    std::string contact_name, contact_phone, note, reason; // phone in clear
    std::optional<date> suggested_day;
    std::optional<int> suggested_starts;
    instant created_at, due_at, status_at;
    std::string applicant_name, institution_name, institution_address, institution_phone, institution_hours,
        bring_note;
    std::vector<line> lines; // only from get()

    std::string time_words(date today) const; // 11月25日（周三）10:00–11:30
};

std::span<const transition<std::string_view>> transitions();
status_tag order_tag(std::string_view status,
                     std::string_view method = "deliver"); // word and colour of ux.md 5
std::string_view next_step(std::string_view status);       // one sentence for the company
status_tag line_tag(std::string_view status);

// ---- booking ----
struct plan { // A0b, M27: one proper order
    std::int64_t institution_id = 0;
    std::string institution_name, method;
    std::vector<instrument::instrument> items;
};
// Splits a selection by institution and method; instruments that cannot be booked are left out.
std::vector<plan> plan_orders(db::read_view& view, const actor& who, std::span<const std::int64_t> ids);

struct booking {
    std::vector<std::int64_t> instruments;
    date day;
    int starts = 0;
    std::string contact_name, contact_phone, note;
};
// A1. Refuses: order.none, order.not_filed (A0), order.mixed (A0b), order.busy (A0c), slot.* , contact.*,
// phone.*.
result<std::int64_t> book(db::write_tx& tx, const actor& who, const booking& b);
result<> move(db::write_tx& tx, const actor& who, std::int64_t id, date day, int starts);      // A13
result<> cancel(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason); // A9, A10

// ---- institution ----
result<> confirm(db::write_tx& tx, const actor& who, std::int64_t id); // A2
struct suggestion {
    date day;
    int starts = 0;
};
result<> reject(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason,
                std::optional<suggestion> other = {}); // A3
struct problem_line {                                  // a line that does not agree with its filing
    std::int64_t line_id = 0;
    std::string reason;
};
// A6, A7: lines in `problems` are returned and un-filed (F8); when all are, the order is returned.
result<> receive(db::write_tx& tx, const actor& who, std::int64_t id, std::span<const problem_line> problems);
struct line_result {
    std::int64_t line_id = 0;
    std::string result; // passed, failed, not_tested
    std::string certificate_no;
    std::optional<date> verified_on, valid_until;
    std::string failed_items, verifier, checker;
};
// Records results; a second one for a line is a new version. When every line has one the order is completed
// (A8). Refuses with fields `certificate_no_<line>` and so on, all at once.
result<> record_results(db::write_tx& tx, const actor& who, std::int64_t id,
                        std::span<const line_result> given);
date propose_valid_until(date verified_on, int period_months); // domain.md 10: plus the period, minus one day
int expire_orders(db::write_tx& tx, int most);                 // A11, A12

// ---- queries ----
result<order> get(db::read_view& view, const actor& who, std::int64_t id);
result<std::int64_t> find_by_number(db::read_view& view, const actor& who,
                                    std::string_view number); // own or own institution's
std::optional<order> find_public(db::read_view& view,
                                 std::string_view number); // status, institution, time only (M30)
std::vector<order> list_latest(db::read_view& view, std::int64_t applicant_id, int limit); // M32
struct order_filter {
    std::string status; // "" any
    std::string text;   // number, company or contact
    std::string method;
};
std::vector<order> list_own(db::read_view& view, const actor& who, const order_filter& f, std::int64_t after,
                            int limit);
struct work_order {
    order what;
    std::string items; // 压力表 3、电子天平 1 等 4 种
    int taken = 0, capacity = 0;
    bool bound = false; // somebody of the company hears in WeChat
};
struct work_key {
    std::int64_t time = 0, id = 0;
};
// Of the actor's institution; pending by deadline, others newest first.
std::vector<work_order> list_work(db::read_view& view, const actor& who, const order_filter& f,
                                  work_key after, int limit);
std::vector<work_order> list_day(db::read_view& view, const actor& who,
                                 date day); // confirmed and received, by time
struct counts {
    int pending = 0, confirmed = 0, rejected = 0, received = 0, completed = 0, order_returned = 0,
        cancelled = 0, expired = 0, late = 0, today = 0;
    int total() const {
        return pending + confirmed + rejected + received + completed + order_returned + cancelled + expired;
    }
};
counts count(db::read_view& view, const actor& who);
std::string summarise(std::span<const line> lines);                // 压力表 3、电子天平 1 等 4 种
bool may(const actor& who, const order& o, std::string_view verb); // for buttons

} // namespace core::appointment
