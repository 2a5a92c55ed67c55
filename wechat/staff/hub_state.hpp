// How sending stands, on 推送记录: what is stopped and until when, for everybody at the desk; queues, quotas
// and causes for the platform's administrator, whose they are.
#pragma once
#include "core/base/value.hpp"
#include "core/db/transaction.hpp"
#include "wechat/mp/services.hpp"

#include <string_view>

namespace wechat::staff {

// has_stops, stops[text]: channels that are held, paused or silent, calls that WeChat refuses.
void put_stops(core::value& model, core::db::read_view& view, services& s);
// lines[name text bad], has_kinds, kind_rows[title channel used left].
void put_hub(core::value& model, core::db::read_view& view, services& s);

// Whom to phone, failed, unknown and undecided messages, each with its list: tiles of n, label, hint, href,
// hot.
core::value trouble_tiles(core::db::read_view& view, const core::actor& who);

std::string_view title_of(const services& s, std::string_view kind); // of a kind of message

} // namespace wechat::staff
