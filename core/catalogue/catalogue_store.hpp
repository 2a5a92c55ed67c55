// SQL of the catalogue slice.
#pragma once
#include "core/catalogue/catalogue.hpp"

namespace core::catalogue::store {

bool has_counties(db::read_view& view, std::string_view city);
std::optional<bool> find_holiday(db::read_view& view, date d); // working or not; nullopt: as the week says
std::vector<institution> list_active(db::read_view& view, std::string_view region_code, bool direct_only);
void put_region(db::write_tx& tx, const region& r);
std::int64_t put_version(db::write_tx& tx, std::string_view title); // finds it again by its title
void put_entry(db::write_tx& tx, std::int64_t version, int seq, const entry& e);
void put_institution(db::write_tx& tx,
                     const institution& i); // new ones whole, known ones only name and place
void update_institution(db::write_tx& tx, const institution& i);
void put_holiday(db::write_tx& tx, date day, bool is_working, std::string_view name);

} // namespace core::catalogue::store
