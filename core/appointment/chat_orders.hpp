// Orders as the chat lists them, one short line each: read often, so only what such a line shows is read.
#pragma once
#include "core/appointment/appointment.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace core::appointment {

struct chat_line {
    std::int64_t id = 0, applicant_id = 0;
    std::string number; // 12 digits
    order_status status = order_status::none;
    date day;
    int starts = 0, ends = 0, pieces = 0; // minutes of the day; instruments
    std::string reason;                   // of a rejection
    std::string time_words(date today) const;
};

// M32: newest first over these companies, at most `limit`. Nothing of the institution, no contact, no items.
std::vector<chat_line> list_for_chat(db::read_view& view, std::span<const std::int64_t> applicants,
                                     int limit = 10);

} // namespace core::appointment
