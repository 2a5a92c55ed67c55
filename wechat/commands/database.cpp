// migrate, backup, restore, export-state, selfcheck, db check, db rebuild, collect-files, audit verify.
#include "core/appointment/derived.hpp"
#include "core/db/backup.hpp"
#include "core/db/export.hpp"
#include "core/db/holders.hpp"
#include "core/db/migrate.hpp"
#include "core/files/orphans.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/audit_head.hpp"
#include "notify/hub/hub.hpp"
#include "notify/hub/told.hpp"
#include "wechat/commands/command.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>

namespace wechat::commands {
namespace {

int migrate(const arguments& a) {
    const config c = a.settings();
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

int backup(const arguments& a) {
    const config c = a.settings();
    const std::string target = a.text("target");
    core::db::backup_to(c.database_file(), target);
    std::printf("copied to %s and checked. Copy %s as well, and keep %s apart from both.\n", target.c_str(),
                c.attachments_dir().c_str(), c.key_file.c_str());
    return 0;
}

// Nothing is sent by itself after a restore (N18): what the copy calls waiting may have been sent since.
void hold_hub(const config& c) {
    const core::machine_clock time;
    if (!core::db::inspect_schema(c.database_file()).is_current()) core::db::migrate(c.database_file(), time);
    core::db::database db(database_options(c, true), time);
    db.write([](core::db::write_tx& tx) -> core::result<> {
          notify::hold_restored(tx);
          return {};
      }).value();
}

int restore(const arguments& a) {
    const config c = a.settings();
    const std::string copy = a.text("copy");
    core::db::restore_from(copy, c.database_file());
    // The copy ends earlier than what was noted of the database it replaces.
    const auto head = core::audit::head_file(c.database_file());
    if (std::filesystem::exists(head)) std::filesystem::rename(head, head.string() + ".before-restore");
    hold_hub(c);
    std::printf(
        "restored %s from %s; what was there is kept as %s.before-restore.\nMessages are held, for some "
        "of what waits was sent before: look at `qiangjian hub status`, then `qiangjian hub release`\n",
        c.database_file().c_str(), copy.c_str(), c.database_file().c_str());
    return 0;
}

int export_state(const arguments& a) {
    const config c = a.settings();
    core::db::export_state(c.database_file(), std::cout);
    return 0;
}

int collect_files(const arguments& a) {
    opened_base base(a);
    const auto named = [&](const std::string& hash) {
        return base.db.read(
            [&](core::db::read_view& v) { return core::db::is_held(v, "content_hash", hash); });
    };
    const auto done = core::files::collect_orphans(base.settings.attachments_dir(), base.time.now(),
                                                   std::chrono::hours(24), named);
    std::printf("removed %d files that nothing names, %lld bytes; kept %d\n", done.files,
                static_cast<long long>(done.bytes), done.kept);
    return 0;
}

int verify_audit(const arguments& a) {
    opened_base base(a);
    const auto broken = base.db.read([](core::db::read_view& v) { return core::audit::find_broken(v); });
    if (broken) {
        std::fprintf(stderr,
                     "audit: row %lld does not fit the chain; restore a backup from before it was changed\n",
                     static_cast<long long>(*broken));
        return 1;
    }
    const auto file = core::audit::head_file(base.settings.database_file());
    const auto noted = core::audit::read_head(file);
    const bool cut = noted.last && base.db.read([&](core::db::read_view& v) {
        return core::audit::is_cut(v, *noted.last);
    });
    if (cut || !noted.readable) {
        std::fprintf(stderr,
                     "audit: the chain does not end as noted in %s (row %lld): rows were cut off or "
                     "replaced; restore a backup that has them\n",
                     file.c_str(), static_cast<long long>(noted.last ? noted.last->id : 0));
        return 1;
    }
    std::puts("the audit chain is sound");
    return 0;
}

// What lists and counts are kept in, against the rows it comes from.
int check_derived(const arguments& a) {
    opened_base base(a);
    const auto drift = base.db.read([](core::db::read_view& v) {
        auto all = core::appointment::find_drift(v);
        if (notify::has_told_drift(v)) all.emplace_back("announcement_tally");
        return all;
    });
    for (const auto& table : drift)
        std::fprintf(stderr,
                     "%s does not say what the rows say; stop the server and run `qiangjian db rebuild`\n",
                     table.c_str());
    if (drift.empty()) std::puts("what lists and counts are kept in agrees with the rows");
    return drift.empty() ? 0 : 1;
}

int rebuild_derived(const arguments& a) {
    opened_base base(a, true);
    base.db
        .write([](core::db::write_tx& tx) -> core::result<> {
            core::appointment::rebuild_derived(tx);
            notify::rebuild_told(tx);
            return {};
        })
        .value();
    std::puts("made anew what lists and counts are kept in");
    return 0;
}

int selfcheck(const arguments& a) {
    core::db::check_integrity(a.settings().database_file());
    std::puts("database and references are sound");
    const int drift = check_derived(a);
    return std::max(drift, verify_audit(a));
}

} // namespace

std::vector<command> database_commands() {
    return {
        {"migrate", "make the database or bring its schema up to date", {}, migrate},
        {"backup",
         "copy the database while it is in use, and check the copy",
         {{"target", takes::position, "file to write", true}},
         backup},
        {"restore",
         "put a backup in the place of the database; the server must be stopped",
         {{"copy", takes::position, "file made by backup", true}},
         restore},
        {"export-state", "print every business table as text in a stable order", {}, export_state},
        {"selfcheck", "check database, references, lists and audit chain", {}, selfcheck},
        {"db check", "compare what lists and counts are kept in with the rows", {}, check_derived},
        {"db rebuild",
         "make anew what lists and counts are kept in; the server must be stopped",
         {},
         rebuild_derived},
        {"collect-files",
         "remove uploads that nothing names and that are older than a day",
         {},
         collect_files},
        {"audit verify", "check the chain of audit rows", {}, verify_audit},
    };
}

} // namespace wechat::commands
