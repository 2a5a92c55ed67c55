#include "wechat/sandbox/quota.hpp"

namespace wechat::sandbox {

std::int64_t quota::limit_of(std::string_view path, std::int64_t usual) const {
    const auto at = limits_.find(path);
    return at == limits_.end() ? usual : at->second;
}

void quota::limit(std::string path, std::int64_t a_day) {
    limits_[std::move(path)] = a_day;
}

bool quota::take(std::string_view path, std::int64_t limit, core::instant now) {
    const auto today = core::local_date(now);
    if (today != day_) used_.clear();
    day_ = today;
    const std::int64_t most = limit_of(path, limit);
    if (most == 0) return true;
    std::int64_t& n = used_[std::string(path)];
    if (n >= most) return false;
    ++n;
    return true;
}

std::int64_t quota::used(std::string_view path, core::instant now) const {
    const auto at = used_.find(path);
    return at == used_.end() || core::local_date(now) != day_ ? 0 : at->second;
}

bool quota::clear(core::instant now) {
    const auto today = core::local_date(now);
    const std::chrono::year_month month(today.year(), today.month());
    if (month != month_) cleared_ = 0;
    month_ = month;
    if (cleared_ >= 10) return false;
    ++cleared_;
    used_.clear();
    return true;
}

void quota::clear_path(std::string_view path) {
    const auto at = used_.find(path);
    if (at != used_.end()) used_.erase(at);
}

} // namespace wechat::sandbox
