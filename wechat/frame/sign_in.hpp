// The password of a form, proved in the three steps of core/account/login.hpp, for every page that asks one.
#pragma once
#include "core/account/login.hpp"
#include "wechat/mp/services.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace wechat {

struct password_try {
    std::string_view username, kind, password; // kind: applicant, staff
    std::string_view source;                   // address, counted
    std::string_view openid = {};              // counted too where WeChat is known
};
// `then` runs in the transaction that settles the try, only when the password is right: what it refuses is
// refused, and nothing is kept. A wrong password is counted. Refuses login.wrong, login.locked. About 80 ms.
core::result<core::account::login> prove_password(
    services& s, const password_try& t,
    const std::function<core::result<>(core::db::write_tx&, const core::account::login&)>& then = {});

} // namespace wechat
