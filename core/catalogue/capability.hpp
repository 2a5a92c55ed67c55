// Who can verify what (M19): institution × catalogue row (or a whole upper level) × method, and whether
// companies may choose it for that or only be sent there by dispatch. Rows name the catalogue by its words,
// so that they outlive its versions. An institution without a single row counts as able to do everything: one
// that has not stated its matrix yet must not be cut off from work; the first row makes the matrix the rule.
#pragma once
#include "core/catalogue/catalogue.hpp"

#include <span>

namespace core::catalogue {

struct capability {
    std::int64_t id = 0, institution_id = 0;
    std::string l1, l2; // l2 "": every row of l1
    std::string method; // deliver, onsite
    bool direct = true; // false: only by dispatch; counts beside institution::direct, never instead of it
};

// What has to be done for an instrument.
struct need {
    std::string l1, l2, method;
    friend bool operator==(const need&, const need&) = default;
};
enum class reach { any, direct };
bool can_verify(db::read_view& view, std::int64_t institution, const need& n, reach r = reach::any);

// Active institutions that companies of this region may choose and that can do all of it: of the county and
// the city, else the province's, which need not be `direct` (what cannot be done here goes one level up:
// 实施细则 art. 11). M19, M24.
std::vector<institution> list_direct(db::read_view& view, std::string_view region_code,
                                     std::span<const need> needs);
// The counties of list_counties_of that can do it, that of `region_code` first: for dispatch, F6.
std::vector<institution> list_able_counties(db::read_view& view, const institution& city, const need& n,
                                            std::string_view region_code);

std::vector<capability> list_capabilities(db::read_view& view, std::int64_t institution); // by l1, l2, method
// Adds it, or changes `direct` of the one there is. platform_admin, or institution_admin for its own. Refuses
// not_found (institution), not_allowed, invalid (capability.row, capability.method, with field).
result<std::int64_t> put_capability(db::write_tx& tx, const actor& who, const capability& c);
result<> remove_capability(db::write_tx& tx, const actor& who, std::int64_t id);

} // namespace core::catalogue
