#include "wechat/mp/message.hpp"

#include "core/base/text.hpp"

#include <pugixml.hpp>

#include <charconv>

namespace wechat::mp {
namespace {

constexpr unsigned parse_flags = pugi::parse_default | pugi::parse_doctype | pugi::parse_ws_pcdata_single;

// pugixml skips a DOCTYPE silently and never expands entities; WeChat never sends one, so it is refused.
bool load(pugi::xml_document& doc, std::string_view xml) {
    if (!doc.load_buffer(xml.data(), xml.size(), parse_flags, pugi::encoding_utf8)) return false;
    for (const auto& node : doc.children())
        if (node.type() == pugi::node_doctype) return false;
    return std::string_view(doc.document_element().name()) == "xml";
}

// All text and CDATA pieces: <![CDATA[a]]]]><![CDATA[>b]]> is one value in two.
std::string text_of(const pugi::xml_node& node) {
    std::string all;
    for (const auto& piece : node.children())
        if (piece.type() == pugi::node_pcdata || piece.type() == pugi::node_cdata) all += piece.value();
    return all;
}

std::string text_at(const pugi::xml_node& root, const char* name) {
    return text_of(root.child(name));
}

bool is_legal(unsigned char c) {
    return c >= 0x20 || c == '\t' || c == '\n' || c == '\r';
}

// XML 1.0 allows neither other C0 characters nor U+FFFE and U+FFFF.
std::string legal_text(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool last_plane = text.substr(i, 3) == "\xEF\xBF\xBE" || text.substr(i, 3) == "\xEF\xBF\xBF";
        if (last_plane)
            i += 2;
        else if (is_legal(static_cast<unsigned char>(text[i])))
            out += text[i];
    }
    return out;
}

void append_cdata(std::string& out, std::string_view name, std::string_view text) {
    out.append("<").append(name).append("><![CDATA[");
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 3) == "]]>") {
            out += "]]]]><![CDATA[>";
            i += 2;
        } else {
            out += text[i];
        }
    }
    out.append("]]></").append(name).append(">\n");
}

} // namespace

std::optional<std::string> read_envelope(std::string_view xml) {
    pugi::xml_document doc;
    if (!load(doc, xml)) return std::nullopt;
    const auto root = doc.document_element();
    const auto first = root.child("Encrypt");
    if (!first || first.next_sibling("Encrypt")) return std::nullopt;
    std::string sealed = text_of(first);
    // Empty would make msg_signature equal to the plain signature, which travels in every URL.
    if (sealed.empty()) return std::nullopt;
    return sealed;
}

std::string message::kind() const {
    return type == "event" ? "event." + core::to_lower_ascii(event) : core::to_lower_ascii(type);
}

std::optional<message> read_message(std::string_view xml) {
    if (!core::is_utf8(xml)) return std::nullopt;
    pugi::xml_document doc;
    if (!load(doc, xml)) return std::nullopt;
    const auto root = doc.document_element();
    message m;
    m.to = text_at(root, "ToUserName");
    m.from = text_at(root, "FromUserName");
    m.type = text_at(root, "MsgType");
    m.event = text_at(root, "Event");
    m.event_key = text_at(root, "EventKey");
    m.content = text_at(root, "Content");
    m.msg_id = text_at(root, "MsgId");
    if (m.msg_id.empty()) m.msg_id = text_at(root, "MsgID"); // receipts spell it so
    m.ticket = text_at(root, "Ticket");
    m.status = text_at(root, "Status");
    m.scan_result = text_at(root.child("ScanCodeInfo"), "ScanResult");
    const std::string time = text_at(root, "CreateTime");
    std::from_chars(time.data(), time.data() + time.size(), m.create_time);
    if (m.from.empty() || m.from.size() > 64 || m.type.empty()) return std::nullopt;
    return m;
}

std::string text_reply(const message& to, std::string_view text, std::int64_t now_seconds) {
    const std::string legal = legal_text(text);
    std::string out;
    out.reserve(legal.size() + 320);
    out += "<xml>\n";
    append_cdata(out, "ToUserName", to.from);
    append_cdata(out, "FromUserName", to.to);
    out.append("<CreateTime>").append(std::to_string(now_seconds)).append("</CreateTime>\n");
    append_cdata(out, "MsgType", "text");
    append_cdata(out, "Content", core::cut_bytes(legal, 2000));
    return out + "</xml>";
}

std::string reply_envelope(std::string_view encrypt, std::string_view signature, std::string_view timestamp,
                           std::string_view nonce) {
    std::string out;
    out.reserve(encrypt.size() + 200);
    out += "<xml>\n";
    append_cdata(out, "Encrypt", encrypt);
    append_cdata(out, "MsgSignature", signature);
    out.append("<TimeStamp>").append(timestamp).append("</TimeStamp>\n");
    append_cdata(out, "Nonce", nonce);
    return out + "</xml>";
}

} // namespace wechat::mp
