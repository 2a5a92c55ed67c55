#include "wechat/mp/api_hosts.hpp"

#include "core/base/log.hpp"

namespace wechat::mp {

std::string api_hosts::base() const {
    if (settings_->api_base_fallback.empty()) return settings_->api_base;
    const std::lock_guard<std::mutex> hold(guard_);
    return time_->now() < away_until_ ? settings_->api_base_fallback : settings_->api_base;
}

bool api_hosts::leave(std::string_view base) {
    if (settings_->api_base_fallback.empty()) return false;
    const bool was_first = base == settings_->api_base;
    {
        const std::lock_guard<std::mutex> hold(guard_);
        away_until_ = was_first ? time_->now() + std::chrono::minutes(5) : core::instant{};
    }
    core::log::warn("wechat", "an API host cannot be reached, the other one is used",
                    core::value::object().set("host", base));
    return true;
}

} // namespace wechat::mp
