// SQL of requests to change what is filed.
#pragma once
#include "core/filing/request.hpp"

namespace core::filing::store {

void insert_request(db::write_tx& tx, const request& r, std::int64_t asked_by);
bool close_request(db::write_tx& tx, std::int64_t id, std::string_view from, std::string_view to,
                   std::string_view answer, std::int64_t decided_by); // false: not in `from` any more
std::optional<request> find_request(db::read_view& view, std::int64_t id);
std::optional<request> find_open_request(db::read_view& view, std::int64_t instrument);
std::vector<request> list_open_requests(db::read_view& view, std::int64_t institution, request_key after,
                                        int limit);
std::vector<request> list_requests_of(db::read_view& view, std::int64_t applicant, std::int64_t before,
                                      int limit);
void set_period(db::write_tx& tx, std::int64_t id, int period_months); // of an instrument; 0: first only

} // namespace core::filing::store
