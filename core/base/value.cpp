#include "core/base/value.hpp"

#include <stdexcept>

namespace core {

value& value::operator[](std::string_view name) {
    if (is_null()) data_ = members{};
    auto* all = std::get_if<members>(&data_);
    if (all == nullptr) throw std::logic_error("value: not an object, asked for " + std::string(name));
    for (auto& [key, v] : *all)
        if (key == name) return v;
    if (all->empty()) all->reserve(8); // as many as most have
    return all->emplace_back(std::string(name), value{}).second;
}

value& value::push(value v) {
    if (is_null()) data_ = list{};
    auto* all = std::get_if<list>(&data_);
    if (all == nullptr) throw std::logic_error("value: not a list");
    return all->emplace_back(std::move(v));
}

const value* value::find(std::string_view name) const {
    const auto* all = as_members();
    if (all == nullptr) return nullptr;
    for (const auto& [key, v] : *all)
        if (key == name) return &v;
    return nullptr;
}

std::string value::text(std::string_view name) const {
    const value* v = find(name);
    if (v == nullptr) return {};
    if (const auto* s = v->as_text()) return *s;
    if (const auto* n = v->as_number()) return std::to_string(*n);
    return {};
}

std::int64_t value::number(std::string_view name) const {
    const value* v = find(name);
    const auto* n = v == nullptr ? nullptr : v->as_number();
    return n == nullptr ? 0 : *n;
}

bool value::flag(std::string_view name) const {
    const value* v = find(name);
    const auto* b = v == nullptr ? nullptr : v->as_bool();
    return b != nullptr && *b;
}

} // namespace core
