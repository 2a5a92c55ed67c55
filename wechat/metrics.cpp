#include "wechat/metrics.hpp"

#include "core/db/database.hpp"
#include "wechat/mp/services.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>

namespace wechat {
namespace {

constexpr std::size_t most_waiting = 4000; // actions queued for the writer: more, and nobody else should come

core::result<response> metrics(const request&, services& s) {
    response r = text(s.metrics ? s.metrics() : std::string());
    r.content_type = "text/plain; version=0.0.4; charset=utf-8";
    return r;
}

core::result<response> healthy(const request&, services&) {
    return text("ok\n");
}

core::result<response> ready(const request&, services& s) {
    (void)s.db->read([](core::db::read_view& v) { return v.today(); }); // throws when the file is gone
    return s.db->waiting() > most_waiting ? text("busy\n", 503) : text("ready\n");
}

} // namespace

void metrics_text::head(std::string_view name, std::string_view help, std::string_view kind) {
    if (name == last_) return;
    last_ = name;
    out_.append("# HELP qiangjian_").append(name).append(" ").append(help);
    out_.append("\n# TYPE qiangjian_").append(name).append(" ").append(kind).append("\n");
}

void metrics_text::line(std::string_view name, std::string_view labels, std::string_view value) {
    out_.append("qiangjian_").append(name);
    if (!labels.empty()) out_.append("{").append(labels).append("}");
    out_.append(" ").append(value).append("\n");
}

void metrics_text::gauge(std::string_view name, std::string_view help, double value,
                         std::string_view labels) {
    head(name, help, "gauge");
    std::array<char, 32> number{};
    std::snprintf(number.data(), number.size(), "%.15g", value);
    line(name, labels, number.data());
}

void metrics_text::counter(std::string_view name, std::string_view help, std::uint64_t value,
                           std::string_view labels) {
    head(name, help, "counter");
    line(name, labels, std::to_string(value));
}

namespace {

std::string label(std::string_view name, std::string_view value) {
    return std::string(name) + "=\"" + std::string(value) + "\"";
}

void put_waiting(metrics_text& m, const notify::hub_status& s, core::instant now) {
    const auto& w = s.waiting;
    const auto count = [&](std::string_view state, std::int64_t n) {
        m.gauge("messages", "Messages by state.", static_cast<double>(n), label("state", state));
    };
    count("not_fanned_out", w.to_fan_out);
    count("waiting_status", w.status);
    count("waiting_reminder", w.reminders);
    count("in_flight", w.in_flight);
    count("uncertain", w.uncertain);
    count("blocked", w.blocked);
    count("failed", w.failed);
    count("dead", w.dead);
    count("parked", w.parked);
    count("unreached", s.unreached);
    const std::chrono::duration<double> longest = w.oldest ? now - *w.oldest : std::chrono::milliseconds(0);
    m.gauge("message_oldest_waiting_seconds", "Age of what waits longest.", longest.count());
    bool held = false;
    for (const auto& c : s.states)
        held = held || c.held;
    m.gauge("messages_held", "1: the operator holds all messages.", held ? 1 : 0);
    for (const auto& p : s.parked)
        m.gauge("message_kind_parked", "1: the other side refuses the template of this kind.", 1,
                label("channel", p.channel) + "," + label("kind", p.kind));
}

// Quotas are the settings'; 0 there means none, and then nothing is left to say.
void put_quotas(metrics_text& m, const notify::hub_status& s, const notify::hub_settings& limits) {
    for (const auto& u : s.used)
        m.gauge("channel_calls_today", "Calls made today, against the quota.",
                static_cast<double>(u.calls_today), label("channel", u.channel));
    for (const auto& u : s.used)
        if (const auto most = limits.limits_of(u.channel).per_day; most > 0)
            m.gauge("channel_calls_left_today", "Calls left of today's quota.",
                    static_cast<double>(std::max<std::int64_t>(0, most - u.calls_today)),
                    label("channel", u.channel));
    for (const auto& [kind, most] : limits.kind_per_day) {
        std::int64_t used = 0;
        for (const auto& u : s.used_by_kind)
            used += u.kind == kind ? u.calls : 0;
        m.gauge("kind_calls_left_today", "Calls left of today's quota of one kind.",
                static_cast<double>(std::max<std::int64_t>(0, most - used)), label("kind", kind));
    }
}

void put_channels(metrics_text& m, std::span<const notify::pump::state> channels, core::instant now) {
    for (const auto& c : channels)
        m.gauge("channel_stopped", "1: paused, or the breaker is open.",
                c.paused_until || c.breaker_open ? 1 : 0, label("channel", c.channel));
    for (const auto& c : channels)
        m.gauge("channel_breaker_open", "1: the other side does not answer, only probes go.",
                c.breaker_open ? 1 : 0, label("channel", c.channel));
    for (const auto& c : channels) {
        const bool paused = c.paused_until && *c.paused_until > now;
        const std::chrono::duration<double> left =
            paused ? *c.paused_until - now : std::chrono::milliseconds(0);
        m.gauge("channel_pause_seconds", "How long the channel still pauses.", left.count(),
                label("channel", c.channel));
    }
    for (const auto& c : channels)
        m.gauge("channel_under_way", "Messages handed over and not yet answered.",
                static_cast<double>(c.under_way), label("channel", c.channel));
    for (const auto& c : channels)
        for (int v = 0; v < notify::verdict_count; ++v)
            m.counter("channel_answers_total", "Answers since the start, by what they mean.",
                      static_cast<std::uint64_t>(c.answers[static_cast<std::size_t>(v)]),
                      label("channel", c.channel) + "," +
                          label("answer", notify::name_of(static_cast<notify::verdict>(v))));
}

} // namespace

void put_hub(metrics_text& m, const notify::hub_status& s, std::span<const notify::pump::state> channels,
             const notify::hub_settings& limits, core::instant now) {
    put_waiting(m, s, now);
    put_quotas(m, s, limits);
    put_channels(m, channels, now);
}

std::span<const route> admin_routes() {
    static constexpr auto table = std::to_array<route>({
        get_task("/metrics", anyone, metrics),
        get_task("/healthz", anyone, healthy),
        get_task("/readyz", anyone, ready),
    });
    return table;
}

} // namespace wechat
