// setting list, setting set: the business settings of the platform, which staff change while the server runs.
// What institutions set for themselves are the rules of core/appointment.
#include "core/journal/setting.hpp"
#include "wechat/commands/command.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <string>

namespace wechat::commands {
namespace {

// What the slices read. A number has its range, a word its choices, parted by blanks.
struct known_setting {
    std::string_view name, usual, what;
    int least = 0, most = 0;       // most 0: no number
    std::string_view choices = ""; // "" and most 0: any text
};
constexpr std::array<known_setting, 16> known = {{
    {"filings.decide_days", "5", "working days an institution has to decide on a filing", 0, 60},
    {"due.lead_days", "60", "days before the end from which an instrument is due soon", 0, 366},
    {"reminders.days", "60 30 15 7 1", "days before the end at which companies are reminded, five at most"},
    {"reminders.certificates_at", "540", "minute of the day of these reminders", 0, 1439},
    {"reminders.tomorrow_at", "1080", "minute of the day of tomorrow's appointments", 0, 1439},
    {"reminders.staff_at", "510", "minute of the day of the staff's day", 0, 1439},
    {"reminders.regions_at", "510", "minute of the day of the regulators' week", 0, 1439},
    {"notify.quiet_from", "1320", "minute of the day from which reminders wait", 0, 1439},
    {"notify.quiet_until", "480", "minute of the day until which they wait", 0, 1439},
    {"followers.sync_at", "210", "minute of the day of the nightly list of followers", 0, 1439},
    {"password.companies", "asvs", "what passwords of companies are measured by", 0, 0, "asvs dengbao"},
    {"password.staff", "dengbao", "what passwords of staff are measured by", 0, 0, "asvs dengbao"},
    {"password.dengbao_days", "90", "days after which a password of dengbao is to be changed", 1, 3650},
    {"second_factor.required", "none", "which staff must have a second factor", 0, 0, "none higher all"},
    {"privacy.unbound_days", "30", "days after which WeChat ids of undone bindings are forgotten", 1, 3660},
    {"privacy.contact_days", "730", "days after which contacts of orders that are over are erased", 30, 3660},
}};

const known_setting* find_known(std::string_view name) {
    for (const auto& k : known)
        if (k.name == name) return &k;
    return nullptr;
}

bool fits(const known_setting& k, const std::string& value) {
    if (k.most > 0) {
        int n = 0;
        const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), n);
        return failure == std::errc{} && end == value.data() + value.size() && n >= k.least && n <= k.most;
    }
    if (k.choices.empty()) return value.find_first_not_of("0123456789 ") == std::string::npos;
    return (" " + std::string(k.choices) + " ").find(" " + value + " ") != std::string::npos;
}

std::string range_of(const known_setting& k) {
    if (k.most > 0) return std::to_string(k.least) + " to " + std::to_string(k.most);
    return k.choices.empty() ? "numbers parted by blanks" : "one of: " + std::string(k.choices);
}

int list(const arguments& a) {
    opened_base base(a);
    base.db.read([](core::db::read_view& view) {
        for (const auto& k : known) {
            const auto set = core::setting::find(view, k.name);
            std::printf("%-26s %-14s %s (%s)\n", std::string(k.name).c_str(),
                        set ? set->c_str() : std::string(k.usual).c_str(), std::string(k.what).c_str(),
                        range_of(k).c_str());
        }
        return 0;
    });
    return 0;
}

int set(const arguments& a) {
    const std::string name = a.text("name"), value = a.text("value");
    const auto* k = find_known(name);
    if (k == nullptr) {
        std::fprintf(stderr, "setting set: %s is no setting; `qiangjian setting list` shows them\n",
                     name.c_str());
        return 1;
    }
    if (!fits(*k, value)) {
        std::fprintf(stderr, "setting set: %s takes %s\n", name.c_str(), range_of(*k).c_str());
        return 1;
    }
    opened_base base(a);
    base.db
        .write([&](core::db::write_tx& tx) {
            return core::setting::change_setting(tx, by_command(), name, value);
        })
        .value();
    std::printf("%s is %s from now on\n", name.c_str(), value.c_str());
    return 0;
}

} // namespace

std::vector<command> setting_commands() {
    return {
        {"setting list", "show the business settings, their values and ranges", {}, list},
        {"setting set",
         "change a business setting; a running server goes by it at once",
         {{"name", takes::position, "as setting list shows it", true},
          {"value", takes::position, "the new value", true}},
         set},
    };
}

} // namespace wechat::commands
