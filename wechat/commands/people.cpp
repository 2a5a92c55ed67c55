// user create, user passwd: people of institutions and of the platform. Companies register on the pages.
#include "core/account/login.hpp"
#include "core/account/member.hpp"
#include "core/account/password.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/catalogue/catalogue.hpp"
#include "wechat/commands/command.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>

namespace wechat::commands {
namespace {

constexpr core::role_set of_companies{core::role::owner, core::role::operator_};

std::string staff_codes() {
    std::string codes;
    for (const auto& r : core::account::all_roles)
        if (!of_companies.has(r.one)) codes.append(codes.empty() ? "" : ", ").append(r.code);
    return codes;
}

core::role_set roles_of(const std::vector<std::string>& codes) {
    core::role_set all;
    for (const auto& code : codes) {
        const auto known = core::account::find_role(code);
        if (!known || of_companies.has(*known))
            throw config_error("--role " + code + " is not known; take one of " + staff_codes());
        all.add(*known);
    }
    return all;
}

// The password of --password-file, or a fresh one that must be changed at the first sign-in.
struct chosen_password {
    std::string text;
    bool one_time = true;
};
chosen_password choose_password(const arguments& a) {
    const std::string file = a.text("password-file");
    if (file.empty()) return {core::random_hex(6), true};
    if (a.flag("one-time")) throw config_error("--one-time makes a password; leave out --password-file");
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    std::string password(core::trim(text.str()));
    if (!in || password.size() < 8)
        throw config_error("--password-file " + file + ": cannot be read, or holds fewer than 8 characters");
    return {password, false};
}

void tell(const config& c, const std::string& username, const chosen_password& p) {
    const std::string where = c.wechat.public_url + "/staff/login";
    if (p.one_time)
        std::printf("%s may sign in at %s with the password %s, once: a new one is asked for then\n",
                    username.c_str(), where.c_str(), p.text.c_str());
    else
        std::printf("%s may sign in at %s with the password of the file\n", username.c_str(), where.c_str());
}

int create(const arguments& a) {
    const core::role_set roles = roles_of(a.list("role"));
    const chosen_password password = choose_password(a);
    const std::string hash = core::account::hash_password(password.text);
    const std::string username = a.text("username");
    const std::string institution = a.text("institution");
    const std::string name = a.text("name").empty() ? username : a.text("name");
    opened_base base(a);
    const auto done = base.db.write([&](core::db::write_tx& tx) -> core::result<> {
        const auto where =
            institution.empty() ? std::nullopt : core::catalogue::find_institution_by_name(tx, institution);
        if (!institution.empty() && !where) return core::error(core::errc::not_found, "institution");
        auto id =
            core::account::add_login(tx, by_command(), {username, "staff", name, hash, password.one_time});
        if (!id) return id.error();
        return core::account::add_staff(tx, by_command(), *id, where ? where->id : 0, roles,
                                        a.text("region"));
    });
    if (!done) {
        std::fprintf(stderr,
                     "user create: refused (%s). The name has 3 to 32 of a-z 0-9 . _ - and is not taken; the "
                     "institution exists; roles fit the place; a regulator has --region\n",
                     done.error().detail.c_str());
        return 1;
    }
    tell(base.settings, username, password);
    return 0;
}

int passwd(const arguments& a) {
    const chosen_password password = choose_password(a);
    const std::string hash = core::account::hash_password(password.text);
    const std::string username = a.text("username");
    opened_base base(a);
    const auto done = base.db.write([&](core::db::write_tx& tx) -> core::result<> {
        const auto who = core::account::find_login(tx, username);
        if (!who) return core::error(core::errc::not_found);
        return core::account::set_password(tx, by_command(), who->id, hash, password.one_time);
    });
    if (!done) {
        std::fprintf(stderr, "user passwd: no user %s; `qiangjian user create` makes one\n",
                     username.c_str());
        return 1;
    }
    tell(base.settings, username, password);
    return 0;
}

} // namespace

std::vector<command> people_commands() {
    const option username{"username", takes::position, "name to sign in with", true};
    const option one_time{"one-time", takes::flag, "print a password for one sign-in (also without this)"};
    const option file{"password-file", takes::text, "file that holds the password"};
    return {
        {"user create",
         "make a staff user",
         {username,
          {"name", takes::text, "name shown"},
          {"institution", takes::text, "full name of the institution; without: the platform"},
          {"region", takes::text, "code of the region that a regulator reads"},
          {"role", takes::list, "role; repeat for several", true},
          one_time,
          file},
         create},
        {"user passwd",
         "give a user a new password; earlier sessions end",
         {username, one_time, file},
         passwd},
    };
}

} // namespace wechat::commands
