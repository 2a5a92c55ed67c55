// The fields of Figure 8 as data (domain.md 5): form, validation, import, export and the template workbook go
// by this table and by nothing else. What a value must look like is said here; checker.hpp reads by it.
#pragma once
#include "core/catalogue/labels.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace core::instrument {

enum class field_id : std::uint8_t {
    name,
    model,
    measuring_range,
    accuracy_class,
    serial_no,
    own_no,
    manufacturer,
    origin,
    location_text,
    purchased_on,
    instrument_status,
    purpose,
    instrument_type,
    method,
    region_code,
    catalogue_l1,
    catalogue_id,
    institution_id,
    instrument_code,
    type_approval_no,
    filing_status,
    process_status,
    certificate_no,
    valid_until,
    tags,
    remark,
    material,
    type_evaluation,
    used_by
};

enum class filler {
    user,          // the company, while the filing status lets it (editable_fields)
    user_at_first, // the company until the first result, then the flow only (rows 23, 24)
    flow           // never the company (M38)
};

enum class field_type {
    line,      // one line of text
    paragraph, // text with line breaks
    words,     // words separated by blanks
    choice,    // one of `choices`: its code or its word
    date,      // YYYY-MM-DD
    region,    // the code of a place, or its path: 广东省/广州市/白云区
    catalogue, // the id of a catalogue row; or both levels by name
    reference, // given by the platform
    files      // attachments
};

enum class need {
    starred, // in the figure
    decided, // not in the figure, but required: whether an instrument is mandatory depends on it (purpose)
    none
};

struct field {
    field_id id;
    int row;                // in Figure 8; 0: not of the figure
    std::string_view name;  // in forms, errors and audit rows
    std::string_view label; // as in Figure 8: heading of the workbook's column
    need needed = need::none;
    field_type type = field_type::line;
    std::size_t most = 0;                 // characters; 0: limited by its type
    std::span<const core::label> choices; // of a choice
    std::string_view initial;             // what a blank choice becomes
    std::string_view hint;                // what to type, in the pages' language
    filler by = filler::user;

    constexpr bool is_required() const { return needed != need::none; }
    constexpr bool is_starred() const { return needed == need::starred; }
};

inline constexpr std::array<label, 6> filing_states = {{{"unfiled", "待备案"},
                                                        {"submitted", "审核中"},
                                                        {"dispatched", "分派中"},
                                                        {"filed", "备案成功"},
                                                        {"returned", "被退回"},
                                                        {"deleted", "已删除"}}};
inline constexpr std::array<label, 2> process_states = {{{"booked", "已预约"}, {"checked_in", "检定中"}}};

inline constexpr std::string_view files_hint = "jpg、jpeg、png、pdf、zip、rar，合计不超过 10 MB";

namespace figure_8 {
using enum field_id;
using enum need;
using enum filler;
constexpr field line(field_id id, int row, std::string_view key, std::string_view heading, need needed,
                     std::size_t most, std::string_view hint = "", filler by = user) {
    return {id, row, key, heading, needed, field_type::line, most, {}, "", hint, by};
}
constexpr field choice(field_id id, int row, std::string_view key, std::string_view heading, need needed,
                       std::span<const label> choices, std::string_view initial, std::string_view hint = "",
                       filler by = user) {
    return {id, row, key, heading, needed, field_type::choice, 0, choices, initial, hint, by};
}
constexpr field other(field_id id, int row, std::string_view key, std::string_view heading, need needed,
                      field_type type, std::string_view hint = "", filler by = user, std::size_t most = 0) {
    return {id, row, key, heading, needed, type, most, {}, "", hint, by};
}

// In the figure's order; a field's place is its field_id.
inline constexpr std::array<field, 29> rows = {
    line(name, 1, "name", "器具名称", starred, 100, "如：压力表"),
    line(model, 2, "model", "型号规格", starred, 100, "如：Y-100"),
    line(measuring_range, 3, "measuring_range", "测量范围", none, 100, "如：(0~1.6)MPa"),
    line(accuracy_class, 4, "accuracy_class", "准确度等级", none, 50, "如：1.6级"),
    line(serial_no, 5, "serial_no", "出厂编号", starred, 64, "铭牌上没有的填“无”，并填自编号"),
    line(own_no, 6, "own_no", "自编号", none, 64, "本单位自己的编号"),
    line(manufacturer, 7, "manufacturer", "生产厂家", starred, 200),
    choice(origin, 8, "origin", "生产地", none, origins, "domestic"),
    line(location_text, 9, "location_text", "安装使用地点", starred, 200, "如：一号车间锅炉房"),
    other(purchased_on, 10, "purchased_on", "购买日期", none, field_type::date, "不晚于今天"),
    choice(instrument_status, 11, "instrument_status", "器具状态", none, instrument_states, "new"),
    choice(purpose, 12, "purpose", "器具用途", decided, purposes, "", "按实际用途选择，用来判断是否强检"),
    choice(instrument_type, 13, "instrument_type", "器具类型", none, instrument_types, "working"),
    choice(method, 14, "method", "检定方式", starred, methods, ""),
    other(region_code, 15, "region_code", "所在地", starred, field_type::region, "如：广东省/广州市/白云区"),
    other(catalogue_l1, 16, "catalogue_l1", "种别", starred, field_type::catalogue),
    other(catalogue_id, 17, "catalogue_id", "类别", starred, field_type::catalogue, "按强检目录选择"),
    other(institution_id, 18, "institution_id", "检定机构", none, field_type::reference, "", flow),
    other(instrument_code, 19, "instrument_code", "器具编码", none, field_type::reference, "", flow),
    line(type_approval_no, 20, "type_approval_no", "型式证书号", none, 50, "如：2014F211-44"),
    choice(filing_status, 21, "filing_status", "备案状态", none, filing_states, "", "", flow),
    choice(process_status, 22, "process_status", "流程状态", none, process_states, "", "", flow),
    line(certificate_no, 23, "certificate_no", "检定证书号", none, 64, "已有证书的填其编号", user_at_first),
    other(valid_until, 24, "valid_until", "有效期至", none, field_type::date, "已有证书的填其有效期",
          user_at_first),
    other(tags, 25, "tags", "自定义标签", none, field_type::words, "多个标签用空格隔开", user, 200),
    other(remark, 26, "remark", "备注", none, field_type::paragraph, "", user, 500),
    other(material, 27, "material", "相关资料", none, field_type::files, files_hint),
    other(type_evaluation, 28, "type_evaluation", "型式评价报告", none, field_type::files, files_hint),
    // domain.md 13.9: a market operator holds the instruments of its stall-holders.
    line(used_by, 0, "used_by", "实际使用人", none, 100, "代他人登记时填写，如档口名称"),
};
} // namespace figure_8
inline constexpr auto& fields = figure_8::rows;

static_assert([] {
    for (std::size_t n = 0; n < fields.size(); ++n)
        if (static_cast<std::size_t>(fields[n].id) != n) return false;
    return true;
}());

constexpr const field& field_of(field_id id) {
    return fields[static_cast<std::size_t>(id)];
}
constexpr const field* find_field(std::string_view name) {
    for (const auto& f : fields)
        if (f.name == name) return &f;
    return nullptr;
}
// Typed by people: what add() asks a draft for. Files and what the flow gives are not.
constexpr bool is_typed(const field& f) {
    return f.by != filler::flow && f.type != field_type::files;
}

// What somebody typed or a file holds, as texts by field; nothing else of a request gets through (guarantees
// S3).
class draft {
  public:
    draft() = default;
    // Asks `text_of(name)` for every typed field.
    template<class F>
    requires std::is_invocable_r_v<std::string, F&, std::string_view> &&
        (!std::is_same_v<std::remove_cvref_t<F>, draft>)draft(F&& text_of) {
        for (const auto& f : fields)
            if (is_typed(f)) set(f.id, text_of(f.name));
    }
    void set(field_id id, std::string text) { texts_[static_cast<std::size_t>(id)] = std::move(text); }
    const std::string& text(field_id id) const { return texts_[static_cast<std::size_t>(id)]; }

  private:
    std::array<std::string, fields.size()> texts_;
};

} // namespace core::instrument
