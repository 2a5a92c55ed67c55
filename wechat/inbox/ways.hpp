// The part of 消息设置 that says by which ways, and which first (notify/hub/ways): a list for everything, and
// other lists for single kinds.
#pragma once
#include "core/base/result.hpp"
#include "core/base/value.hpp"
#include "core/db/transaction.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/server/request.hpp"

namespace wechat::inbox {

// Whether the person has this way, as far as we know.
struct reachable_by {
    bool wechat = false, email = false;
};
// has_choice: more than one way is configured; places: one select each; way_rows: kinds with theirs.
void put_ways(core::value& model, const request& r, core::db::read_view& view, services& s,
              const reachable_by& has, const core::error* wrong);
// Fields: way (repeated, the first first), way_KIND (names with blanks between, "": as for everything, none).
// What the form does not have stays.
core::result<> save_ways(const request& r, core::db::write_tx& tx, const services& s);

} // namespace wechat::inbox
