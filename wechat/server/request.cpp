#include "wechat/server/request.hpp"

#include "core/base/text.hpp"

#include <charconv>

namespace wechat {

std::optional<std::string_view> name_values::find(std::string_view name) const {
    for (const auto& [n, v] : all_)
        if (n == name) return v;
    return std::nullopt;
}

std::string_view name_values::get(std::string_view name) const {
    return find(name).value_or(std::string_view("")); // never a null pointer: C libraries are given it
}

std::vector<std::string_view> name_values::all(std::string_view name) const {
    std::vector<std::string_view> out;
    for (const auto& [n, v] : all_)
        if (n == name) out.emplace_back(v);
    return out;
}

std::size_t name_values::count(std::string_view name) const {
    std::size_t n = 0;
    for (const auto& pair : all_)
        n += pair.first == name ? 1u : 0u;
    return n;
}

std::int64_t request::id(std::size_t n) const {
    if (n >= parameters.size()) return 0;
    return to_id(parameters[n]);
}

std::int64_t to_id(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failed == std::errc() && end == text.data() + text.size() && value > 0 ? value : 0;
}

bool request::in_wechat() const {
    return header("user-agent").find("MicroMessenger") != std::string_view::npos;
}

} // namespace wechat
