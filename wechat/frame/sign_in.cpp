#include "wechat/frame/sign_in.hpp"

namespace wechat {

namespace account = core::account;

core::result<account::login>
prove_password(services& s, const password_try& t,
               const std::function<core::result<>(core::db::write_tx&, const account::login&)>& then) {
    const auto begun = s.db->read([&](core::db::read_view& view) {
        return account::begin_attempt(view, t.username, t.kind, t.source, t.openid);
    });
    if (!begun) return begun.error();
    const bool right = account::compare(*begun, t.password);
    const std::string fresh = right ? account::rehash(*begun, t.password, s.password_cost) : std::string();
    const auto settled = s.db->write([&](core::db::write_tx& tx) -> core::result<account::settled> {
        const auto done = account::settle(tx, *begun, right, fresh);
        if (!done.good || !then) return done;
        if (auto more = then(tx, *begun->found); !more) return more.error();
        return done;
    });
    if (!settled) return settled.error();
    if (!settled->good) return account::refusal_of(*settled);
    return *begun->found;
}

} // namespace wechat
