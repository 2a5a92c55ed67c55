#include "core/base/json.hpp"

#include <boost/json.hpp>

namespace core {
namespace {

namespace json = boost::json;

json::value to_boost(const value& v) {
    if (const auto* b = v.as_bool()) return *b;
    if (const auto* n = v.as_number()) return *n;
    if (const auto* s = v.as_text()) return json::string(*s);
    if (const auto* l = v.as_list()) {
        json::array out;
        out.reserve(l->size());
        for (const auto& e : *l)
            out.push_back(to_boost(e));
        return out;
    }
    if (const auto* m = v.as_members()) {
        json::object out;
        for (const auto& [key, e] : *m)
            out[key] = to_boost(e);
        return out;
    }
    return nullptr;
}

std::optional<value> from_boost(const json::value& v) {
    switch (v.kind()) {
    case json::kind::null:
        return value{};
    case json::kind::bool_:
        return value(v.get_bool());
    case json::kind::int64:
        return value(static_cast<std::int64_t>(v.get_int64()));
    case json::kind::uint64:
        return std::nullopt;
    case json::kind::double_:
        return std::nullopt;
    case json::kind::string:
        return value(std::string_view(v.get_string().data(), v.get_string().size()));
    case json::kind::array: {
        value out = value::array();
        for (const auto& e : v.get_array()) {
            auto item = from_boost(e);
            if (!item) return std::nullopt;
            out.push(std::move(*item));
        }
        return out;
    }
    case json::kind::object: {
        value out = value::object();
        for (const auto& e : v.get_object()) {
            auto item = from_boost(e.value());
            if (!item) return std::nullopt;
            out.set(std::string_view(e.key().data(), e.key().size()), std::move(*item));
        }
        return out;
    }
    }
    return std::nullopt;
}

} // namespace

std::string to_json(const value& v) {
    return json::serialize(to_boost(v));
}

std::optional<value> parse_json(std::string_view text) {
    boost::system::error_code failed;
    const json::value parsed = json::parse(json::string_view(text.data(), text.size()), failed);
    if (failed) return std::nullopt;
    return from_boost(parsed);
}

} // namespace core
