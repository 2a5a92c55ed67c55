// Why a filing is given back (F3), as data: a list per institution, defaults of the platform, defaults of the
// program. A reason names the field it is about, so that the company's form can mark it.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::filing {

// incomplete: correct and submit again (M21); not_mandatory: delete (M22).
enum class return_kind { incomplete, not_mandatory };
std::string_view code_of(return_kind k);

struct return_reason {
    std::string code; // a-z 0-9 _, at most 32
    return_kind kind = return_kind::incomplete;
    std::string field; // of instrument::fields, type_evaluation, material, or empty
    std::string text;  // 1..20 characters: fits WeChat's thing value whole
};

// The list a reviewer chooses from: of the actor's institution, else of the platform, else the shipped one.
std::vector<return_reason> list_return_reasons(db::read_view& view, const actor& who);
// Replaces the list of the actor's institution (institution_admin) or of the platform (platform_admin); an
// empty one goes back to the defaults. Refuses not_allowed, filing.reason_list with the field `code_<n>`,
// `field_<n>` or `text_<n>`, at most 40 reasons.
result<> set_return_reasons(db::write_tx& tx, const actor& who, std::span<const return_reason> list);

struct given_reasons {
    return_kind kind = return_kind::incomplete;
    std::vector<std::string> codes; // of list_return_reasons, at most 10
    std::string note;               // free text, at most 100 characters
};
struct checked_reasons {
    std::vector<return_reason> chosen;
    std::string text; // what the company reads: 铭牌看不清；出厂编号不符。请补拍
};
// Refuses filing.reason (neither code nor text, or over 100 characters) with field `reason`,
// filing.reason_code (unknown, of the other kind, too many) with field `code`.
result<checked_reasons> check_reasons(db::read_view& view, const actor& who, const given_reasons& why);

} // namespace core::filing
