#include "wechat/server/response.hpp"

#include "wechat/server/form.hpp"

#include <algorithm>
#include <stdexcept>

namespace wechat {

response& response::add(std::string name, std::string value) {
    const auto is_control = [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; };
    if (std::any_of(value.begin(), value.end(), is_control))
        throw std::logic_error("control character in header " + name);
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
}

response html(std::string body, int status) {
    response r;
    r.status = status;
    r.body = std::move(body);
    return r;
}

response text(std::string body, int status) {
    response r = html(std::move(body), status);
    r.content_type = "text/plain; charset=utf-8";
    return r;
}

response json(std::string body, int status) {
    response r = html(std::move(body), status);
    r.content_type = "application/json; charset=utf-8";
    return r;
}

response xml(std::string body) {
    response r = html(std::move(body));
    r.content_type = "text/xml; charset=utf-8";
    return r;
}

response see_other(std::string path) {
    const bool ours =
        path.starts_with('/') && !path.starts_with("//") && path.find('\\') == std::string::npos;
    if (!ours) throw std::logic_error("redirect to something that is not a path of ours");
    response r = html({}, 303);
    r.add("Location", std::move(path));
    return r;
}

response found_at(std::string url) {
    response r = html({}, 302);
    r.add("Location", std::move(url));
    return r;
}

response download(std::string bytes, std::string media_type, std::string_view file_name) {
    response r = html(std::move(bytes));
    r.content_type = std::move(media_type);
    r.add("Content-Disposition", "attachment; filename*=UTF-8''" + url_encode(file_name));
    r.add("Content-Security-Policy", "sandbox; default-src 'none'");
    return r;
}

} // namespace wechat
