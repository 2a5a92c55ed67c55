// Log lines: one JSON object a line on standard error. Callers never pass secrets, tokens, openids in full
// or personal data. spdlog does the writing.
#pragma once
#include "core/base/value.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace core::log {

enum class level { debug, info, warn, error };

void set_level(level least);
bool enabled(level l);
// {"time":…,"level":…,"part":part,"message":message, …fields}
void write(level l, std::string_view part, std::string_view message, const value& fields = value::object());
// A ready JSON object, for hot paths that build their own line.
void write_line(level l, const std::string& json);
// Everything written goes to `sink` instead (tests). An empty function restores standard error.
void redirect(std::function<void(const std::string& line)> sink);

inline void info(std::string_view part, std::string_view m, const value& f = value::object()) {
    write(level::info, part, m, f);
}
inline void warn(std::string_view part, std::string_view m, const value& f = value::object()) {
    write(level::warn, part, m, f);
}
inline void error(std::string_view part, std::string_view m, const value& f = value::object()) {
    write(level::error, part, m, f);
}

} // namespace core::log
