// Calls a day and API path, and what clears them (wechat-platform.md 11).
#pragma once
#include "core/base/clock.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace wechat::sandbox {

class quota {
  public:
    bool take(std::string_view path, std::int64_t limit, core::instant now); // false: 45009
    std::int64_t used(std::string_view path, core::instant now) const;
    void limit(std::string path, std::int64_t a_day); // for tests: fewer than the platform's
    std::int64_t limit_of(std::string_view path, std::int64_t usual) const;
    bool clear(core::instant now); // ten times a month; false: 48006
    void clear_path(std::string_view path);

  private:
    core::date day_{};
    std::map<std::string, std::int64_t, std::less<>> used_, limits_;
    std::chrono::year_month month_{};
    int cleared_ = 0;
};

} // namespace wechat::sandbox
