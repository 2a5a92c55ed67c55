// SQL of filings: guarded updates, return reasons, what is learned from accepted filings.
#pragma once
#include "core/base/ids.hpp"
#include "core/filing/filing.hpp"

#include <cstdint>

namespace core::filing::store {

struct change { // absent: stays as it is
    std::int64_t id = 0, version = 0;
    std::string_view from, to;
    std::optional<std::int64_t> handler, origin_handler; // origin_handler 0: nobody
    std::optional<std::int64_t> institution;             // absent: none any more
    std::optional<std::int64_t> catalogue;
    std::optional<std::string> return_kind; // absent: none any more
    std::string return_reason;
    std::optional<int> period_months; // 0: first verification only
    std::optional<std::string> instrument_code;
    std::optional<std::string> declared_use;
    std::optional<instant> due_at; // absent: nobody must act any more
    bool submitted_now = false;
};
bool apply(db::write_tx& tx, const change& c); // false: changed meanwhile
std::int64_t origin_handler(db::read_view& view, std::int64_t id);
std::string next_instrument_code(db::write_tx& tx, std::string_view region_code,
                                 std::uint32_t (*draw)(std::uint32_t) = random_below);

std::vector<return_reason> list_reasons(db::read_view& view, std::int64_t institution);
void replace_reasons(db::write_tx& tx, std::int64_t institution, std::span<const return_reason> list);
void put_filing_reasons(db::write_tx& tx, std::int64_t instrument, std::span<const return_reason> chosen);
std::vector<return_reason> list_filing_reasons(db::read_view& view, std::int64_t instrument);

// Name, model and maker, normalised (domain.md 8.3): filings with the same key are of one model.
std::string model_key(const instrument::instrument& i);
struct learned {
    const instrument::instrument& what; // gives model and city
    std::int64_t catalogue_id = 0;
    int period_months = 0; // 0: first only
    std::int64_t institution_id = 0;
};
void learn(db::write_tx& tx, const learned& seen);

} // namespace core::filing::store
