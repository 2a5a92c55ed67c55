// QR codes as SVG, level M with a quiet zone of four modules (ux.md 11). libqrencode does the work.
#pragma once
#include <string>

namespace wechat {

std::string qr_svg(const std::string& text); // throws for texts too long for a code

} // namespace wechat
