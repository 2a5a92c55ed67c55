// SQL of appointments: orders, lines, results.
#pragma once
#include "core/appointment/appointment.hpp"
#include "core/appointment/queries.hpp"

namespace core::appointment::store {

// ---- orders ----
std::int64_t id_of(db::read_view& view, std::string_view number); // 0: none
void blank_contact(db::write_tx& tx, std::int64_t order);
void insert_order(db::write_tx& tx, const order& o, std::int64_t created_by);
struct change {
    std::int64_t id = 0;
    order_status from = order_status::none, to = order_status::none;
    std::string reason;
    std::optional<date> suggested_day;
    std::optional<int> suggested_starts, suggested_ends;
    bool no_show = false;
    std::optional<int> counted;
    std::optional<date> finish_on;
};
bool apply(db::write_tx& tx, const change& c);                  // false: it is no longer in `from`
bool touch(db::write_tx& tx, std::int64_t id, order_status in); // counts a change that keeps the status
struct new_time {
    date day;
    int starts = 0, ends = 0;
    instant due_at;
    bool overbooked = false;
    std::string reason;
};
bool apply_move(db::write_tx& tx, const order& o, order_status to, const new_time& t);
std::optional<order> find(db::read_view& view, std::int64_t id); // with its lines
enum class phone { open, closed }; // only lists that show a phone number unseal it
std::vector<order> list_by_id(db::read_view& view, std::span<const std::int64_t> ids,
                              phone p); // in the order of the ids, without lines
std::vector<order> find_all(db::read_view& view, std::span<const std::int64_t> ids); // with lines
std::vector<std::int64_t> list_expired(db::read_view& view, int most);
// Pending and confirmed ones of the day that is moved, by time, behind `m.after`.
std::vector<std::int64_t> list_movable(db::read_view& view, std::int64_t institution, const day_move& m,
                                       int most);
int count_open(db::read_view& view, std::int64_t applicant, std::int64_t institution);
int count_open_on(db::read_view& view, std::int64_t applicant, std::int64_t institution, date day);
int count_no_shows(db::read_view& view, std::int64_t applicant, std::int64_t institution, date since);

// ---- lines and results ----
void insert_line(db::write_tx& tx, std::int64_t order, const instrument::instrument& i);
bool set_line(db::write_tx& tx, std::int64_t line, line_status from, line_status to, std::string_view reason,
              std::string_view reason_code = {});
void drop_lines(db::write_tx& tx, std::int64_t order);
std::vector<line> list_lines(db::read_view& view, std::int64_t order);
void put_lines(db::read_view& view, std::vector<order>& orders); // each its own
// Other lines of the institution that hold this number, as compared: in their newest version, or in an
// older one that a PDF went out for.
std::vector<std::int64_t> lines_with_certificate(db::read_view& view, std::int64_t institution,
                                                 std::string_view number, std::int64_t except_line);
void insert_result(db::write_tx& tx, std::int64_t institution, std::int64_t recorded_by, int version,
                   const line_result& r);
// What the instrument had before this line: its newest other line that passed or failed.
std::optional<line_result> find_earlier_result(db::read_view& view, std::int64_t instrument,
                                               std::int64_t line);
std::string status_when_booked(db::read_view& view, std::int64_t line); // 器具状态
// Of these instruments, those with an open request (F12, F14).
std::vector<std::int64_t> asked_of(db::read_view& view, std::span<const std::int64_t> ids);
bool has_later_result(db::read_view& view, std::int64_t instrument, std::int64_t line);

// ---- lists ----
// A statement is asked for this many ids at once, never once a row.
inline constexpr std::size_t batch = 20;
std::array<std::int64_t, batch> batch_of(std::span<const std::int64_t> ids,
                                         std::size_t from); // padded with 0
std::vector<order> list_latest(db::read_view& view, std::int64_t applicant, int limit);
std::vector<order> list_own(db::read_view& view, std::int64_t applicant, const order_filter& f,
                            std::int64_t after, int limit);
std::vector<order> list_pending_work(db::read_view& view, std::int64_t institution, const order_filter& f,
                                     work_key after, int limit);
std::vector<order> list_other_work(db::read_view& view, std::int64_t institution, const order_filter& f,
                                   std::int64_t after, int limit);
// Without phones, like the next.
std::vector<order> list_day(db::read_view& view, std::int64_t institution, date day, std::string_view method);
// Orders of companies whose name holds `text` or whose credit code it is, that day at this institution.
std::vector<order> list_of_company(db::read_view& view, std::int64_t institution, date day,
                                   std::string_view text);
std::vector<order> list_company_work(db::read_view& view, std::int64_t applicant, std::int64_t institution,
                                     const order_filter& f, std::int64_t after, int limit);
std::int64_t find_company(db::read_view& view, std::string_view uscc, std::string_view name); // 0: none
std::vector<std::int64_t> list_bound(db::read_view& view, std::span<const std::int64_t> applicants);
status_counts count_of_applicant(db::read_view& view, std::int64_t applicant);
status_counts count_of_institution(db::read_view& view, std::int64_t institution);
std::optional<order> find_without_lines(db::read_view& view, std::string_view number); // nor contact phone
std::optional<public_order> find_public(db::read_view& view, std::string_view number);

} // namespace core::appointment::store
