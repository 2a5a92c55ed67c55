// Parametric QR codes and temporary media (wechat-platform.md 14, 18).
#include "wechat/sandbox/apis.hpp"

#include "core/base/ids.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace wechat::sandbox {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t longest_code = 2'592'000; // 30 days, in seconds
constexpr std::int64_t most_permanent = 100'000;

struct media_type {
    std::string_view name;
    std::size_t most; // bytes
    std::array<std::string_view, 4> endings;
    std::string_view content_type;
};
constexpr std::size_t mib = 1024 * 1024;
constexpr auto media_types = std::to_array<media_type>({
    {"image", 10 * mib, {".png", ".jpg", ".jpeg", ".gif"}, "image/jpeg"},
    {"voice", 2 * mib, {".amr", ".mp3", ".mp3", ".mp3"}, "audio/amr"},
    {"video", 10 * mib, {".mp4", ".mp4", ".mp4", ".mp4"}, "video/mp4"},
    {"thumb", 64 * 1024, {".jpg", ".jpeg", ".jpg", ".jpg"}, "image/jpeg"},
});

} // namespace

api_answer create_qr(state& s, const api_call& c) {
    const core::value* info = c.body.find("action_info");
    const core::value* scene = info == nullptr ? nullptr : info->find("scene");
    const std::string action = c.body.text("action_name");
    if (action != "QR_SCENE" && action != "QR_STR_SCENE" && action != "QR_LIMIT_SCENE" &&
        action != "QR_LIMIT_STR_SCENE")
        return s.refuse(40052, "invalid action name");
    const bool by_text = action.find("_STR_") != std::string::npos;
    const bool permanent = action.find("_LIMIT_") != std::string::npos;
    const std::string text = scene == nullptr ? "" : scene->text(by_text ? "scene_str" : "scene_id");
    if (text.empty() || text.size() > 64) return s.refuse(40053, "invalid action info");
    const std::int64_t number = by_text ? 1 : scene->number("scene_id");
    if (number < 1 || number > (permanent ? most_permanent : std::int64_t{0xFFFFFFFF}))
        return s.refuse(40053, "invalid action info");
    std::int64_t lasts = c.body.number("expire_seconds");
    if (lasts == 0) lasts = 60;
    if (lasts < 0 || lasts > longest_code) return s.refuse(40054, "invalid expire_seconds");
    const std::string ticket = "gQ" + core::random_hex(24) + "==";
    const std::string url = "http://weixin.qq.com/q/" + ticket.substr(2, 22);
    s.codes[ticket] = {text, url, by_text,
                       permanent ? core::instant{} : s.time->now() + std::chrono::seconds(lasts)};
    s.ticket_of[url] = ticket;
    if (!permanent) s.secrets.push(text);
    s.secrets.push(ticket);
    s.show_code(url);
    core::value v = core::value::object().set("ticket", ticket);
    if (!permanent) v.set("expire_seconds", lasts);
    return v.set("url", url);
}

api_answer upload_media(state& s, const api_call& c) {
    const std::string type = c.query("type");
    const auto known =
        std::find_if(media_types.begin(), media_types.end(), [&](const auto& t) { return t.name == type; });
    if (known == media_types.end()) return s.refuse(40004, "invalid media type");
    const auto file = std::find_if(c.http->files.begin(), c.http->files.end(),
                                   [](const auto& f) { return f.field == "media"; });
    if (file == c.http->files.end() || file->file_name.empty()) return s.refuse(41005, "media data missing");
    if (file->bytes.empty()) return s.refuse(44001, "empty media data");
    if (file->bytes.size() > known->most) return s.refuse(40006, "invalid meida size");
    const std::string name = core::to_lower_ascii(file->file_name);
    if (std::none_of(known->endings.begin(), known->endings.end(), [&](auto e) { return name.ends_with(e); }))
        return s.refuse(40005, "invalid file type");
    const std::string id = core::random_hex(32);
    if (s.media.size() >= 200) s.media.erase(s.media.begin()); // memory is bounded
    s.media[id] = {type, file->file_name, file->bytes, s.time->now() + 72h};
    core::value v = core::value::object().set("type", type);
    v.set(type == "thumb" ? "thumb_media_id" : "media_id", id);
    return v.set("created_at", core::to_ms(s.time->now()) / 1000);
}

api_answer get_media(state& s, const api_call& c) {
    const auto at = s.media.find(c.query("media_id"));
    if (at == s.media.end() || at->second.expires_at < s.time->now())
        return s.refuse(40007, "invalid media_id");
    if (at->second.type == "video")
        return core::value::object().set("video_url", "http://video.sandbox.invalid/" + at->first + ".mp4");
    api_answer answer{core::value{}};
    answer.bytes = at->second.bytes;
    answer.file_name = at->second.file_name;
    const auto type = std::find_if(media_types.begin(), media_types.end(),
                                   [&](const auto& t) { return t.name == at->second.type; });
    answer.media_type = std::string(type->content_type);
    return answer;
}

} // namespace wechat::sandbox
