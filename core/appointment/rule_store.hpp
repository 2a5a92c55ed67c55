// SQL of the rules that institutions set.
#pragma once
#include "core/appointment/rule.hpp"

namespace core::appointment::store {

std::optional<int> find_rule_value(db::read_view& view, std::int64_t institution, std::string_view name);
void put_rule_value(db::write_tx& tx, std::int64_t institution, std::string_view name,
                    std::optional<int> value);
void put_platform_value(db::write_tx& tx, std::string_view name, std::optional<int> value); // nullopt: none

} // namespace core::appointment::store
