// Asking for a change of what is filed: the company asks, the institution agrees or refuses (F12, F14).
// Nothing changes until it agrees. Not for filings under review: those are edited when given back.
#pragma once
#include "core/filing/filing.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::filing {

enum class request_kind { cancel, change }; // F12, F14
std::string_view text_of(request_kind k);   // 注销备案, 变更备案信息
// open (its institution's reviewers are told), then one of agreed, refused, withdrawn (by the company),
// lapsed (the filing ended meanwhile, F8).
std::span<const transition<std::string_view>> request_transitions();

inline constexpr std::array<label, 5> cancel_reasons = {
    {{"stopped", "停用"}, {"scrapped", "报废"}, {"sold", "转让"}, {"moved", "迁出本市"}, {"other", "其他"}}};

struct changed_field { // texts as of instrument::text_of
    std::string field, before, after;
};
struct request {
    std::int64_t id = 0, instrument_id = 0, applicant_id = 0, institution_id = 0;
    request_kind kind = request_kind::cancel;
    std::string status, why, note; // why: of cancel_reasons, "" for a change
    std::vector<changed_field> changes;
    instant asked_at, due_at;
    std::optional<instant> decided_at;
    std::string answer; // why it was refused
    std::string name, model, serial_no, applicant_name, institution_name;
};

// F12. Gives the request's id. Refuses not_found, stale_state (not filed), filing.cancel_reason (of
// cancel_reasons; `other` needs a note), filing.note (over 100 characters), filing.asked (one is open),
// filing.booked (in an open order).
result<std::int64_t> ask_cancel(db::write_tx& tx, const actor& who, std::int64_t instrument,
                                std::string_view why, std::string_view note);
struct new_value {
    std::string field, text;
};
// F14: fields that may not be edited while it is filed. Refuses as ask_cancel; filing.field (not such a
// field), filing.unchanged, filing.other_city (F12 and a new filing instead), what the instrument's form
// refuses, filing.type_evaluation, filing.same_serial; filing.not_mandatory when purpose, type or row change
// so that it no longer looks mandatory, unless `knowingly`.
result<std::int64_t> ask_change(db::write_tx& tx, const actor& who, std::int64_t instrument,
                                std::span<const new_value> values, std::string_view note,
                                bool knowingly = false);
result<> withdraw_request(db::write_tx& tx, const actor& who, std::int64_t id);

// By a reviewer of the institution that holds the filing. A change is checked again as it was when asked; a
// new catalogue row brings its period unless one is given (0: first verification only).
result<> agree_request(db::write_tx& tx, const actor& who, std::int64_t id,
                       std::optional<int> period_months = {});
result<> refuse_request(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason);
// By unfile_at_desk: an open request of a filing that ended.
void lapse_request(db::write_tx& tx, const actor& who, std::int64_t instrument);

// The company's own, the institution's, those of a regulator's region. Else not_found.
result<request> get_request(db::read_view& view, const actor& who, std::int64_t id);
std::optional<request> find_open_request(db::read_view& view, const actor& who, std::int64_t instrument);
struct request_key {
    std::int64_t time = 0, id = 0;
};
request_key key_of(const request& r);
// Staff: open ones of their institution, nearest deadline first. Company: all, newest first.
std::vector<request> list_requests(db::read_view& view, const actor& who, request_key after, int limit,
                                   std::int64_t institution = 0);

} // namespace core::filing
