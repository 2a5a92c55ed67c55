// Figures for monitoring, in Prometheus' text format, and readiness. Served on the admin listener only
// (admin.port), which is meant for loopback or an inner network: nothing here is personal, all of it is busy.
#pragma once
#include "core/base/result.hpp"
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

// GET /metrics, /healthz (the process answers), /readyz (it can also read and write).
std::span<const route> admin_routes();

} // namespace wechat
