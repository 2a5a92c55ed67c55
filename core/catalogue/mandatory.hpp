// "Is it mandatory?" (domain.md 1): an instrument must be verified if its kind is in the catalogue to be
// verified and it is used for one of the purposes that the catalogue names for it. The same scale may be
// mandatory in a shop and not in a workshop, so a row alone does not answer. Advice: the institution decides
// when it reviews the filing.
#pragma once
#include "core/catalogue/catalogue.hpp"

namespace core::catalogue {

// What somebody says of the use beside its purpose.
enum class use {
    unknown,
    as_listed, // as the row's scope describes it
    otherwise  // another way, e.g. only within the unit
};

use use_of(std::string_view code); // of declared_uses; anything else: unknown

struct mandatory_question {
    std::int64_t catalogue_id = 0; // 0: not chosen yet
    std::string_view purpose;      // code, "" unknown
    use how = use::unknown;
    std::string_view instrument_type = "working"; // code; the catalogue speaks of working instruments only
};
struct mandatory_answer {
    mandatory answer = mandatory::ask;
    std::string reason;       // one or two Chinese sentences, with 。
    std::optional<entry> row; // quoted: of the version in force, when it goes on there
};
mandatory_answer ask_mandatory(db::read_view& view, const mandatory_question& q);

} // namespace core::catalogue
