#include "tests/wechat/mp_support.hpp"

#include "core/base/json.hpp"
#include "core/base/log.hpp"

#include <pugixml.hpp>

#include <fstream>
#include <mutex>
#include <sstream>
#include <stdexcept>

namespace tests {
namespace {

std::mutex log_guard;

std::string head(std::string_view type, core::instant now, std::string_view from) {
    std::string out = "<xml><ToUserName><![CDATA[";
    out.append(our_account).append("]]></ToUserName>\n<FromUserName><![CDATA[").append(from);
    out.append("]]></FromUserName>\n<CreateTime>").append(std::to_string(core::to_ms(now) / 1000));
    return out.append("</CreateTime>\n<MsgType><![CDATA[").append(type).append("]]></MsgType>\n");
}

wechat::request request_of(core::instant now, std::string_view nonce) {
    wechat::request r;
    r.method = wechat::method::post;
    r.path = "/wx/callback";
    r.request_id = "test-request";
    r.query.add("timestamp", std::to_string(core::to_ms(now) / 1000));
    r.query.add("nonce", std::string(nonce));
    r.query.add("openid", std::string(some_openid));
    return r;
}

} // namespace

wechat::mp::settings account_settings() {
    wechat::mp::settings s;
    s.appid = "wx0123456789abcdef";
    s.original_id = our_account;
    s.secret = "planted-secret-0123456789abcdef";
    s.token = "testtoken2026";
    s.encoding_aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    s.public_url = "https://example.com";
    return s;
}

const core::template_set& strict_templates() {
    static const core::template_set all([] {
        core::template_set::options o;
        o.strict = true;
        return o;
    }());
    return all;
}

core::value vectors() {
    std::ifstream in(SOURCE_DIR "/tests/data/wechat_vectors.json");
    std::ostringstream all;
    all << in.rdbuf();
    auto parsed = core::parse_json(all.str());
    if (!parsed) throw std::runtime_error("tests/data/wechat_vectors.json cannot be read");
    return std::move(*parsed);
}

wechat::request platform_keys::sealed(std::string_view text, core::instant now,
                                      std::string_view nonce) const {
    wechat::request r = request_of(now, nonce);
    const std::string encrypt = wechat::sandbox::encrypt(wire_, text);
    const std::string stamp(r.query.get("timestamp"));
    r.query.add("signature", wechat::sandbox::sign(wire_, stamp, nonce, ""));
    r.query.add("encrypt_type", "aes");
    r.query.add("msg_signature", wechat::sandbox::sign(wire_, stamp, nonce, encrypt));
    r.body = "<xml>\n<ToUserName><![CDATA[" + std::string(our_account) +
             "]]></ToUserName>\n<Encrypt><![CDATA[" + encrypt + "]]></Encrypt>\n</xml>";
    return r;
}

wechat::request platform_keys::plain(std::string_view text, core::instant now, std::string_view nonce) const {
    wechat::request r = request_of(now, nonce);
    r.query.add("signature", wechat::sandbox::sign(wire_, r.query.get("timestamp"), nonce, ""));
    r.body = text;
    return r;
}

std::optional<std::string> platform_keys::open(const wechat::response& answer) const {
    if (answer.status != 200 || answer.content_type != "text/xml; charset=utf-8") return std::nullopt;
    pugi::xml_document doc;
    if (!doc.load_string(answer.body.c_str())) return std::nullopt;
    const auto root = doc.child("xml");
    const std::string encrypt = root.child_value("Encrypt");
    const std::string right =
        wechat::sandbox::sign(wire_, root.child_value("TimeStamp"), root.child_value("Nonce"), encrypt);
    if (right != root.child_value("MsgSignature")) return std::nullopt;
    return wechat::sandbox::decrypt(wire_, encrypt);
}

std::string any_message(std::string_view type, std::string_view extra, core::instant now,
                        std::string_view from) {
    return head(type, now, from) + std::string(extra) + "</xml>";
}

std::string text_message(std::string_view content, std::string_view msg_id, core::instant now,
                         std::string_view from) {
    std::string inside = "<Content><![CDATA[";
    for (std::size_t i = 0; i < content.size(); ++i) {
        if (content.substr(i, 3) == "]]>") {
            inside += "]]]]><![CDATA[>"; // as any XML writer does
            i += 2;
        } else {
            inside += content[i];
        }
    }
    return any_message("text", inside + "]]></Content>\n<MsgId>" + std::string(msg_id) + "</MsgId>\n", now,
                       from);
}

std::string event_message(std::string_view event, std::string_view extra, core::instant now,
                          std::string_view from) {
    return any_message(
        "event", "<Event><![CDATA[" + std::string(event) + "]]></Event>\n" + std::string(extra), now, from);
}

callback_desk::callback_desk(account_world& world, wechat::mp::settings s,
                             const core::template_set& templates)
    : w(world), settings(std::move(s)), keys(settings), templates_(&templates) {
    restart();
}

void callback_desk::restart() {
    door_ = std::make_unique<wechat::mp::callback>(settings, *templates_);
}

std::shared_ptr<std::optional<wechat::response>> callback_desk::post(wechat::request r) {
    auto answer = std::make_shared<std::optional<wechat::response>>();
    door_->receive(std::move(r), w.db(), [answer](wechat::response made) { *answer = std::move(made); });
    return answer;
}

// A caller that waits leads every group in front of its own action.
void callback_desk::pump() {
    do {
        w.write([](core::db::write_tx&) -> core::result<> { return {}; }).value();
    } while (w.db().waiting() > 0);
}

wechat::response callback_desk::ask(wechat::request r) {
    const auto answer = post(std::move(r));
    pump();
    if (!*answer) throw std::runtime_error("the callback was not answered");
    return **answer;
}

std::string callback_desk::text_in(const wechat::response& answer) const {
    if (answer.body == "success") return {};
    const auto plain = settings.mode == wechat::mp::message_mode::plaintext ? answer.body : keys.open(answer);
    if (!plain) throw std::runtime_error("not a valid reply: " + answer.body);
    pugi::xml_document doc;
    if (!doc.load_string(plain->c_str())) throw std::runtime_error("not XML: " + *plain);
    std::string text;
    for (const auto& piece : doc.child("xml").child("Content").children())
        text += piece.value();
    return text;
}

std::string callback_desk::say(std::string_view content, std::string_view from) {
    const auto now = w.time.now();
    const std::string message = text_message(content, std::to_string(++next_id_), now, from);
    return text_in(ask(settings.mode == wechat::mp::message_mode::plaintext
                           ? keys.plain(message, now, std::to_string(next_id_))
                           : keys.sealed(message, now)));
}

std::string callback_desk::event(std::string_view name, std::string_view extra, std::string_view from) {
    w.time.advance(std::chrono::seconds(1)); // two events of one second and content are one event
    const auto now = w.time.now();
    return text_in(ask(keys.sealed(event_message(name, extra, now, from), now)));
}

log_lines::log_lines() : lines_(std::make_shared<std::vector<std::string>>()) {
    core::log::redirect([lines = lines_](const std::string& line) {
        const std::lock_guard<std::mutex> hold(log_guard);
        lines->push_back(line);
    });
}

log_lines::~log_lines() {
    core::log::redirect({});
}

std::vector<std::string> log_lines::with(std::string_view part) const {
    const std::lock_guard<std::mutex> hold(log_guard);
    std::vector<std::string> found;
    for (const auto& line : *lines_)
        if (line.find(part) != std::string::npos) found.push_back(line);
    return found;
}

std::string log_lines::all() const {
    const std::lock_guard<std::mutex> hold(log_guard);
    std::string text;
    for (const auto& line : *lines_)
        text.append(line).append("\n");
    return text;
}

} // namespace tests
