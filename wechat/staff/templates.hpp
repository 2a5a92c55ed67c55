// What the two pages of message templates share.
#pragma once
#include "core/base/value.hpp"
#include "wechat/mp/template_check.hpp"

#include <optional>

namespace wechat::staff {

// How a kind compared with the account's template: word, tag, detail, title, at.
core::value finding_of(const std::optional<mp::template_check>& c);

} // namespace wechat::staff
