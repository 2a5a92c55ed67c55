// WeChat's JS-SDK on our pages: the signature that scanning and the camera need. What uses it is
// templates/assets/js/wechat.js, loaded inside WeChat only (partials/js_sdk).
#include "core/base/json.hpp"
#include "wechat/company/pages.hpp"
#include "wechat/mp/jsapi_ticket.hpp"
#include "wechat/mp/services.hpp"

namespace wechat::company {

// The address comes from the page: the WeChat client adds parameters to it that the server never sees.
result<response> js_config(const request& r, services& s) {
    if (s.ticket == nullptr) return core::error(core::errc::unavailable, "wechat.off");
    const auto made = s.ticket->sign(r.query.get("url"));
    if (!made) return made.error();
    core::value config = core::value::object();
    config.set("appId", made->appid)
        .set("timestamp", made->timestamp)
        .set("nonceStr", made->nonce)
        .set("signature", made->signature);
    return json(core::to_json(config));
}

} // namespace wechat::company
