// The figures of the hub as monitoring reads them.
#include "wechat/metrics.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;

bool has_line(const std::string& text, const std::string& line) {
    return text.find("\n" + line + "\n") != std::string::npos;
}

} // namespace

TEST_CASE(
    "N17 the metrics say the queue by state and priority, what is left of quotas, answers, and the breaker") {
    const auto now = core::local_instant(*core::parse_date("2026-11-25"), 10 * 60);
    notify::hub_status s;
    s.waiting.status = 3;
    s.waiting.reminders = 50000;
    s.waiting.uncertain = 1;
    s.waiting.oldest = now - 90s;
    s.unreached = 7;
    s.used = {{"wechat", 1200}, {"email", 1100}, {"webhook", 5}};
    s.used_by_kind = {{"wechat", "certificates_due", 1000}, {"wechat", "order_confirmed", 200}};
    s.parked = {{"wechat", "order_moved", "40037", now}};
    notify::hub_settings limits;
    limits.per_day = 100000;
    limits.by_channel = {{"email", {0, 5000}}, {"webhook", {0, 0}}}; // quotas of their own; none
    limits.kind_per_day = {{"certificates_due", 5000}, {"order_moved", 10}};
    notify::pump::state wechat, mail;
    wechat.channel = "wechat";
    wechat.breaker_open = true;
    wechat.answers[static_cast<std::size_t>(notify::verdict::accepted)] = 1190;
    wechat.answers[static_cast<std::size_t>(notify::verdict::in_doubt)] = 10;
    mail.channel = "mail";
    mail.paused_until = now + 60s;
    const std::vector<notify::pump::state> channels = {wechat, mail};
    wechat::metrics_text m;
    wechat::put_hub(m, s, channels, limits, now);
    const auto text = m.take();
    for (const auto* line : {"qiangjian_messages{state=\"waiting_status\"} 3",
                             "qiangjian_messages{state=\"waiting_reminder\"} 50000",
                             "qiangjian_messages{state=\"uncertain\"} 1",
                             "qiangjian_messages{state=\"unreached\"} 7",
                             "qiangjian_message_oldest_waiting_seconds 90",
                             "qiangjian_messages_held 0",
                             "qiangjian_message_kind_parked{channel=\"wechat\",kind=\"order_moved\"} 1",
                             "qiangjian_channel_calls_today{channel=\"wechat\"} 1200",
                             "qiangjian_channel_calls_left_today{channel=\"wechat\"} 98800",
                             "qiangjian_channel_calls_left_today{channel=\"email\"} 3900",
                             "qiangjian_kind_calls_left_today{kind=\"certificates_due\"} 4000",
                             "qiangjian_kind_calls_left_today{kind=\"order_moved\"} 10",
                             "qiangjian_channel_stopped{channel=\"wechat\"} 1",
                             "qiangjian_channel_stopped{channel=\"mail\"} 1",
                             "qiangjian_channel_breaker_open{channel=\"wechat\"} 1",
                             "qiangjian_channel_breaker_open{channel=\"mail\"} 0",
                             "qiangjian_channel_pause_seconds{channel=\"wechat\"} 0",
                             "qiangjian_channel_pause_seconds{channel=\"mail\"} 60",
                             "qiangjian_channel_answers_total{channel=\"wechat\",answer=\"accepted\"} 1190",
                             "qiangjian_channel_answers_total{channel=\"wechat\",answer=\"in_doubt\"} 10",
                             "qiangjian_channel_answers_total{channel=\"mail\",answer=\"quota\"} 0"})
        CHECK_MESSAGE(has_line(text, line), line);
    CHECK(text.find("calls_left_today{channel=\"webhook\"}") ==
          std::string::npos); // no quota: nothing to say
    // Prometheus wants help and type once a name, all lines of a name together.
    std::string last;
    std::vector<std::string> heads;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find('\n', at);
        const std::string line = text.substr(at, end - at);
        at = end + 1;
        if (line.starts_with("# HELP ")) {
            const auto name = line.substr(7, line.find(' ', 7) - 7);
            CHECK(std::find(heads.begin(), heads.end(), name) == heads.end());
            heads.push_back(name);
        } else if (!line.starts_with("#"))
            CHECK(line.starts_with(heads.back()));
    }
    CHECK(heads.size() >= 10);
}
