// Figures for monitoring, in Prometheus' text format, and readiness. Served on the admin listener only
// (admin.port), which is meant for loopback or an inner network: nothing here is personal, all of it is busy.
#pragma once
#include "core/base/result.hpp"
#include "notify/hub/hub.hpp"
#include "wechat/server/router.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wechat {

class metrics_text {
  public:
    // `name` without the prefix; `labels` as `state="queued"`, or empty. Help and kind are written once a
    // name.
    void gauge(std::string_view name, std::string_view help, double value, std::string_view labels = {});
    void counter(std::string_view name, std::string_view help, std::uint64_t value,
                 std::string_view labels = {});
    std::string take() { return std::move(out_); }

  private:
    void head(std::string_view name, std::string_view help, std::string_view kind);
    void line(std::string_view name, std::string_view labels, std::string_view value);
    std::string out_, last_;
};

// What waits to be told, how the channels stand, and what is left of the day's quotas.
void put_hub(metrics_text& m, const notify::hub_status& s, std::span<const notify::pump::state> channels,
             const notify::hub_settings& limits, core::instant now);

// GET /metrics, /healthz (the process answers), /readyz (it can also read and write).
std::span<const route> admin_routes();

} // namespace wechat
