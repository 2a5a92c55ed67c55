// What every company page has around it, and the small pieces several of them share.
#pragma once
#include "core/appointment/queries.hpp"
#include "core/base/value.hpp"
#include "core/instrument/instrument.hpp"
#include "wechat/frame/parts.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/server/router.hpp"

#include <string>
#include <string_view>

namespace wechat::company {

// The page in its layout: title, crumbs, menu with counts, company, the notice of ?done=key.
response render(const request& r, core::db::read_view& view, services& s, std::string_view page,
                std::string_view title, std::string_view crumbs, core::value model, int status = 200);
// A refusal on a page of its own.
response refuse(const request& r, services& s, const core::error& e);

core::value card_of(const core::appointment::order& o, core::date today); // partials/order_card
// partials/input
core::value input(services& s, const core::error* e, std::string_view name, std::string_view label,
                  std::string_view value, bool required, std::size_t most, std::string_view type = "text",
                  std::string_view hint = {});
core::value steps(int now); // partials/steps of booking

} // namespace wechat::company
