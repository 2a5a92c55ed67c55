#include "core/filing/reason.hpp"

#include "core/base/text.hpp"
#include "core/filing/filing_store.hpp"
#include "core/instrument/instrument.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>
#include <array>

namespace core::filing {
namespace {

struct shipped_reason {
    std::string_view code;
    return_kind kind;
    std::string_view field, text;
};
constexpr std::array<shipped_reason, 12> shipped = {{
    {"photo_unclear", return_kind::incomplete, "material", "铭牌照片看不清，请补拍"},
    {"paper_missing", return_kind::incomplete, "material", "缺少相关资料，请补充"},
    {"type_paper", return_kind::incomplete, "type_evaluation", "型式评价证书缺失或不符"},
    {"name_differs", return_kind::incomplete, "name", "器具名称与铭牌不符"},
    {"model_differs", return_kind::incomplete, "model", "型号规格与铭牌不符"},
    {"serial_differs", return_kind::incomplete, "serial_no", "出厂编号与铭牌不符"},
    {"maker_differs", return_kind::incomplete, "manufacturer", "生产厂家与铭牌不符"},
    {"wrong_kind", return_kind::incomplete, "catalogue_id", "种别、类别选择有误"},
    {"wrong_place", return_kind::incomplete, "location_text", "安装使用地点不够具体"},
    {"filed_elsewhere", return_kind::incomplete, "serial_no", "该器具已备案，请核对是否重复"},
    {"not_in_catalogue", return_kind::not_mandatory, "catalogue_id", "不属于强检目录"},
    {"other_use", return_kind::not_mandatory, "purpose", "用途不属于强制检定范围"},
}};
constexpr std::size_t most_reasons = 40, most_chosen = 10, most_text = 20, most_note = 100;

bool is_code(std::string_view s) {
    return !s.empty() && s.size() <= 32 && std::all_of(s.begin(), s.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

bool is_field(std::string_view s) {
    return s.empty() || s == "material" || s == "type_evaluation" ||
           std::any_of(instrument::fields.begin(), instrument::fields.end(),
                       [&](const auto& f) { return f.name == s; });
}

result<std::vector<return_reason>> check_list(std::span<const return_reason> list) {
    std::vector<return_reason> all;
    if (list.size() > most_reasons) return error(errc::too_many, "filing.reason_list");
    for (std::size_t n = 0; n < list.size(); ++n) {
        return_reason r = list[n];
        r.text = tidy_line(r.text);
        const auto refused = [&](std::string_view part) {
            return error(errc::invalid, "filing.reason_list", std::string(part) + "_" + std::to_string(n));
        };
        const bool twice =
            std::any_of(all.begin(), all.end(), [&](const auto& other) { return other.code == r.code; });
        if (!is_code(r.code) || twice) return refused("code");
        if (!is_field(r.field)) return refused("field");
        if (!is_utf8(r.text) || r.text.empty() || count_characters(r.text) > most_text)
            return refused("text");
        all.push_back(std::move(r));
    }
    return all;
}

value value_of(std::span<const return_reason> list) {
    value all = value::array();
    for (const auto& r : list)
        all.push(value::object()
                     .set("code", r.code)
                     .set("kind", code_of(r.kind))
                     .set("field", r.field)
                     .set("text", r.text));
    return all;
}

} // namespace

std::string_view code_of(return_kind k) {
    return k == return_kind::incomplete ? "incomplete" : "not_mandatory";
}

std::vector<return_reason> list_return_reasons(db::read_view& view, const actor& who) {
    auto list = store::list_reasons(view, who.institution_id);
    if (list.empty() && who.institution_id != 0) list = store::list_reasons(view, 0);
    if (list.empty())
        for (const auto& r : shipped)
            list.push_back({std::string(r.code), r.kind, std::string(r.field), std::string(r.text)});
    return list;
}

result<> set_return_reasons(db::write_tx& tx, const actor& who, std::span<const return_reason> list) {
    const bool own =
        who.kind == actor_kind::staff && who.institution_id != 0 && who.roles.has(role::institution_admin);
    const bool platform = who.kind == actor_kind::staff && who.institution_id == 0 && who.is_platform();
    if (!own && !platform) return error(errc::not_allowed);
    const auto checked = check_list(list);
    if (!checked) return checked.error();
    const auto before = store::list_reasons(tx, who.institution_id);
    store::replace_reasons(tx, who.institution_id, *checked);
    audit::append(tx, who,
                  {.verb = "set_return_reasons",
                   .subject_kind = "institution",
                   .subject_id = who.institution_id,
                   .before = value::object().set("reasons", value_of(before)),
                   .after = value::object().set("reasons", value_of(*checked)),
                   .institution_id = who.institution_id});
    return {};
}

result<checked_reasons> check_reasons(db::read_view& view, const actor& who, const given_reasons& why) {
    checked_reasons all;
    const std::string note = tidy_line(why.note);
    if (!is_utf8(note) || count_characters(note) > most_note || (note.empty() && why.codes.empty()))
        return error(errc::invalid, "filing.reason", "reason");
    if (why.codes.size() > most_chosen) return error(errc::invalid, "filing.reason_code", "code");
    const auto known = list_return_reasons(view, who);
    for (const auto& code : why.codes) {
        const auto at = std::find_if(known.begin(), known.end(),
                                     [&](const auto& r) { return r.code == code && r.kind == why.kind; });
        if (at == known.end()) return error(errc::invalid, "filing.reason_code", "code");
        const bool twice =
            std::any_of(all.chosen.begin(), all.chosen.end(), [&](const auto& r) { return r.code == code; });
        if (twice) continue;
        all.text += (all.text.empty() ? "" : "；") + at->text;
        all.chosen.push_back(*at);
    }
    if (!note.empty()) all.text += (all.text.empty() ? "" : "。") + note;
    return all;
}

} // namespace core::filing
