// Refusals are values: result<T> holds a T or an error. A broken world (disk, bug) throws instead.
// The Chinese text of an error is in templates/text/problems.txt under its `detail` key.
#pragma once
#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace core {

enum class errc {
    not_found,   // absent, or another tenant's
    not_allowed, // exists, but this actor may not
    invalid,     // the input breaks a rule
    stale_state, // the thing changed meanwhile
    conflict,    // repeats something that exists
    full,        // no capacity left
    too_late,    // a time limit has passed
    too_many,    // a rate or count limit
    unavailable  // a part of the system is down; nothing was changed
};

std::string_view name_of(errc code);

struct error {
    // Needs constructors: an aggregate breaks boost::system::result in C++20, and error() of a success needs
    // a default.
    error() : code(errc::unavailable) {}
    explicit error(errc c, std::string text_key = {}, std::string field_name = {})
        : code(c), detail(std::move(text_key)), field(std::move(field_name)) {}

    errc code;
    std::string detail;                                    // key in problems.txt, e.g. "phone.length"
    std::string field;                                     // form field it concerns, or empty
    std::vector<std::pair<std::string, std::string>> args; // values for the text's {{names}}
    std::vector<error> also;                               // further field errors of the same form

    error with(std::string name, std::string value) && {
        args.emplace_back(std::move(name), std::move(value));
        return std::move(*this);
    }
};

template<class T = void>
using result = boost::system::result<T, error>;

// Found by boost::system::result when value() is called on a refusal: that is a bug in our code.
[[noreturn]] void throw_exception_from_error(const error& e, const boost::source_location& where);

} // namespace core
