// rule list, rule set: what may be set about appointments, of the platform or of one institution. data check,
// data import: reference data from CSV files, told by line before anything is taken. The rules of both are
// core's (appointment/rule.hpp, catalogue/import.hpp).
#include "core/appointment/rule.hpp"
#include "core/base/template.hpp"
#include "core/catalogue/version.hpp"
#include "wechat/commands/command.hpp"
#include "wechat/server/problem.hpp"

#include <charconv>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>

namespace wechat::commands {
namespace {

namespace catalogue = core::catalogue;
constexpr std::size_t most_lines_told = 40;

core::template_set::options options_of(const config& c) {
    core::template_set::options o;
    o.folder = c.templates_dir;
    return o;
}

// Prints why, in the words of the pages, and gives the exit code.
int refused(const config& c, std::string_view command, const core::error& why) {
    const core::template_set templates(options_of(c));
    std::fprintf(stderr, "%s: refused: %s\n", std::string(command).c_str(),
                 problem_texts(templates).text_of(why).c_str());
    return 1;
}

// 0 without --institution: the platform's rules. Refuses not_found.
core::result<std::int64_t> place_of(core::db::read_view& view, const std::string& institution) {
    if (institution.empty()) return std::int64_t{0};
    const auto found = catalogue::find_institution_by_name(view, institution);
    if (!found) return core::error(core::errc::not_found);
    return found->id;
}

int rule_list(const arguments& a) {
    opened_base base(a);
    const auto all = base.db.read(
        [&](core::db::read_view& view) -> core::result<std::vector<core::appointment::rule_value>> {
            const auto where = place_of(view, a.text("institution"));
            if (!where) return where.error();
            return core::appointment::list_rules(view, by_command(), *where);
        });
    if (!all) return refused(base.settings, "rule list", all.error());
    for (const auto& r : *all)
        std::printf("%-22s %6d %-4s %d to %d, usually %d: %s\n", std::string(r.what->name).c_str(), r.value,
                    r.own ? "own" : "", r.what->least, r.what->most, r.what->usual,
                    std::string(r.what->meaning).c_str());
    return 0;
}

int rule_set(const arguments& a) {
    const std::string name = a.text("name"), text = a.text("value");
    std::optional<int> value;
    if (text != "usual") {
        int n = 0;
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
        if (failure != std::errc{} || end != text.data() + text.size()) {
            std::fprintf(stderr, "rule set: %s is neither a number nor the word usual\n", text.c_str());
            return 1;
        }
        value = n;
    }
    opened_base base(a);
    const auto done = base.db.write([&](core::db::write_tx& tx) -> core::result<> {
        const auto where = place_of(tx, a.text("institution"));
        if (!where) return where.error();
        return core::appointment::set_rule(tx, by_command(), *where, name, value);
    });
    if (!done) return refused(base.settings, "rule set", done.error());
    std::printf("%s is %s from now on\n", name.c_str(), text.c_str());
    return 0;
}

// ---- data

struct source {
    std::optional<catalogue::dataset> set; // nullopt: the catalogue
    std::string title, text;
};

std::optional<source> read_source(const arguments& a) {
    source s;
    const std::string name = a.text("dataset"), file = a.text("file");
    s.set = catalogue::dataset_named(name);
    s.title = a.text("title");
    if (!s.set && (name != "catalogue" || s.title.empty())) {
        std::fprintf(
            stderr,
            "data: %s is no dataset: regions, institutions, capabilities, periods, holidays, or catalogue "
            "with --title\n",
            name.c_str());
        return std::nullopt;
    }
    std::ifstream in(file, std::ios::binary);
    s.text.resize(catalogue::most_import_bytes + 1); // one more is told as too large
    in.read(s.text.data(), static_cast<std::streamsize>(s.text.size()));
    if (in.bad() || !in.is_open()) {
        std::fprintf(stderr, "data: %s cannot be read\n", file.c_str());
        return std::nullopt;
    }
    s.text.resize(static_cast<std::size_t>(in.gcount()));
    return s;
}

catalogue::import_report check(core::db::database& db, const source& s) {
    return db.read([&](core::db::read_view& view) {
        return s.set ? catalogue::check_import(view, *s.set, s.text)
                     : catalogue::check_catalogue(view, s.title, s.text);
    });
}

// Every problem, and what would change: at most forty lines, then how many more.
void tell(const config& c, const catalogue::import_report& r) {
    using step = catalogue::import_step;
    const core::template_set templates(options_of(c));
    const problem_texts texts(templates);
    for (const auto& i : r.issues)
        std::printf("line %zu, %s: %s\n", i.line, i.column.c_str(),
                    texts.text_of(core::error(core::errc::invalid, i.key).with("value", i.value)).c_str());
    for (std::size_t n = 0; n < r.changes.size() && n < most_lines_told; ++n) {
        const auto& one = r.changes[n];
        std::printf("%s %s%s%s\n",
                    one.step == step::added     ? "+"
                    : one.step == step::removed ? "-"
                                                : "~",
                    one.what.c_str(), one.detail.empty() ? "" : ": ", one.detail.c_str());
    }
    if (r.changes.size() > most_lines_told)
        std::printf("… and %zu more\n", r.changes.size() - most_lines_told);
    std::printf("%d rows: %d new, %d changed, %d removed, %d as they are; %zu problems\n", r.rows,
                r.count(step::added), r.count(step::changed), r.count(step::removed), r.unchanged,
                r.issues.size());
}

int data_check(const arguments& a) {
    const auto s = read_source(a);
    if (!s) return 1;
    opened_base base(a);
    const auto report = check(base.db, *s);
    tell(base.settings, report);
    return report.is_clean() ? 0 : 1;
}

core::result<> take(core::db::write_tx& tx, const source& s, bool in_force) {
    if (s.set) {
        const auto done = catalogue::import_data(tx, by_command(), *s.set, s.text);
        if (!done) return done.error();
        return {};
    }
    const auto made = catalogue::import_catalogue(tx, by_command(), s.title, s.text);
    if (!made) return made.error();
    if (!in_force) return {};
    const auto active = catalogue::activate_version(tx, by_command(), made->id);
    if (!active) return active.error();
    return {};
}

int data_import(const arguments& a) {
    const auto s = read_source(a);
    if (!s) return 1;
    opened_base base(a);
    const auto report = check(base.db, *s);
    tell(base.settings, report);
    if (!report.is_clean()) return 1;
    const auto done = base.db.write([&](core::db::write_tx& tx) { return take(tx, *s, a.flag("activate")); });
    if (!done) return refused(base.settings, "data import", done.error());
    std::puts("imported");
    return 0;
}

} // namespace

std::vector<command> data_commands() {
    const option institution{"institution", takes::text,
                             "full name of the institution; without: the platform"};
    const option dataset{"dataset", takes::position,
                         "regions, institutions, capabilities, periods, holidays or catalogue", true};
    const option file{"file", takes::position, "CSV in UTF-8 with a line of headings", true};
    const option title{"title", takes::text, "title of the catalogue's version"};
    return {
        {"rule list", "show the rules of appointments, their values and ranges", {institution}, rule_list},
        {"rule set",
         "change a rule of appointments; a running server goes by it at once",
         {{"name", takes::position, "as rule list shows it", true},
          {"value", takes::position, "a number, or the word usual", true},
          institution},
         rule_set},
        {"data check",
         "tell by line what is wrong in a file of reference data and what it would change",
         {dataset, file, title},
         data_check},
        {"data import",
         "take a file of reference data, all of it or nothing",
         {dataset, file, title, {"activate", takes::flag, "put the catalogue's version in force"}},
         data_import},
    };
}

} // namespace wechat::commands
