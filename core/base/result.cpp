#include "core/base/result.hpp"

namespace core {

std::string_view name_of(errc code) {
    switch (code) {
    case errc::not_found:
        return "not_found";
    case errc::not_allowed:
        return "not_allowed";
    case errc::invalid:
        return "invalid";
    case errc::stale_state:
        return "stale_state";
    case errc::conflict:
        return "conflict";
    case errc::full:
        return "full";
    case errc::too_late:
        return "too_late";
    case errc::too_many:
        return "too_many";
    case errc::unavailable:
        return "unavailable";
    }
    return "unknown";
}

void throw_exception_from_error(const error& e, const boost::source_location& where) {
    throw std::logic_error("value() of a refusal: " + std::string(name_of(e.code)) + " " + e.detail + " " +
                           e.field + " at " + where.to_string());
}

} // namespace core
