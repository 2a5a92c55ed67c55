// Reading orders: one, a company's, an institution's work lists, the desk's day. Tenancy is in here: what is
// not the actor's does not exist for it (S1). Changes nothing.
#pragma once
#include "core/appointment/appointment.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::appointment {

// Of the actor's company or institution; any for the platform's administrator. With its lines. Else
// not_found.
result<order> get_order(db::read_view& view, const actor& who, std::int64_t id);
// Several at once, with their lines, in any order. Without an actor: for core/trip, which has asked for the
// trip they are stops of.
std::vector<order> read_orders(db::read_view& view, std::span<const std::int64_t> ids);
// The id of an order of the actor's company or institution; 12 digits.
result<std::int64_t> find_own_by_number(db::read_view& view, const actor& who, std::string_view number);

// What anybody who knows the number may know (M30): never company, contact or items.
struct public_order {
    std::string number, method;
    order_status status = order_status::none;
    date day;
    int starts = 0, ends = 0;
    std::string institution_name, institution_address, institution_phone, institution_hours, bring_note;
    std::string time_words(date today) const;
};
std::optional<public_order> find_by_number(db::read_view& view, std::string_view number);

// For the chat, in one query: an order of one of these companies, without lines and contact phone; anybody
// else's only as far as public_order tells, with `own` false.
struct chat_order {
    order what;
    bool own = false;
};
std::optional<chat_order> find_for_chat(db::read_view& view, std::span<const std::int64_t> applicants,
                                        std::string_view number);

// M32: newest first over these companies, in one query; without lines, contact and phone.
std::vector<order> list_latest(db::read_view& view, std::span<const std::int64_t> applicants, int limit = 10);

struct order_filter {
    std::string status; // code of order_status, "" any
    // Words, each a part of the number, the other side's name or the contact, however old. Staff looking for
    // a single Chinese character get those among the newest `most_searched` orders in that status.
    std::string text;
    std::string method; // deliver, onsite, "" both
    std::optional<date> day;
    std::int64_t institution = 0; // for those who read more than one: the platform, a regulator
};
inline constexpr int most_searched = 2'000;
// The company's own, newest first, after the id of the page before (0: from the start). With lines.
std::vector<order> list_orders(db::read_view& view, const actor& who, const order_filter& f,
                               std::int64_t after, int limit);

struct work_order {
    order what;
    std::string items;                                         // 压力表 3、电子天平 1 等 4 种
    int taken = 0, capacity = 0, orders_taken = 0, orders = 0; // of its slot, this order included
    bool bound = false; // somebody of the company hears of it in WeChat
};
struct work_key {
    std::int64_t time = 0, id = 0;
};
work_key key_of(const work_order& w, const order_filter& f); // for the next page
// Of the actor's institution, or that of the filter when the actor may read it; status pending: nearest
// deadline first, others newest first.
std::vector<work_order> list_work(db::read_view& view, const actor& who, const order_filter& f,
                                  work_key after, int limit);
// The desk's and the field team's day: confirmed, received, completed, by time; method "" both.
std::vector<work_order> list_day(db::read_view& view, const actor& who, date day,
                                 std::string_view method = {});

struct status_counts {
    int pending = 0, confirmed = 0, rejected = 0, received = 0, completed = 0, order_returned = 0,
        cancelled = 0, expired = 0;
    int late = 0;  // pending past their deadline
    int today = 0; // confirmed for today
    int& of(order_status s);
    int of(order_status s) const;
    int total() const;
};
// Counting stops there, so that it costs the same however many there are: "1000 or more".
inline constexpr int most_counted = 1'000;
// The company's, the institution's, or those of another institution that the actor may read.
status_counts count_by_status(db::read_view& view, const actor& who, std::int64_t institution = 0);

// What somebody at the desk typed or scanned: number, address in the QR code, company name or credit code.
enum class desk_find { found, several, wrong_day, wrong_state, wrong_institution, not_found };
struct desk_hit {
    desk_find kind = desk_find::not_found;
    std::vector<order>
        orders;              // found: one; several: today's of that company; wrong_day, wrong_state: the one
    std::string institution; // wrong_institution: where it belongs
};
desk_hit find_at_desk(db::read_view& view, const actor& who, std::string_view text);

} // namespace core::appointment
