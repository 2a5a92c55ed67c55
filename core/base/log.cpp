#include "core/base/log.hpp"

#include "core/base/clock.hpp"
#include "core/base/json.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <mutex>

namespace core::log {
namespace {

std::mutex redirect_guard;
std::function<void(const std::string&)> redirected; // guarded by redirect_guard
std::atomic<bool> is_redirected = false;

spdlog::level::level_enum to_spdlog(level l) {
    switch (l) {
    case level::debug:
        return spdlog::level::debug;
    case level::info:
        return spdlog::level::info;
    case level::warn:
        return spdlog::level::warn;
    case level::error:
        return spdlog::level::err;
    }
    return spdlog::level::info;
}

std::string_view name_of(level l) {
    switch (l) {
    case level::debug:
        return "debug";
    case level::info:
        return "info";
    case level::warn:
        return "warn";
    case level::error:
        return "error";
    }
    return "info";
}

spdlog::logger& logger() {
    static const auto one = [] {
        auto made = spdlog::stderr_logger_mt("qiangjian");
        made->set_pattern("%v");
        made->set_level(spdlog::level::info);
        return made;
    }();
    return *one;
}

} // namespace

void set_level(level least) {
    logger().set_level(to_spdlog(least));
}
bool enabled(level l) {
    return logger().should_log(to_spdlog(l));
}

void write(level l, std::string_view part, std::string_view message, const value& fields) {
    if (!enabled(l)) return;
    value line = value::object();
    line.set("time", moment_text(machine_clock().now()));
    line.set("level", name_of(l)).set("part", part).set("message", message);
    if (const auto* members = fields.as_members())
        for (const auto& [key, v] : *members)
            line.set(key, v);
    write_line(l, to_json(line));
}

void write_line(level l, const std::string& json) {
    if (is_redirected) {
        const std::lock_guard<std::mutex> hold(redirect_guard);
        if (redirected) redirected(json);
        return;
    }
    logger().log(to_spdlog(l), json);
}

void redirect(std::function<void(const std::string&)> sink) {
    const std::lock_guard<std::mutex> hold(redirect_guard);
    is_redirected = static_cast<bool>(sink);
    redirected = std::move(sink);
}

} // namespace core::log
