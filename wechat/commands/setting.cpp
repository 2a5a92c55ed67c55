// setting list, setting set: the business settings of the platform, which staff change while the server runs.
// What institutions set for themselves are the rules of core/appointment.
#include "core/journal/setting.hpp"
#include "wechat/commands/command.hpp"

#include <cstdio>
#include <string>

namespace wechat::commands {
namespace {

using core::setting::known;

std::string range_of(const known& k) {
    switch (k.what) {
    case core::setting::takes::number:
        return std::to_string(k.least) + " to " + std::to_string(k.most);
    case core::setting::takes::numbers:
        return "numbers up to " + std::to_string(k.most) + " parted by blanks";
    case core::setting::takes::word:
        return "one of: " + std::string(k.choices);
    case core::setting::takes::words:
        break;
    }
    return "a text of " + std::to_string(k.most) + " characters at most";
}

int list(const arguments& a) {
    opened_base base(a);
    base.db.read([](core::db::read_view& view) {
        for (const auto& k : core::setting::all)
            std::printf("%-27s %-14s %s (%s)\n", std::string(k.name).c_str(),
                        core::setting::text(view, k.name).c_str(), std::string(k.meaning).c_str(),
                        range_of(k).c_str());
        return 0;
    });
    return 0;
}

int set(const arguments& a) {
    const std::string name = a.text("name"), value = a.text("value");
    const auto* k = core::setting::find_known(name);
    if (k == nullptr) {
        std::fprintf(stderr, "setting set: %s is no setting; `qiangjian setting list` shows them\n",
                     name.c_str());
        return 1;
    }
    if (!core::setting::fits(*k, value)) {
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
