// SQL of filings: the guarded updates and the work lists.
#pragma once
#include "core/filing/filing.hpp"

namespace core::filing::store {

struct change {
    std::int64_t id = 0;
    std::string_view from, to;
    std::optional<std::int64_t> handler, origin_handler, institution;
    std::optional<std::string> return_kind;
    std::string return_reason;
    std::optional<int> period_months;
    std::optional<std::string> instrument_code; // nullopt keeps it
    bool submitted_now = false;
};
bool apply(db::write_tx& tx, const change& c); // false: not in `from` any more
std::int64_t origin_handler(db::read_view& view, std::int64_t id);
bool has_open_filing(db::read_view& view, std::span<const std::int64_t> ids);
std::string next_instrument_code(db::write_tx& tx, std::string_view region_code);

} // namespace core::filing::store
