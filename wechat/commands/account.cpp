// What concerns the official account itself: its menu, and whether all is well with it.
#include "core/base/json.hpp"
#include "wechat/commands/command.hpp"
#include "wechat/mp/doctor.hpp"
#include "wechat/mp/menu.hpp"
#include "wechat/server/problem.hpp"

#include <cstdio>

namespace wechat::commands {
namespace {

// Everything these commands need; the server may run beside them, and they use its kept token.
class account {
  public:
    explicit account(const arguments& a)
        : settings(a.settings()), templates(options_of(settings)), http(mp::client_options(settings.wechat)) {
    }
    mp::api& api() {
        if (!api_) {
            if (!settings.wechat_enabled)
                throw config_error("wechat.enabled is false: there is no account to ask. Use --offline");
            db_.emplace(database_options(settings, false), time_);
            api_.emplace(settings.wechat, http, *db_);
        }
        return *api_;
    }
    core::db::database& db() {
        (void)api();
        return *db_;
    }
    config settings;
    core::template_set templates;
    mp::http_client http;

  private:
    static core::template_set::options options_of(const config& c) {
        core::template_set::options o;
        o.folder = c.templates_dir;
        return o;
    }
    core::machine_clock time_;
    std::optional<core::db::database> db_;
    std::optional<mp::api> api_;
};

int refuse(std::string_view command, const core::error& e) {
    std::string why = e.detail;
    for (const auto& [name, text] : e.args)
        why += " " + name + "=" + text;
    std::fprintf(stderr, "%s: %s\n", std::string(command).c_str(), why.c_str());
    return 1;
}

void print_line(const char* mark, const mp::menu_line& l) {
    std::printf("%s%*s%s", mark, l.depth * 4, "", l.name.c_str());
    if (!l.type.empty()) std::printf("  [%s] %s", l.type.c_str(), l.target.c_str());
    std::puts("");
}

void print_difference(const char* title, const core::value& live, const core::value& wanted) {
    const auto d = mp::compare(mp::lines_of(live), mp::lines_of(wanted));
    std::printf("%s: %s\n", title, mp::is_same(d) ? "the same" : "differs (- live now, + after publishing)");
    for (const auto& l : d)
        print_line(l.change == mp::line_change::same    ? "    "
                   : l.change == mp::line_change::added ? "  + "
                                                        : "  - ",
                   l.line);
}

void print_menus(const mp::menu_set& m) {
    std::puts("everybody:");
    for (const auto& l : mp::lines_of(m.all))
        print_line("    ", l);
    if (!m.staff) return;
    std::puts("followers with the staff tag:");
    for (const auto& l : mp::lines_of(*m.staff))
        print_line("    ", l);
}

int menu_show(const arguments& a) {
    account c(a);
    const auto wanted = mp::load_menus(c.templates, c.settings.wechat);
    if (!wanted) return refuse("menu show", wanted.error());
    if (a.flag("offline")) {
        print_menus(*wanted);
        return 0;
    }
    auto live = mp::fetch_menus(c.api(), c.settings.wechat.staff_tag);
    if (!live) return refuse("menu show", live.error());
    print_menus({std::move(live->all), std::move(live->staff)});
    return 0;
}

int menu_diff(const arguments& a) {
    account c(a);
    const auto wanted = mp::load_menus(c.templates, c.settings.wechat);
    if (!wanted) return refuse("menu diff", wanted.error());
    const auto live = mp::fetch_menus(c.api(), c.settings.wechat.staff_tag);
    if (!live) return refuse("menu diff", live.error());
    print_difference("everybody", live->all, wanted->all);
    if (wanted->staff)
        print_difference("followers with the staff tag", live->staff.value_or(core::value::object()),
                         *wanted->staff);
    return 0;
}

int menu_publish(const arguments& a) {
    account c(a);
    const auto wanted = mp::load_menus(c.templates, c.settings.wechat);
    if (!wanted) return refuse("menu publish", wanted.error());
    if (a.flag("offline")) {
        std::printf("%s\n", core::to_json(wanted->all).c_str());
        if (wanted->staff) std::printf("%s\n", core::to_json(*wanted->staff).c_str());
        return 0;
    }
    const auto done = mp::publish_menus(c.api(), *wanted);
    if (!done) return refuse("menu publish", done.error());
    if (done->all || done->staff) mp::record_published(c.db(), by_command());
    std::puts(done->all ? "everybody's menu is published; phones show it after about five minutes"
                        : "everybody's menu was live already");
    if (wanted->staff)
        std::puts(done->staff ? "the staff menu is published" : "the staff menu was live already");
    return 0;
}

// The rest of a line is Chinese too; programs read --json.
const char* word_of(mp::state s) {
    switch (s) {
    case mp::state::good:
        return "正常";
    case mp::state::warning:
        return "注意";
    case mp::state::bad:
        return "有问题";
    case mp::state::skipped:
        break;
    }
    return "未检查";
}

int run_doctor(const arguments& a) {
    account c(a);
    const notify::message_book book(c.templates);
    mp::doctor doctor(c.api(), c.db(), c.templates, book,
                      mp::doctor_setup{c.settings.callback_url(), c.settings.served_certificate(),
                                       c.settings.data_dir, c.settings.verification_files});
    const auto all = doctor.examine();
    const problem_texts texts(c.templates);
    if (a.flag("json")) {
        core::value list = core::value::array();
        for (const auto& f : all) {
            core::value& row = list.push(core::value::object());
            row.set("check", f.check).set("state", mp::code_of(f.state)).set("code", f.code);
            for (const auto& [name, text] : f.args)
                row[name] = text;
            row.set("text", texts.text_of(f.text_key()));
        }
        std::printf("%s\n", core::to_json(core::value::object()
                                              .set("state", mp::code_of(mp::worst_of(all)))
                                              .set("findings", std::move(list)))
                                .c_str());
    } else {
        for (const auto& f : all)
            std::printf(
                "【%s】%s：%s\n", word_of(f.state),
                texts.text_of(core::error(core::errc::invalid, "doctor." + std::string(f.check))).c_str(),
                texts.text_of(f.text_key()).c_str());
    }
    return mp::worst_of(all) == mp::state::bad ? 1 : 0;
}

} // namespace

std::vector<command> account_commands() {
    const option offline = {"offline", takes::flag, "only check the files in templates/menu/, ask nobody"};
    return {
        {"menu show", "print the menu that is live", {offline}, menu_show},
        {"menu diff", "what publishing would change", {}, menu_diff},
        {"menu publish",
         "send the menu to WeChat if it differs from what is live",
         {{"offline", takes::flag, "print what would be sent, send nothing"}},
         menu_publish},
        {"doctor",
         "check everything between this program and the official account; 1 when something is wrong",
         {{"json", takes::flag, "one JSON object"}},
         run_doctor},
    };
}

} // namespace wechat::commands
