// SQL of bindings, followers and OAuth states.
#pragma once
#include "core/account/binding.hpp"
#include "core/base/value.hpp"

namespace core::account::store {

std::int64_t insert_binding(db::write_tx& tx, std::string_view openid, std::string_view unionid,
                            std::int64_t login, std::int64_t applicant); // applicant 0: as staff
std::optional<binding> find_staff_binding(db::read_view& view, std::string_view openid); // open one
bool close_binding(db::write_tx& tx, std::int64_t id);
void want_tag(db::write_tx& tx, std::string_view openid, bool wanted); // staff's, see staff_wechat.hpp
value facts_of(db::read_view& view, const actor& who);                 // for the message to the bound people

} // namespace core::account::store
