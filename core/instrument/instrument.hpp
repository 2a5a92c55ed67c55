// An instrument of a company: the fields of Figure 8 (domain.md 5), their rules, who may see and edit it.
// Its filing states are changed by core/filing only, its results by core/appointment through record_result.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/catalogue/capability.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/catalogue/labels.hpp"
#include "core/db/transaction.hpp"
#include "core/instrument/field.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::instrument {

class checker;

struct instrument {
    std::int64_t id = 0, applicant_id = 0, catalogue_id = 0, version = 0;
    std::string name, model, measuring_range, accuracy_class, serial_no, own_no, manufacturer, origin,
        location_text;
    std::string instrument_status, purpose, instrument_type, method, region_code, type_approval_no, tags,
        remark, used_by;
    std::optional<date> purchased_on, verified_on, valid_until;
    std::string instrument_code, filing_status, return_kind, return_reason, certificate_no;
    std::int64_t handler_id = 0, origin_handler_id = 0, institution_id = 0; // 0: none
    std::optional<int> period_months;
    std::optional<instant> submitted_at;
    bool barred = false;
    instant filing_at, created_at;
    std::string declared_use; // of core::declared_uses, said when submitted; "" when not, or asked anew since
    std::string line_status;  // of the open order, "" when free (流程状态)
    std::string institution_name, l1, l2, supervision, applicant_name; // joined
    std::string search_name; // of its company: what staff find it by
    std::string due_kind;    // how its validity ends: book, replace, barred, never; "" of no concern
    std::string standing;    // of its catalogue row: current, continued, dropped ("no longer mandatory")
    // The value of any field but files, as it is stored: codes of choices, ids of rows, "" for none.
    std::string text_of(field_id which) const;
    std::string text_of(std::string_view field_name) const; // "" for an unknown name
    void set_text(field_id which, std::string text);        // of a line, a choice, words; else throws
    // No number on the plate (“无”, “/”): its own number tells it apart (domain.md 8.3).
    bool is_numberless() const;
};
bool is_numberless(std::string_view serial_no);

status_tag filing_tag(std::string_view filing_status); // 待备案 审核中 分派中 已备案 被退回
std::string_view process_text(std::string_view line_status); // 流程状态 in words
// What its certificate is worth today (domain.md 6.4): 有效, 即将到期, 已过期; a failed one is 不合格，禁用,
// and one whose filing was taken back is 备案已撤销 whatever its date says. Both empty without a certificate.
// The setting due.lead_days (60): how long before its end a validity counts as ending soon.
int lead_days(db::read_view& view);
status_tag validity_tag(const instrument& i, date today, int lead_days);

// F0. Refuses invalid with every wrong field at once; not_allowed to anyone but a company.
result<std::int64_t> add(db::write_tx& tx, const actor& who, const draft& d);
// As add() for one of many rows, checked by `rows` for less: the import's loop.
result<std::int64_t> add(db::write_tx& tx, const actor& who, const draft& d, checker& rows);
// Puts in what a checker has read in this transaction, for callers that look at it in between.
result<std::int64_t> add_checked(db::write_tx& tx, const actor& who, instrument i);
const std::vector<field_id>& typed_fields(); // what a checker reads of a new instrument
// What editable_fields gives. Refuses not_found, not_allowed (instrument.under_review), stale_state (somebody
// saved meanwhile), invalid as add().
result<> edit(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t version, const draft& d);
// domain.md 6.2: everything typed in unfiled and returned, but certificate_no and valid_until only until the
// first result; own_no, tags, remark, location_text when filed; nothing while under review.
std::vector<field_id> editable_fields(const instrument& i);
bool may_edit(const instrument& i, field_id id);

// For changes that go another way than edit (F14): `stored` with the given fields read from the draft,
// unsaved.
result<instrument> read_changes(db::read_view& view, const instrument& stored, const draft& d,
                                std::span<const field_id> which);
// Saves `after` where `before` was read, with an audit row of this verb and what differs. Refuses
// stale_state. Checks nobody's right: for the verbs of core/filing.
result<> save(db::write_tx& tx, const actor& who, const instrument& before, const instrument& after,
              std::string_view verb);

// 停用 and 报废 are not filed or booked.
bool is_in_service(const instrument& i);
catalogue::need need_of(const instrument& i); // what an institution must be able to do for it

// The company's own; staff: what is or was filed, handled or booked with their institution. Else not_found.
result<instrument> get(db::read_view& view, const actor& who, std::int64_t id);
// Several at once, each as get() answers, in the order of the ids.
std::vector<result<instrument>> get_all(db::read_view& view, const actor& who,
                                        std::span<const std::int64_t> ids);

// Whether another one on the platform with the same maker, model and serial number after normalising is filed
// or under review: the block on a second open filing (domain.md 8.3), however many copies there are.
bool has_open_same(db::read_view& view, const instrument& i);
// What a page may say of it: the company's own by id, others' only by whether there is one.
struct repeats {
    std::vector<std::int64_t>
        own;                   // same maker, model and serial number; or same name, model and serial number
    bool is_elsewhere = false; // another company has entered the same maker, model and serial number
};
repeats find_repeats(db::read_view& view, const actor& who, const instrument& i);
// repeats::is_elsewhere alone, for files of many rows.
bool is_elsewhere(db::read_view& view, const instrument& i);
// The company's own with the same name, model and serial number (own number, when it has none): what a file
// must not enter a second time.
std::optional<std::int64_t> find_entered(db::read_view& view, const actor& who, const instrument& i);
// Doubts that stop nothing: repeats, a type approval number of an unusual form (8.4), a validity that is
// over.
std::vector<error> list_doubts(db::read_view& view, const actor& who, const instrument& i);

// The outcome of a verification, written by core/appointment in its own transaction.
struct outcome {
    bool passed = false, failed = false;
    std::string certificate_no;
    std::optional<date> verified_on, valid_until;
};
void record_outcome(db::write_tx& tx, std::int64_t id, const outcome& o);
// A pass that ended 新增 or 维修 was a mistake: 器具状态 is again what it was before it.
void take_back_status(db::write_tx& tx, std::int64_t id, std::string_view before);
// Its only outcome was a mistake: certificate and validity are again what the company had typed, and its own.
void forget_outcomes(db::write_tx& tx, std::int64_t id);

} // namespace core::instrument
