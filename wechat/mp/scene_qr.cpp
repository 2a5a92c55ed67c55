#include "wechat/mp/scene_qr.hpp"

#include "core/base/text.hpp"

namespace wechat::mp {

core::result<std::string> create_scene_qr(api& a, std::string_view scene, std::chrono::seconds lifetime) {
    core::value ask = core::value::object();
    ask.set("expire_seconds", static_cast<std::int64_t>(lifetime.count()))
        .set("action_name", "QR_STR_SCENE")
        .set("action_info",
             core::value::object().set("scene", core::value::object().set("scene_str", scene)));
    const auto made = a.post("/cgi-bin/qrcode/create", ask);
    if (!made) return made.error();
    std::string address = made->text("url");
    if (address.empty() || address.size() > 512) return core::error(core::errc::unavailable, "wechat.away");
    return address;
}

std::string_view scene_of(std::string_view event, std::string_view event_key) {
    constexpr std::string_view prefix = "qrscene_";
    const std::string kind = core::to_lower_ascii(event);
    if (kind == "scan") return event_key;
    if (kind == "subscribe" && event_key.starts_with(prefix)) return event_key.substr(prefix.size());
    return {};
}

} // namespace wechat::mp
