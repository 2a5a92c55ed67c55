// config, check-config, demo.
#include "core/appointment/demo.hpp"
#include "wechat/commands/command.hpp"

#include <cstdio>
#include <iostream>

namespace wechat::commands {
namespace {

int print_sample(const arguments&) {
    std::cout << sample_config();
    return 0;
}

int check_config(const arguments& a) {
    const auto loaded = load_config(a.config_file, process_environment());
    for (const auto& s : loaded.origins)
        std::printf("%-36s %-40s %s\n", s.key.c_str(), s.value.c_str(), s.origin.c_str());
    return 0;
}

int demo(const arguments& a) {
    opened_base base(a, true);
    if (!core::demo::load(base.db)) {
        std::fputs("demo: the database already holds companies; demo data are only for an empty one\n",
                   stderr);
        return 1;
    }
    std::cout << core::demo::accounts_text(base.db);
    return 0;
}

} // namespace

std::vector<command> setup_commands() {
    return {
        {"config", "print a commented sample configuration", {}, print_sample, false},
        {"check-config", "show every setting and where it came from, without starting", {}, check_config},
        {"demo", "fill an empty database with demo data and print the accounts", {}, demo},
    };
}

} // namespace wechat::commands
