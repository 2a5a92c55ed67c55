// SQL of the catalogue slice.
#pragma once
#include "core/catalogue/catalogue.hpp"

namespace core::catalogue::store {

entry entry_of(db::row r); // a catalogue row with its 15 columns
bool has_counties(db::read_view& view, std::string_view city);
std::optional<bool> find_holiday(db::read_view& view, date d); // working or not; nullopt: as the week says
std::vector<institution> list_active(db::read_view& view, std::string_view region_code, bool direct_only);
void put_region(db::write_tx& tx, const region& r);
void put_institution(db::write_tx& tx,
                     const institution& i); // new ones whole, known ones only name and place
void update_institution(db::write_tx& tx, const institution& i);

} // namespace core::catalogue::store
