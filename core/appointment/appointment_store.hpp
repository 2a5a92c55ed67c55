// SQL of appointments: orders, lines, results, slots.
#pragma once
#include "core/appointment/appointment.hpp"

namespace core::appointment::store {

// slots
std::vector<slot> list_slots(db::read_view& view, std::int64_t institution, std::string_view method,
                             date day);
std::optional<std::string> find_exception(db::read_view& view, std::int64_t institution, date day);
bool take(db::write_tx& tx, std::int64_t institution, std::string_view method, date day, int starts,
          int pieces, int most, int most_orders);
void give_back(db::write_tx& tx, std::int64_t institution, std::string_view method, date day, int starts,
               int pieces);
void put_pattern(db::write_tx& tx, std::int64_t institution, std::string_view method, int weekday,
                 const slot& s);

// orders
bool has_number(db::read_view& view, std::string_view number);
void insert_order(db::write_tx& tx, const order& o, std::int64_t created_by);
void insert_line(db::write_tx& tx, std::int64_t order, std::int64_t instrument);
struct change {
    std::int64_t id = 0;
    std::string_view from, to;
    std::string reason;
    bool closes = false;
    std::optional<date> suggested_day;
    std::optional<int> suggested_starts;
};
bool apply(db::write_tx& tx, const change& c);
bool apply_move(db::write_tx& tx, const order& o, std::string_view to, date day, int starts, int ends,
                instant due);
bool set_line(db::write_tx& tx, std::int64_t line, std::string_view from, std::string_view to,
              std::string_view reason);
void drop_lines(db::write_tx& tx, std::int64_t order);
std::optional<order> find(db::read_view& view, std::int64_t id);
std::vector<line> list_lines(db::read_view& view, std::int64_t order);
std::int64_t id_of(db::read_view& view, std::string_view number);
int result_version(db::read_view& view, std::int64_t line);
bool has_certificate(db::read_view& view, std::int64_t institution, std::string_view number,
                     std::int64_t except_line);
void insert_result(db::write_tx& tx, std::int64_t institution, std::int64_t recorded_by, int version,
                   const line_result& r);
std::vector<std::int64_t> list_expired(db::read_view& view, instant now, date today, int most);

} // namespace core::appointment::store
