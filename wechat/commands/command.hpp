// A command of the program as data: name, options, function. main.cpp turns the tables into the command line
// (the only file that knows CLI11); a command's own file says what it does.
#pragma once
#include "core/base/actor.hpp"
#include "core/db/database.hpp"
#include "wechat/config.hpp"

#include <filesystem>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wechat::commands {

enum class takes { position, text, list, flag };

struct option {
    std::string_view name; // "institution": --institution; for a position its name in the help
    takes kind = takes::text;
    std::string_view what;
    bool required = false;
};

// What was typed. Options that were not given read as "", an empty list or false.
class arguments {
  public:
    std::string text(std::string_view name) const;
    const std::vector<std::string>& list(std::string_view name) const;
    bool flag(std::string_view name) const { return !list(name).empty(); }
    // The configuration named by --config, with the environment over it. Throws config_error.
    config settings() const;

    std::string config_file = "qiangjian.toml";
    std::map<std::string, std::vector<std::string>, std::less<>> given;
};

struct command {
    std::string_view name; // "serve", "user create"
    std::string_view what; // one line for the help
    std::vector<option> options;
    int (*run)(const arguments& a); // the exit code: 0 done, 1 refused; throws for a broken world
    bool uses_config = true;
};

// One table a file; main.cpp lists them.
std::vector<command> service_commands();  // serve, sandbox, version
std::vector<command> setup_commands();    // config, check-config, demo
std::vector<command> database_commands(); // migrate, backup, restore, export-state, selfcheck, …
std::vector<command> account_commands();  // menu show, menu diff, menu publish, doctor
std::vector<command> people_commands();   // user …
std::vector<command> privacy_commands();  // user export, user erase, company export, company erase
std::vector<command> setting_commands();  // setting list, setting set
std::vector<command> data_commands();     // rule list, rule set, data check, data import
std::vector<command> follower_commands(); // followers sync, followers status, followers move
std::vector<command> hub_commands();      // hub once, hub status, hub hold, hub release

// For the commands themselves.
core::actor by_command(); // what audit rows say of a change made on the command line
// The configured database, migrated; `exclusive` refuses beside a running server.
core::db::database::options database_options(const config& c, bool exclusive);
struct opened_base {
    explicit opened_base(const arguments& a, bool exclusive = false)
        : settings(a.settings()), db(database_options(settings, exclusive), time) {}

    config settings;
    core::machine_clock time;
    core::db::database db;
};

} // namespace wechat::commands
