// SQL of QR codes that are shown and scanned.
#pragma once
#include "core/account/scan.hpp"

namespace core::account::store {

void insert_scan(db::write_tx& tx, std::string_view scene_hash, std::string_view browser_hash, const scan& s);
void end_scans_of(db::write_tx& tx, std::string_view browser_hash);
bool set_address(db::write_tx& tx, std::string_view scene_hash, std::string_view address);
struct stored_scan {
    scan what;
    std::string browser_hash;
};
std::optional<stored_scan> find_scan(db::read_view& view, std::string_view scene_hash); // not over
bool move_scan(db::write_tx& tx, std::string_view scene_hash, scan_status from, scan_status to,
               const scan& with); // openid, login and company are written too

} // namespace core::account::store
