// One instrument of an order (domain.md 6.4), and the result of its verification.
// Lines are changed only by the verbs of appointment.hpp.
#pragma once
#include "core/base/clock.hpp"
#include "core/catalogue/labels.hpp"
#include "core/db/transaction.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace core::appointment {

enum class line_status { booked, checked_in, passed, failed, not_tested, returned, dropped };
std::string_view code_of(line_status s);           // as stored: "checked_in"
line_status line_status_of(std::string_view code); // throws for anything else
status_tag line_tag(line_status s);                // 已预约, 检定中, 合格 …
constexpr bool is_open(line_status s) {            // the instrument is taken by the order
    return s == line_status::booked || s == line_status::checked_in;
}
constexpr bool has_result(line_status s) {
    return s == line_status::passed || s == line_status::failed || s == line_status::not_tested;
}

// Why the desk returns a line; F8 tells the text. Codes stay, texts may be reworded.
inline constexpr std::array<label, 9> desk_reasons = {{{"serial_no", "出厂编号与备案不符"},
                                                       {"model", "型号规格与备案不符"},
                                                       {"manufacturer", "生产厂家与备案不符"},
                                                       {"plate", "铭牌缺失或无法辨认"},
                                                       {"accessory", "附件不齐"},
                                                       {"dirty", "未清洁或未泄压"},
                                                       {"damaged", "外观损坏或不能工作"},
                                                       {"not_mandatory", "不属于强检范围"},
                                                       {"other", "其他"}}};

struct line {
    std::int64_t id = 0, instrument_id = 0;
    line_status status = line_status::booked;
    std::string reason;      // returned, not tested
    std::string reason_code; // returned: of desk_reasons
    std::string l1, l2;      // as filed when booked
    std::string name, model, serial_no, own_no, measuring_range, accuracy_class,
        manufacturer; // of the instrument
    std::string instrument_code, location_text;
    std::optional<int> period_months;
    int result_version = 0;                                                // 0: none yet
    std::string certificate_no, failed_items, verifier, checker, approver; // of the newest version
    std::int64_t result_id = 0;                                            // likewise
    bool has_file = false;                                                 // its PDF is there
    std::optional<date> verified_on, valid_until;
};

// 压力表 3、电子天平 1 等 4 种
std::string summarise(std::span<const line> lines);

// What a verifier enters for a line; `result` is a code of core::results.
struct line_result {
    std::int64_t line_id = 0;
    std::string result; // passed, failed, not_tested
    std::string certificate_no;
    std::optional<date> verified_on, valid_until; // valid_until absent: as proposed
    std::string failed_items;                     // 不合格项; for not_tested why it was not
    std::string verifier, checker, approver;
};

// The rule results.less_one_day: does a period of 12 months end the day before (common practice), or on the
// same day of the month (domain.md 10)?
bool is_less_one_day(db::read_view& view, std::int64_t institution);
// Month arithmetic clamps: 31 August + 6 months = 28 or 29 February.
date propose_valid_until(date verified_on, int period_months, bool less_one_day);

} // namespace core::appointment
