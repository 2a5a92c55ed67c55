// Business settings that staff may change: a name, a text, who changed it when (in the audit journal). What a
// setting means and its usual value belong to the slice that reads it; program settings are configuration.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace core::setting {

std::optional<std::string> find(db::read_view& view, std::string_view name);
// The setting as a number in [least, most]; `usual` when it is absent or makes no sense.
int find_number(db::read_view& view, std::string_view name, int usual, int least, int most);
// By the platform. Refuses not_allowed, invalid setting.text (name or value empty or too long).
result<> change_setting(db::write_tx& tx, const actor& who, std::string_view name, std::string_view value);

} // namespace core::setting
