// Reference data: the mandatory catalogue, regions, institutions, working days. Versioned and replaceable by
// import; nothing here is a constant of law.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/base/value.hpp"
#include "core/db/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::catalogue {

// A row against the version in force: of it; of an older one and continued there; fallen out ("no longer
// mandatory", domain.md 13.3).
enum class row_standing { current, continued, dropped };

inline constexpr int assumed_period_months = 12; // of a periodic row whose period nothing tells

struct entry {
    std::int64_t id = 0;
    std::string l1, l2;      // 项别 (upper), 种别 (lower): domain.md 13.1
    std::string supervision; // P, V, P+V
    std::string verification, scope, purposes, verified;
    std::optional<int> period_months;
    row_standing standing = row_standing::current;
    std::int64_t version_id = 0, successor_id = 0; // row it goes on as in a later version; 0: none
    std::string official_no, source;               // where its words were seen
    std::string replaces; // l1/l2 of earlier rows that go on as this one, parted by ;

    bool needs_type_evaluation() const { return supervision == "P+V"; } // M14
    bool is_verified_periodically() const { return verification.find("周期") != std::string::npos; }
};

// What pages call the two levels: settings labels.catalogue_l1 and labels.catalogue_l2, else the manual's
// 种别 and 类别 (domain.md 13.1). Workbooks keep the manual's headings.
struct level_words {
    std::string upper, lower;
};
level_words words_of_levels(db::read_view& view);

std::optional<entry> find_entry(db::read_view& view, std::int64_t id);
std::vector<entry> list_entries(db::read_view& view); // of the current version, in catalogue order

// Both tests must hold: in the catalogue to be verified, and used for one of its purposes (domain.md 1). With
// reasons: mandatory.hpp.
enum class mandatory { yes, no, ask };
mandatory is_mandatory(const entry& e, std::string_view purpose);

struct region {
    std::string code, name, level, parent;
};
std::optional<region> find_region(db::read_view& view, std::string_view code);
std::vector<region> list_regions(db::read_view& view);               // all, by code
std::string region_path(db::read_view& view, std::string_view code); // 广东省 / 广州市 / 白云区
std::string city_of(std::string_view code);     // "440605" -> "440600", towns of 东莞 and 中山 too
std::string province_of(std::string_view code); // "440605" -> "440000"
// A district, or a city that has none below it (东莞, 中山), or a town: where 所在地 may stop (M11).
bool is_place(db::read_view& view, std::string_view code);

struct institution {
    std::int64_t id = 0;
    std::string name, level, region_code, address, phone, hours, bring_note, verified;
    bool direct = false; // companies may choose it when filing (F1a)
    int lead_days = 1, horizon_days = 30, confirm_days = 2;
    bool active = true; // false: takes no new filings
};
// What the journal says of an institution's settings.
value facts_of(const institution& i);
std::optional<institution> find_institution(db::read_view& view, std::int64_t id);
std::optional<institution> find_institution_by_name(db::read_view& view, std::string_view name);
// Active ones that companies of this region may choose whatever it is for: of its county and city, else of
// the province (M24). Normally only city institutions are `direct`; an administrator changes that by
// update_institution. For what is to be verified: capability.hpp.
std::vector<institution> list_direct(db::read_view& view, std::string_view region_code);
std::vector<institution> list_counties_of(db::read_view& view, const institution& city); // for dispatch, F6
std::vector<institution> list_institutions(db::read_view& view);
// Whose work lists somebody reads: their own institution (also asked for as 0), any for the platform, those
// of his region for a regulator. 0: none, or not this one.
std::int64_t readable_institution(db::read_view& view, const actor& who, std::int64_t asked);
// Everything but id, name, level and region. platform_admin any; institution_admin its own, except `direct`
// and `active` (M24). Refuses not_found, not_allowed, invalid (institution.days, field; institution.text).
result<> update_institution(db::write_tx& tx, const actor& who, const institution& changed);

bool is_working_day(db::read_view& view, date d);
date add_working_days(db::read_view& view, date d, int n); // n >= 0; the n-th working day after d

// Loads schema/data/*.csv; repeatable: rows are found again by their natural keys, what staff changed stays.
struct load_report {
    int regions = 0, entries = 0, institutions = 0, periods = 0, holidays = 0;
    std::vector<std::string> assumed_periods; // periodic rows without a known period: 12 months suggested
};
load_report load_reference_data(db::write_tx& tx);
// Invented addresses, hours and what to bring for the shipped institutions (schema/demo/institutions.csv).
void load_demo_institutions(db::write_tx& tx);
// A matrix for the demonstration's city and county (schema/demo/capabilities.csv); all others can do
// everything.
void load_demo_capabilities(db::write_tx& tx);

} // namespace core::catalogue
