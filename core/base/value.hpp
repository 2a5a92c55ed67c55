// A small tree of text, numbers, flags, lists and named members: the view model of templates and the
// facts of an outbox row. Members keep the order in which they were set. Not a general JSON library.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace core {

class value {
  public:
    using list = std::vector<value>;
    using members = std::vector<std::pair<std::string, value>>;

    value() = default; // null
    value(bool b) : data_(b) {}
    value(std::int64_t n) : data_(n) {}
    value(int n) : data_(static_cast<std::int64_t>(n)) {}
    value(std::string s) : data_(std::move(s)) {}
    value(std::string_view s) : data_(std::string(s)) {}
    value(const char* s) : data_(std::string(s)) {}
    value(list l) : data_(std::move(l)) {}
    value(members m) : data_(std::move(m)) {}

    static value object() { return value(members{}); }
    static value array() { return value(list{}); }

    // Makes this an object if it is null, and the member null if it is new.
    value& operator[](std::string_view name);
    value& set(std::string_view name, value v) & {
        (*this)[name] = std::move(v);
        return *this;
    }
    value&& set(std::string_view name, value v) && { // object().set(…): handed on without a copy
        (*this)[name] = std::move(v);
        return std::move(*this);
    }
    value& push(value v); // makes this a list if it is null; gives the new element

    const value* find(std::string_view name) const;   // nullptr when absent or not an object
    std::string text(std::string_view name) const;    // member as text, "" when absent
    std::int64_t number(std::string_view name) const; // member as integer, 0 when absent
    bool flag(std::string_view name) const;

    bool operator==(const value&) const = default;
    bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
    const bool* as_bool() const { return std::get_if<bool>(&data_); }
    const std::int64_t* as_number() const { return std::get_if<std::int64_t>(&data_); }
    const std::string* as_text() const { return std::get_if<std::string>(&data_); }
    const list* as_list() const { return std::get_if<list>(&data_); }
    const members* as_members() const { return std::get_if<members>(&data_); }

  private:
    std::variant<std::monostate, bool, std::int64_t, std::string, list, members> data_;
};

} // namespace core
