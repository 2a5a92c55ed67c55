// Temporary parametric QR codes of the account (wechat-platform.md 14): scanning one comes back as a SCAN or
// subscribe event that carries the scene.
#pragma once
#include "core/base/result.hpp"
#include "wechat/mp/api.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace wechat::mp {

// The address to draw as a QR code. `scene` has 1 to 64 characters. Refuses as api::post does, and
// unavailable (wechat.away) for an answer without an address.
core::result<std::string> create_scene_qr(api& a, std::string_view scene, std::chrono::seconds lifetime);

// The scene of a SCAN ("<scene>") or subscribe ("qrscene_<scene>") event; "" for other ways to follow.
std::string_view scene_of(std::string_view event, std::string_view event_key);

} // namespace wechat::mp
