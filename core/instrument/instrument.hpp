// An instrument of a company: the fields of Figure 8 (domain.md 5), their rules, who may see and edit it.
// Its filing states are changed by core/filing only, its results by core/appointment through record_result.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/catalogue/labels.hpp"
#include "core/db/transaction.hpp"

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::instrument {

// One row per field that a person fills; forms, validation and import go by it. Stars as in the manual.
struct field {
    std::string_view name, label;
    bool required;
    std::size_t most; // characters; 0: an enumeration, date or choice checked otherwise
};
inline constexpr std::array<field, 19> fields = {{{"name", "器具名称", true, 100},
                                                  {"model", "型号规格", true, 100},
                                                  {"measuring_range", "测量范围", false, 100},
                                                  {"accuracy_class", "准确度等级", false, 50},
                                                  {"serial_no", "出厂编号", true, 64},
                                                  {"own_no", "自编号", false, 64},
                                                  {"manufacturer", "生产厂家", true, 200},
                                                  {"origin", "生产地", true, 0},
                                                  {"purchased_on", "购买日期", false, 0},
                                                  {"instrument_status", "器具状态", true, 0},
                                                  {"purpose", "器具用途", true, 0},
                                                  {"instrument_type", "器具类型", true, 0},
                                                  {"catalogue_id", "种别、类别", true, 0},
                                                  {"method", "检定方式", true, 0},
                                                  {"type_approval_no", "型式证书号", false, 50},
                                                  {"location_text", "安装使用地点", true, 200},
                                                  {"region_code", "所在地", true, 0},
                                                  {"tags", "自定义标签", false, 200},
                                                  {"remark", "备注", false, 500}}};

// What a form gives: texts by field name; anything else is ignored (guarantees S3).
using draft = std::function<std::string(std::string_view field)>;

struct instrument {
    std::int64_t id = 0, applicant_id = 0, catalogue_id = 0, version = 0;
    std::string name, model, measuring_range, accuracy_class, serial_no, own_no, manufacturer, origin,
        location_text;
    std::string instrument_status, purpose, instrument_type, method, region_code, type_approval_no, tags,
        remark;
    std::optional<date> purchased_on, verified_on, valid_until;
    std::string instrument_code, filing_status, return_kind, return_reason, certificate_no;
    std::int64_t handler_id = 0, institution_id = 0; // 0: none
    std::optional<int> period_months;
    std::optional<instant> submitted_at;
    bool barred = false;
    instant filing_at, created_at;
    std::string line_status; // of the open order, "" when free (流程状态)
    std::string institution_name, l1, l2, supervision, applicant_name; // joined
    std::string text_of(std::string_view field) const;                 // present value of a form field
};

status_tag filing_tag(std::string_view filing_status); // 待备案 审核中 分派中 已备案 被退回
std::string_view process_text(std::string_view line_status); // 流程状态 in words

// F0. Refuses invalid with every wrong field at once.
result<std::int64_t> add(db::write_tx& tx, const actor& who, const draft& d);
// Everything in unfiled and returned; only own_no, tags, remark, location_text when filed; nothing while
// under review. Refuses not_found, not_allowed (instrument.under_review), stale_state (somebody saved
// meanwhile).
result<> edit(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t version, const draft& d);
// Which fields may be edited now; empty: none.
std::vector<std::string_view> editable_fields(const instrument& i);

// The company's own; staff: what is or was filed, handled or booked with their institution. Else not_found.
result<instrument> get(db::read_view& view, const actor& who, std::int64_t id);

struct filter {
    std::string status;    // filing status, "" any
    std::string text;      // part of name, model, serial, own number or tag
    std::string due;       // "soon": valid for 60 days at most, "over": past
    bool bookable = false; // filed and not in an open order
};
// Newest first, after `after` (0: from the start), at most `limit`. The actor's own; institutions have their
// work lists (core/filing).
std::vector<instrument> list(db::read_view& view, const actor& who, const filter& f, std::int64_t after,
                             int limit);
struct counts {
    int total = 0, unfiled = 0, in_review = 0, returned = 0, filed = 0, due_soon = 0;
};
counts count(db::read_view& view, const actor& who);

// Of others on the platform: maker, model and serial number the same after normalising (domain.md 8.3).
std::vector<std::int64_t> find_same(db::read_view& view, const instrument& i);

// The outcome of a verification, written by core/appointment in its own transaction.
struct outcome {
    bool passed = false, failed = false;
    std::string certificate_no;
    std::optional<date> verified_on, valid_until;
};
void record_outcome(db::write_tx& tx, std::int64_t id, const outcome& o);

} // namespace core::instrument
