#include "wechat/server/head.hpp"

#include "core/base/text.hpp"
#include "wechat/server/form.hpp"

#include <boost/beast/http/error.hpp>

namespace wechat {
namespace {

namespace http = boost::beast::http;

std::string_view view_of(boost::beast::string_view s) {
    return {s.data(), s.size()};
}

method method_of(http::verb v) {
    switch (v) {
    case http::verb::get:
        return method::get;
    case http::verb::head:
        return method::head;
    case http::verb::post:
        return method::post;
    default:
        return method::other;
    }
}

bool is_number(std::string_view s) {
    return !s.empty() && s.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_host(std::string_view host) {
    constexpr std::string_view allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
    return host.size() <= 255 && host.find_first_not_of(allowed) == std::string_view::npos;
}

} // namespace

int forbidden_status(const request_parser& parser) {
    const auto& head = parser.get();
    std::size_t hosts = 0;
    std::size_t lengths = 0;
    std::size_t encodings = 0;
    for (const auto& field : head) {
        hosts += field.name() == http::field::host ? 1u : 0u;
        if (field.name() == http::field::content_length) {
            ++lengths;
            if (!is_number(view_of(field.value()))) return 400; // Beast takes lists of equal ones
        }
        if (field.name() != http::field::transfer_encoding) continue;
        ++encodings;
        if (core::to_lower_ascii(view_of(field.value())) != "chunked") return 400;
    }
    if (head.version() != 10 && head.version() != 11) return 505;
    if (encodings > 1 || lengths > 1 || (encodings == 1 && lengths > 0)) return 400;
    if (encodings == 1 && head.version() == 10) return 400; // RFC 9112 6.1: faulty framing
    if (hosts > 1 || (hosts == 0 && head.version() >= 11)) return 400;
    return 0;
}

int status_of(boost::system::error_code failed) {
    if (failed == http::error::header_limit) return 431;
    if (failed == http::error::body_limit) return 413;
    if (failed == http::error::bad_version) return 505;
    return 400;
}

std::optional<request> read_head(const request_parser& parser) {
    const auto& head = parser.get();
    request r;
    r.method = method_of(head.method());
    const auto target = view_of(head.target());
    if (!target.starts_with('/')) return std::nullopt;
    const auto question = std::min(target.find('?'), target.size());
    auto path = path_decode(target.substr(0, question));
    if (!path) return std::nullopt;
    r.path = std::move(*path);
    if (question < target.size()) {
        auto query = parse_urlencoded(target.substr(question + 1));
        if (!query) return std::nullopt;
        r.query = std::move(*query);
    }
    for (const auto& field : head)
        r.headers.add(core::to_lower_ascii(view_of(field.name_string())),
                      std::string(view_of(field.value())));
    r.host = std::string(r.header("host"));
    if (!is_host(r.host)) return std::nullopt;
    if (const auto cookies = r.header("cookie"); !cookies.empty()) r.cookies = parse_cookies(cookies);
    return r;
}

bool has_body(const response& r) {
    return r.status != 304 && r.status != 204;
}

void write_head(std::string& out, const response& r, std::size_t body_size, bool keep, unsigned version) {
    const auto reason = http::obsolete_reason(static_cast<http::status>(r.status));
    out.append("HTTP/1.1 ").append(std::to_string(r.status)).append(" ");
    out.append(view_of(reason)).append("\r\n");
    if (has_body(r)) {
        if (!r.content_type.empty()) out.append("Content-Type: ").append(r.content_type).append("\r\n");
        out.append("Content-Length: ").append(std::to_string(body_size)).append("\r\n");
    }
    for (const auto& [name, value] : r.headers)
        out.append(name).append(": ").append(value).append("\r\n");
    if (!keep)
        out.append("Connection: close\r\n");
    else if (version < 11)
        out.append("Connection: keep-alive\r\n");
    out.append("\r\n");
}

} // namespace wechat
