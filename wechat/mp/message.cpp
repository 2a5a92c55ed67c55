#include "wechat/mp/message.hpp"

#include "core/base/text.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <array>
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

constexpr std::size_t most_fields = 200;
constexpr int deepest = 6;

bool has_elements(const pugi::xml_node& node) {
    for (const auto& child : node.children())
        if (child.type() == pugi::node_element) return true;
    return false;
}

struct known_name {
    std::string_view name;
    std::string message::*member;
};
constexpr auto known_names = std::to_array<known_name>({{"ToUserName", &message::to},
                                                        {"FromUserName", &message::from},
                                                        {"MsgType", &message::type},
                                                        {"Content", &message::content},
                                                        {"MsgId", &message::msg_id},
                                                        {"MsgID", &message::msg_id}, // receipts spell it so
                                                        {"Event", &message::event},
                                                        {"EventKey", &message::event_key}});

// The first element of a name counts; a second one of a head field is no message of WeChat's, but harmless.
bool take_head(message& m, const pugi::xml_node& node) {
    const std::string_view name = node.name();
    if (name == "CreateTime") {
        const std::string all = text_of(node);
        const std::string_view time = core::trim(all);
        std::from_chars(time.data(), time.data() + time.size(), m.create_time);
        return true;
    }
    for (const auto& known : known_names) {
        if (known.name != name) continue;
        if ((m.*known.member).empty()) m.*known.member = text_of(node);
        return true;
    }
    return false;
}

// One element and what is below it into `m`, as far as there is room. The head is found wherever it stands.
void take(message& m, const pugi::xml_node& node, std::string path, int depth) {
    if (node.type() != pugi::node_element) return;
    if (depth == 0 && take_head(m, node)) return;
    if (m.fields.size() >= most_fields || depth > deepest) {
        m.is_cut = true;
        return;
    }
    if (!path.empty()) path += '/';
    path += node.name();
    if (!has_elements(node)) {
        m.fields.emplace_back(std::move(path), text_of(node));
        return;
    }
    for (const auto& child : node.children())
        take(m, child, path, depth + 1);
}

// Bytes that may begin what XML 1.0 does not allow: C0 characters but three, and U+FFFE, U+FFFF.
constexpr auto suspicious = [] {
    std::array<bool, 256> is{};
    for (std::size_t c = 0; c < 0x20; ++c)
        is[c] = c != '\t' && c != '\n' && c != '\r';
    is[0xEF] = true;
    return is;
}();

std::string legal_text(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    std::size_t copied = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (!suspicious[c]) continue;
        const std::string_view three = text.substr(i, 3);
        if (c == 0xEF && three != "\xEF\xBF\xBE" && three != "\xEF\xBF\xBF") continue;
        out.append(text.substr(copied, i - copied));
        i += c == 0xEF ? 2 : 0;
        copied = i + 1;
    }
    return out.append(text.substr(copied));
}

void append_cdata(std::string& out, std::string_view name, std::string_view text) {
    out.append("<").append(name).append("><![CDATA[");
    for (auto end = text.find("]]>"); end != std::string_view::npos; end = text.find("]]>")) {
        out.append(text.substr(0, end)).append("]]]]><![CDATA[>");
        text.remove_prefix(end + 3);
    }
    out.append(text).append("]]></").append(name).append(">\n");
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

std::string_view message::field(std::string_view path) const {
    for (const auto& [name, text] : fields)
        if (name == path) return text;
    return {};
}

std::vector<std::string_view> message::all_of(std::string_view path) const {
    std::vector<std::string_view> all;
    for (const auto& [name, text] : fields)
        if (name == path) all.push_back(text);
    return all;
}

std::optional<message> read_message(std::string_view xml) {
    if (!core::is_utf8(xml)) return std::nullopt;
    pugi::xml_document doc;
    if (!load(doc, xml)) return std::nullopt;
    message m;
    m.fields.reserve(8);
    for (const auto& node : doc.document_element().children())
        take(m, node, {}, 0);
    if (m.from.empty() || m.from.size() > 64 || m.type.empty()) return std::nullopt;
    return m;
}

std::string_view cut_reply(std::string_view text, std::size_t most) {
    std::string_view cut = core::cut_bytes(text, most);
    if (cut.size() == text.size()) return cut;
    if (cut.empty()) return cut;
    const auto opened = text.rfind("<a ", cut.size() - 1); // its tag may be cut too
    const auto closed = cut.rfind("</a>");
    if (opened != std::string_view::npos && (closed == std::string_view::npos || closed < opened))
        cut = cut.substr(0, opened);
    while (cut.ends_with('\n') || cut.ends_with(' '))
        cut.remove_suffix(1);
    return cut;
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
    append_cdata(out, "Content", cut_reply(legal));
    out += "</xml>";
    return out;
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
    out += "</xml>";
    return out;
}

} // namespace wechat::mp
