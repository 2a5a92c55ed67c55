// The commands of the program. Each refuses with what is wrong and what to do; exit 0 done, 1 failed, 2
// usage.
#include "core/account/login.hpp"
#include "core/appointment/demo.hpp"
#include "core/base/ids.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/db/backup.hpp"
#include "core/db/migrate.hpp"
#include "core/journal/audit.hpp"
#include "wechat/app.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>

namespace {

using wechat::config;

struct options {
    std::string config_file = "qiangjian.toml";
    std::string target;
    std::string username, name, institution, password_file;
    std::vector<std::string> roles;
    bool json = false;
};

config load(const options& o) {
    return wechat::load_config(o.config_file, wechat::process_environment()).values;
}

core::db::database::options open_options(const config& c, bool exclusive) {
    core::db::database::options o;
    o.file = c.database_file();
    o.exclusive = exclusive;
    o.key = core::vault::read_key_file(c.key_file);
    return o;
}

core::actor by_command() {
    core::actor who;
    who.kind = core::actor_kind::system;
    who.name = "command";
    who.source = "command";
    return who;
}

int migrate(const options& o) {
    const config c = load(o);
    std::filesystem::create_directories(c.data_dir);
    if (!std::filesystem::exists(c.key_file) && !std::filesystem::exists(c.database_file())) {
        core::vault::write_key_file(c.key_file, core::vault::new_key());
        std::printf("made %s: keep a copy apart from the backups\n", c.key_file.c_str());
    }
    const core::machine_clock time;
    const auto applied = core::db::migrate(c.database_file(), time);
    std::filesystem::permissions(c.database_file(),
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    for (const auto& name : applied)
        std::printf("applied %s\n", name.c_str());
    if (applied.empty()) std::puts("the schema is current");
    return 0;
}

int backup(const options& o) {
    const config c = load(o);
    core::db::backup_to(c.database_file(), o.target);
    std::printf("copied to %s and checked. Copy %s as well, and keep %s apart from both.\n", o.target.c_str(),
                c.attachments_dir().c_str(), c.key_file.c_str());
    return 0;
}

int demo(const options& o) {
    const config c = load(o);
    const core::machine_clock time;
    core::db::database db(open_options(c, true), time);
    const auto made = core::demo::load(db);
    if (!made) {
        std::fprintf(stderr,
                     "demo: the database already holds companies; demo data are only for an empty one\n");
        return 1;
    }
    std::cout << core::demo::accounts_text(db);
    return 0;
}

core::role role_of(const std::string& name) {
    static const std::pair<const char*, core::role> table[] = {
        {"filing_reviewer", core::role::filing_reviewer},
        {"scheduler", core::role::scheduler},
        {"front_desk", core::role::front_desk},
        {"verifier", core::role::verifier},
        {"institution_admin", core::role::institution_admin},
        {"regulator", core::role::regulator},
        {"platform_admin", core::role::platform_admin}};
    for (const auto& [known, r] : table)
        if (name == known) return r;
    throw wechat::config_error("--role " + name +
                               " is not known; take filing_reviewer, scheduler, front_desk, verifier, "
                               "institution_admin, regulator or platform_admin");
}

int add_user(const options& o) {
    const config c = load(o);
    const core::machine_clock time;
    core::db::database db(open_options(c, false), time);
    const std::string password = core::random_hex(6);
    const std::string hash = core::account::hash_password(password);
    core::role_set roles;
    for (const auto& r : o.roles)
        roles.add(role_of(r));
    const auto done = db.write([&](core::db::write_tx& tx) -> core::result<> {
        const auto where = o.institution.empty()
                               ? std::nullopt
                               : core::catalogue::find_institution_by_name(tx, o.institution);
        if (!o.institution.empty() && !where) return core::error(core::errc::not_found, "institution");
        auto id = core::account::add_login(
            tx, by_command(), {o.username, "staff", o.name.empty() ? o.username : o.name, hash, true});
        if (!id) return id.error();
        return core::account::add_staff(tx, by_command(), *id, where ? where->id : 0, roles);
    });
    if (!done) {
        std::fprintf(
            stderr,
            "user add: %s. Choose another name (3 to 32 of a-z 0-9 . _ -), or an institution that exists\n",
            done.error().detail.c_str());
        return 1;
    }
    std::printf("%s may sign in at %s/staff/login with the password %s\n", o.username.c_str(),
                c.wechat.public_url.c_str(), password.c_str());
    return 0;
}

int set_password(const options& o) {
    const config c = load(o);
    const core::machine_clock time;
    core::db::database db(open_options(c, false), time);
    const std::string password = core::random_hex(6);
    const std::string hash = core::account::hash_password(password);
    const auto done = db.write([&](core::db::write_tx& tx) -> core::result<> {
        const auto who = core::account::find_login(tx, o.username);
        if (!who) return core::error(core::errc::not_found);
        return core::account::set_password(tx, by_command(), who->id, hash);
    });
    if (!done) {
        std::fprintf(stderr, "user passwd: no user %s; `qiangjian user add` makes one\n", o.username.c_str());
        return 1;
    }
    std::printf("%s has the password %s; earlier sessions are over\n", o.username.c_str(), password.c_str());
    return 0;
}

int check_config(const options& o) {
    const auto loaded = wechat::load_config(o.config_file, wechat::process_environment());
    for (const auto& s : loaded.origins)
        std::printf("%-36s %-40s %s\n", s.key.c_str(), s.value.c_str(), s.origin.c_str());
    return 0;
}

int selfcheck(const options& o) {
    const config c = load(o);
    core::db::check_integrity(c.database_file());
    const core::machine_clock time;
    core::db::database db(open_options(c, false), time);
    const auto broken = db.read([](core::db::read_view& v) { return core::audit::find_broken(v); });
    if (broken) {
        std::fprintf(stderr,
                     "audit: row %lld does not fit the chain; restore a backup from before it was changed\n",
                     static_cast<long long>(*broken));
        return 1;
    }
    std::puts("database, references and audit chain are sound");
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "qiangjian: mandatory verification of measuring instruments, behind a WeChat official account"};
    app.require_subcommand(1);
    app.set_help_all_flag("--help-all", "help of all commands");
    options o;
    int (*chosen)(const options&) = nullptr;
    const auto command = [&](CLI::App& parent, const char* name, const char* what,
                             int (*run)(const options&)) {
        auto* sub = parent.add_subcommand(name, what);
        sub->add_option("--config", o.config_file, "configuration file (TOML)")->capture_default_str();
        sub->callback([&chosen, run] { chosen = run; });
        return sub;
    };
    command(app, "serve", "serve the pages, the WeChat callback and the notification hub",
            [](const options& given) { return wechat::run_server(load(given)); });
    command(app, "sandbox", "a simulated WeChat platform with phones in the browser, on loopback",
            [](const options& given) { return wechat::run_sandbox(load(given)); });
    command(app, "migrate", "make the database or bring its schema up to date", migrate);
    command(app, "backup", "copy the database while it is in use, and check the copy", backup)
        ->add_option("target", o.target, "file to write")
        ->required();
    command(app, "demo", "fill an empty database with demo data and print the accounts", demo);
    command(app, "check-config", "show every setting and where it came from", check_config);
    command(app, "selfcheck", "check database, references and audit chain", selfcheck);
    auto* audit = app.add_subcommand("audit", "the audit journal");
    audit->require_subcommand(1);
    command(*audit, "verify", "check the chain of audit rows", selfcheck);
    auto* user = app.add_subcommand("user", "people of institutions");
    user->require_subcommand(1);
    auto* add = command(*user, "add", "make a staff user and print a password", add_user);
    add->add_option("username", o.username, "name to sign in with")->required();
    add->add_option("--name", o.name, "name shown");
    add->add_option("--institution", o.institution, "full name of the institution; without: the platform");
    add->add_option("--role", o.roles, "role; repeat for several")->required();
    command(*user, "passwd", "give a user a new password and print it", set_password)
        ->add_option("username", o.username, "name to sign in with")
        ->required();
    app.add_subcommand("config", "print a commented sample configuration")->callback([&] {
        chosen = [](const options&) {
            std::cout << wechat::sample_config();
            return 0;
        };
    });
    app.add_subcommand("version", "print the version")->callback([&] {
        chosen = [](const options&) {
            std::puts("qiangjian " QIANGJIAN_VERSION);
            return 0;
        };
    });
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    try {
        return chosen(o);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "qiangjian: %s\n", e.what());
        return 1;
    }
}
