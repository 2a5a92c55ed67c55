// Orders as the chat lists them, one short line each: read often, so only what such a line shows is read.
#pragma once
#include "core/appointment/appointment.hpp"

#include <span>
#include <vector>

namespace core::appointment {

// M32: newest first over these companies. Filled are id, number, status, method, day, starts, ends, pieces,
// reason and applicant_name; nothing of the institution, no contact, no lines.
std::vector<order> list_for_chat(db::read_view& view, std::span<const std::int64_t> applicants,
                                 int limit = 10);

} // namespace core::appointment
