#include "core/catalogue/mandatory.hpp"

#include "core/catalogue/labels.hpp"

namespace core::catalogue {
namespace {

// The scope names cases or leaves some out: its purpose alone does not say whether an instrument is one of
// them.
bool has_conditions(const entry& e) {
    for (const std::string_view sign : {"不强检", "1.", "仅", "除外"})
        if (e.scope.find(sign) != std::string::npos) return true;
    return false;
}

std::string purposes_text(const entry& e) {
    std::string all;
    for (const auto& p : purposes)
        if (e.purposes.find(p.code) != std::string::npos) all.append(all.empty() ? "" : "、").append(p.text);
    return all;
}

std::string quoted(const entry& e) {
    return "“" + e.l2 + "”";
}

mandatory_answer judge(const entry& e, const mandatory_question& q) {
    const std::string scope = e.scope.empty() ? std::string() : "目录的范围：" + e.scope + "。";
    if (e.standing == row_standing::dropped)
        return {mandatory::no, "现行强检目录已不再列入" + quoted(e) + "。", e};
    if (e.supervision == "P") return {mandatory::no, quoted(e) + "只需型式批准，使用中不强制检定。", e};
    if (q.instrument_type == "standard") // domain.md 1; 计量法 art. 9 has rules of its own for standards
        return {mandatory::ask, "强检目录列的是工作计量器具，计量标准是否备案由技术机构判断。", e};
    if (e.purposes.empty()) return {mandatory::ask, "目录没有写明" + quoted(e) + "的强检用途。" + scope, e};
    if (q.purpose.empty())
        return {mandatory::ask,
                "用于" + purposes_text(e) + "时，" + quoted(e) + "须强制检定，请选择器具用途。", e};
    if (is_mandatory(e, q.purpose) == mandatory::no)
        return {mandatory::no,
                quoted(e) + "用于" + purposes_text(e) + "时才强制检定，所选用途是" +
                    std::string(text_of(purposes, q.purpose)) + "。",
                e};
    if (q.how == use::otherwise) return {mandatory::no, "不在目录所列的使用范围内。" + scope, e};
    if (q.how == use::unknown && has_conditions(e))
        return {mandatory::ask, "是否强检要看使用情况。" + scope, e};
    if (!e.is_verified_periodically())
        return {mandatory::yes, quoted(e) + "须强制检定，方式：" + e.verification + "。", e};
    return {mandatory::yes, quoted(e) + "用于" + purposes_text(e) + "时须定期强制检定。", e};
}

} // namespace

use use_of(std::string_view code) {
    if (code == "listed") return use::as_listed;
    return code == "otherwise" ? use::otherwise : use::unknown;
}

mandatory is_mandatory(const entry& e, std::string_view purpose) {
    if (e.supervision == "P" || e.standing == row_standing::dropped) return mandatory::no;
    if (e.purposes.empty()) return mandatory::ask;
    return e.purposes.find(purpose) == std::string::npos ? mandatory::no : mandatory::yes;
}

mandatory_answer ask_mandatory(db::read_view& view, const mandatory_question& q) {
    auto row = find_entry(view, q.catalogue_id);
    if (!row) return {mandatory::ask, "请先按器具的种类选择强检目录。", std::nullopt};
    for (int steps = 0; row->successor_id != 0 && steps < 16; ++steps) // through the versions in between
        if (auto next = find_entry(view, row->successor_id))
            row = std::move(next);
        else
            break;
    return judge(*row, q);
}

} // namespace core::catalogue
