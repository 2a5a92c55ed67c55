#include "tests/fuzz/targets.hpp"

#include "core/base/text.hpp"
#include "wechat/mp/gate.hpp"
#include "wechat/mp/signature.hpp"
#include "wechat/server/address.hpp"
#include "wechat/server/form.hpp"
#include "wechat/server/head.hpp"

#include <stdexcept>
#include <string>

namespace fuzz {
namespace {

using namespace wechat;

void promise(bool kept, const char* what) {
    if (!kept) throw std::logic_error(what);
}

void promise_clean(std::string_view s) {
    promise(core::is_utf8(s) && s.find('\0') == std::string_view::npos, "text that is no text");
}

void promise_clean(const name_values& all) {
    for (const auto& [name, value] : all) {
        promise_clean(name);
        promise_clean(value);
    }
}

// As the session does it: what the parser leaves comes again in front of what follows.
bool feed(request_parser& parser, std::string& waiting, std::string_view more) {
    waiting.append(more);
    for (;;) {
        boost::system::error_code failed;
        const std::size_t used =
            parser.put(boost::asio::const_buffer(waiting.data(), waiting.size()), failed);
        promise(used <= waiting.size(), "more used than given");
        waiting.erase(0, used);
        if (failed && failed != boost::beast::http::error::need_more) return false;
        if (failed || used == 0 || waiting.empty() || parser.is_done()) return true;
        if (parser.is_header_done() && !parser.is_done()) return true; // the body has its own turn
    }
}

mp::settings test_settings() {
    mp::settings w;
    w.appid = "wx0123456789abcdef";
    w.original_id = "gh_0123456789ab";
    w.token = "testtoken";
    w.encoding_aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    return w;
}

constexpr core::instant now = core::instant(std::chrono::seconds(1'790'000'000));

request signed_request(const std::string& encrypt) {
    request r;
    r.method = method::post;
    const std::string timestamp = "1790000000";
    r.query.add("timestamp", timestamp);
    r.query.add("nonce", "1");
    r.query.add("encrypt_type", "aes");
    r.query.add("signature", mp::sign({"testtoken", timestamp, "1"}));
    r.query.add("msg_signature", mp::sign({"testtoken", timestamp, "1", encrypt}));
    r.body = "<xml><Encrypt><![CDATA[" + encrypt + "]]></Encrypt></xml>";
    return r;
}

} // namespace

void read_request(std::string_view bytes) {
    if (bytes.empty()) return;
    const std::size_t cut =
        std::min<std::size_t>(static_cast<unsigned char>(bytes[0]) * 4u, bytes.size() - 1);
    bytes.remove_prefix(1);
    request_parser parser;
    parser.header_limit(16 * 1024);
    parser.eager(false);
    parser.body_limit(boost::none);
    std::string waiting;
    if (!feed(parser, waiting, bytes.substr(0, cut))) return;
    if (!parser.is_header_done() && !feed(parser, waiting, bytes.substr(cut))) return;
    if (!parser.is_header_done() || forbidden_status(parser) != 0) return;
    auto r = read_head(parser);
    if (!r) return;
    promise(r->path.starts_with('/'), "a path that does not begin with a slash");
    promise_clean(r->path);
    promise_clean(r->query);
    promise(r->host.find_first_of("/\\@<>\"' \r\n") == std::string::npos, "a host that is none");
    promise(r->headers.count("host") <= 1, "two hosts");
    promise(r->headers.count("transfer-encoding") + r->headers.count("content-length") <= 1, "two framings");
    std::string head;
    write_head(head, text("x"), 1, parser.get().keep_alive(), parser.get().version());
    promise(head.ends_with("\r\n\r\n"), "a head without end");
    if (parser.is_done()) return;
    parser.body_limit(4096);
    parser.eager(true);
    feed(parser, waiting, {});
    promise(parser.get().body().size() <= 4096, "a body over its limit");
}

void read_form(std::string_view bytes) {
    if (bytes.empty()) return;
    const auto kind = static_cast<unsigned char>(bytes[0]) % 5;
    const auto rest = bytes.substr(1);
    if (kind == 0) {
        if (const auto decoded = url_decode(rest)) {
            promise_clean(*decoded);
            promise(url_decode(url_encode(*decoded)) == decoded, "encoding does not come back");
        }
    } else if (kind == 1) {
        for (const auto& [name, value] : parse_cookies(rest))
            promise(name.find('=') == std::string::npos && value.find(';') == std::string::npos, "a cookie");
    } else if (kind == 2) {
        if (const auto fields = parse_urlencoded(rest)) promise_clean(*fields);
    } else if (kind == 3) {
        const auto line = std::min(rest.find('\n'), rest.size());
        const auto parts =
            parse_multipart(rest.substr(0, line), rest.substr(std::min(line + 1, rest.size())));
        if (!parts) return;
        promise_clean(parts->fields);
        for (const auto& f : parts->files) {
            promise_clean(f.field);
            promise_clean(f.file_name);
            promise(f.file_name.find_first_of("\r\n") == std::string::npos, "a file name of two lines");
        }
    } else {
        const auto person = person_address("10.0.0.1", rest, {"10.0.0.0/8", "2001:db8::/32"});
        promise(plain_address(person) == person, "an address that is none");
        (void)is_address_or_block(rest);
    }
}

void read_callback(std::string_view bytes) {
    static const mp::settings settings = test_settings();
    static const mp::gate gate(settings);
    static const mp::message_crypto crypto(settings.encoding_aes_key, settings.appid);
    if (bytes.empty()) return;
    const auto kind = static_cast<unsigned char>(bytes[0]) % 4;
    const auto rest = bytes.substr(1);
    if (kind == 0) {
        if (const auto inner = mp::read_envelope(rest)) promise(!inner->empty(), "an empty envelope");
    } else if (kind == 1) {
        const auto m = mp::read_message(rest);
        if (!m) return;
        promise(!m->from.empty() && m->from.size() <= 64 * 4, "a sender that is none");
        promise_clean(m->content);
        if (m->to != settings.original_id) return; // the gate lets no other in; it sends the reply
        const auto reply = mp::text_reply(*m, m->content, 1'790'000'000);
        promise(mp::read_message(reply).has_value(), "a reply that is no message");
    } else if (kind == 2) {
        const auto opened = crypto.decrypt(rest);
        promise(opened.fault != mp::crypto_fault::none || opened.text.size() < rest.size(),
                "text out of nowhere");
    } else {
        const auto request = signed_request(crypto.encrypt(rest));
        const auto outcome = gate.accept(request, now);
        const auto* taken = std::get_if<mp::accepted>(&outcome);
        if (taken == nullptr) return;
        std::string sent(rest);
        const bool had_nul = std::erase(sent, '\0') > 0;
        promise(taken->plain == sent, "another text than was sent, NULs apart");
        promise(taken->is_mended == (had_nul || taken->what.is_cut), "mended and not said so");
        promise(!gate.seal(*taken, mp::text_reply(taken->what, "好", 1'790'000'000), now).empty(),
                "no reply");
    }
}

} // namespace fuzz
