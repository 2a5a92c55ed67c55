// The command line, made from the tables in commands/. Exit code: 0 done, 1 refused or failed, 2 usage.
#include "wechat/commands/command.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace wechat::commands;

// "user create" stands below "user"; the upper one is made with its first command.
CLI::App& place_of(CLI::App& app, std::string_view name) {
    const auto blank = name.find(' ');
    if (blank == std::string_view::npos) return app;
    const std::string group(name.substr(0, blank));
    const auto same = app.get_subcommands([&](const CLI::App* a) { return a->get_name() == group; });
    if (!same.empty()) return *same.front();
    auto* made = app.add_subcommand(group, group + " commands; see " + group + " --help");
    made->require_subcommand(1);
    return *made;
}

void add_option(CLI::App& sub, const option& o, std::vector<std::string>& into) {
    const std::string name = (o.kind == takes::position ? "" : "--") + std::string(o.name);
    const std::string what(o.what);
    if (o.kind == takes::flag) {
        sub.add_flag_callback(
            name, [&into] { into.assign(1, "1"); }, what);
        return;
    }
    auto* made = sub.add_option(name, into, what);
    made->required(o.required);
    if (o.kind == takes::list)
        made->allow_extra_args(false)->take_all();
    else
        made->expected(1)->allow_extra_args(false); // the next word is the next position's
}

// A group's command may also be written as its option: `hub --once` is `hub once`.
void take_option_as_command(int argc, char** argv, const std::deque<command>& all) {
    if (argc < 3 || !std::string_view(argv[2]).starts_with("--")) return;
    const std::string name = std::string(argv[1]) + " " + (argv[2] + 2);
    for (const auto& c : all)
        if (c.name == name) argv[2] += 2;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "qiangjian: mandatory verification of measuring instruments, behind a WeChat official account"};
    app.require_subcommand(1);
    app.set_help_all_flag("--help-all", "help of all commands");
    arguments typed;
    const command* chosen = nullptr;
    std::deque<command> all;
    for (const auto table :
         {service_commands, setup_commands, database_commands, account_commands, people_commands,
          privacy_commands, setting_commands, data_commands, hub_commands, follower_commands})
        for (auto& c : table())
            all.push_back(std::move(c));
    for (const auto& c : all) {
        const auto blank = c.name.find(' ');
        const std::string last(blank == std::string_view::npos ? c.name : c.name.substr(blank + 1));
        auto* sub = place_of(app, c.name).add_subcommand(last, std::string(c.what));
        if (c.uses_config)
            sub->add_option("--config", typed.config_file, "configuration file (TOML)")
                ->capture_default_str();
        auto values = std::make_shared<std::map<std::string, std::vector<std::string>, std::less<>>>();
        for (const auto& o : c.options)
            add_option(*sub, o, (*values)[std::string(o.name)]);
        sub->callback([&typed, &chosen, &c, values] {
            typed.given = *values;
            chosen = &c;
        });
    }
    take_option_as_command(argc, argv, all);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    try {
        return chosen->run(typed);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "qiangjian: %s\n", e.what());
        return 1;
    }
}
