// Small pieces of pages that both sides of the counter show alike. Layout and menu of a side are in its own
// frame.hpp.
#pragma once
#include "core/base/result.hpp"
#include "core/base/value.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/server/request.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wechat {

// A cookie that ties something to this browser: 64 hex digits, "" for anything else.
std::string hex_cookie(const request& r, std::string_view name);
// Whether a menu's address leads to the page shown: the same path, and the status when the address names one.
bool is_current(const request& r, std::string_view href);
// The notice of ?done=key: flash_shown and flash.
void put_flash(core::value& frame, const request& r, services& s);
// partials/problem: the text of a refusal with the request's number beside it.
core::value problem_model(const request& r, services& s, const core::error& e);
// has_errors and errors (partials/errors); without an error none.
void put_errors(core::value& model, services& s, const core::error* e);
// The text for one field, "" without.
std::string error_of(services& s, const core::error* e, std::string_view field);
// The ids under a name; what is no id is left out.
std::vector<std::int64_t> ids_of(const name_values& values, std::string_view name);

} // namespace wechat
