// The two kinds of access_token with their rules (wechat-platform.md 10). They do not disturb each other.
#pragma once
#include "core/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wechat::sandbox {

class tokens {
  public:
    struct granted {
        std::string token;
        std::int64_t expires_in = 0; // seconds
    };
    // /cgi-bin/token: every call makes a new one; the one before works five minutes more.
    granted renew(core::instant now);
    // /cgi-bin/stable_token: the same one until its last five minutes. Forced: a new one, the old one dies at
    // once; at most 20 a day (nullopt: 45009), and within thirty seconds of the last nothing happens.
    std::optional<granted> stable(core::instant now, bool force);
    bool is_good(std::string_view token, core::instant now) const;
    bool was_ours(std::string_view token) const; // expired or replaced: 42001 instead of 40001
    void expire();                               // both kinds end now

  private:
    struct pair {
        std::string token, older;
        core::instant expires_at{}, older_until{};
        bool is_good(std::string_view t, core::instant now) const;
        void renew(core::instant now, bool older_lives);
    };
    pair legacy_, stable_;
    core::instant forced_at_{};
    core::date forced_day_{};
    int forced_today_ = 0;
};

} // namespace wechat::sandbox
