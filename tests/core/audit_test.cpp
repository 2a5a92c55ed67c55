// core/journal: the audit chain, what tampering it finds, its end noted outside, the log that people read.
#include "core/journal/audit.hpp"

#include "core/account/login.hpp"
#include "core/journal/audit_head.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

namespace {

using namespace core;
using db::read_view;
using db::write_tx;
using tests::account_world;

void act(account_world& w, const actor& who, int times = 1) {
    for (int n = 0; n < times; ++n) {
        w.time.advance(std::chrono::seconds(1));
        w.write([&](write_tx& tx) -> result<> {
             audit::append(tx, who,
                           {.verb = "test",
                            .subject_kind = "thing",
                            .subject_id = n,
                            .before = value::object().set("n", n),
                            .after = value::object().set("n", n + 1),
                            .note = "原因",
                            .applicant_id = who.applicant_id,
                            .institution_id = who.institution_id});
             return {};
         }).value();
    }
}

// What somebody with the file in his hands does: no trigger, no program.
void tamper(account_world& w, const std::string& sql) {
    w.write([&](write_tx& tx) -> result<> {
         tx.exec(R"sql(DROP TRIGGER IF EXISTS audit_keeps_rows)sql");
         tx.exec(R"sql(DROP TRIGGER IF EXISTS audit_keeps_all)sql");
         tx.exec(sql);
         return {};
     }).value();
}

std::optional<std::int64_t> broken(account_world& w) {
    return w.read([](read_view& v) { return audit::find_broken(v); });
}

} // namespace

TEST_CASE("S13 rows are neither changed nor deleted by the program") {
    account_world w;
    act(w, account_world::system());
    for (const char* sql : {"UPDATE audit SET note = 'x'", "DELETE FROM audit",
                            "INSERT OR REPLACE INTO audit SELECT * FROM audit LIMIT 1"}) {
        const std::string forbidden = sql;
        CHECK_THROWS_AS(w.write([&](write_tx& tx) -> result<> {
            tx.exec(forbidden);
            return {};
        }),
                        db::db_error);
    }
    CHECK_FALSE(broken(w));
}

TEST_CASE("S13 every single tampering is found, and the first bad row is named") {
    account_world w;
    act(w, w.acting("chenzhiming"), 5);
    const auto rows = w.read([](read_view& v) {
        std::vector<std::int64_t> all;
        for (const auto r : v.query(R"sql(SELECT id FROM audit ORDER BY id)sql"))
            all.push_back(r.number(0));
        return all;
    });
    REQUIRE(rows.size() > 5);
    const auto row = rows[rows.size() - 3];
    const auto next = rows[rows.size() - 2];
    const std::string where = " WHERE id = " + std::to_string(row);
    struct change {
        std::string sql;
        std::int64_t first;
    };
    std::vector<change> all;
    for (const char* column : {"at", "actor_id", "subject_id", "applicant_id", "institution_id"})
        all.push_back({std::string("UPDATE audit SET ") + column + " = " + column + " + 1" + where, row});
    for (const char* column :
         {"actor_name", "source", "request_id", "verb", "subject_kind", "before", "after", "note", "hash"})
        all.push_back({std::string("UPDATE audit SET ") + column + " = " + column + " || 'x'" + where, row});
    all.push_back({"UPDATE audit SET actor_kind = 'system'" + where, row});
    all.push_back({"UPDATE audit SET verb = 'tes', subject_kind = 'tthing'" + where, row}); // moved a letter
    all.push_back({"DELETE FROM audit" + where, next});
    all.push_back({"UPDATE audit SET id = id - 1" + where, row - 1});
    for (const auto& c : all) {
        CAPTURE(c.sql);
        account_world fresh;
        w.db().checkpoint();
        fresh.replace_with(w.file());
        CHECK_FALSE(broken(fresh));
        tamper(fresh, c.sql);
        CHECK(broken(fresh) == c.first);
    }
}

TEST_CASE("S13 the end of the chain is noted outside: a cut tail and a chain made anew are found") {
    account_world w;
    const auto file = audit::head_file(w.file());
    const auto note = [&] { w.read([&](read_view& v) { return audit::keep_head(file)(v), 0; }); };
    CHECK_FALSE(audit::read_head(file).last); // not there yet
    CHECK(audit::read_head(file).readable);
    act(w, w.acting("chenzhiming"), 3);
    note();
    const auto kept = audit::read_head(file).last.value();
    const auto cut = [&] { return w.read([&](read_view& v) { return audit::is_cut(v, kept); }); };
    CHECK(kept.id == w.count(R"sql(SELECT max(id) FROM audit)sql"));
    CHECK_FALSE(cut());
    act(w, w.acting("chenzhiming")); // the file is behind: a crash before the note
    CHECK_FALSE(cut());
    tamper(w, "DELETE FROM audit WHERE id >= " + std::to_string(kept.id));
    CHECK_FALSE(broken(w)); // the rest of the chain is sound
    CHECK(cut());
    std::ofstream(file) << "nonsense";
    CHECK_FALSE(audit::read_head(file).readable);
}

TEST_CASE("S13 the note follows every commit, and only commits") {
    account_world w;
    const auto file = audit::head_file(w.file());
    db::database::options o;
    o.file = w.folder.path() / "second.db";
    std::filesystem::copy_file(w.file(), o.file);
    o.after_commit = audit::keep_head(file);
    db::database second(o, w.time);
    const auto last = [&] {
        return second.read([](read_view& v) { return audit::find_head(v).value().id; });
    };
    for (int n = 0; n < 3; ++n) {
        second
            .write([&](write_tx& tx) -> result<> {
                audit::append(tx, account_world::system(), {.verb = "test", .subject_kind = "thing"});
                return {};
            })
            .value();
        CHECK(audit::read_head(file).last->id == last());
    }
    const auto refused = second.write([&](write_tx& tx) -> result<> {
        audit::append(tx, account_world::system(), {.verb = "test", .subject_kind = "thing"});
        return error(errc::conflict);
    });
    CHECK(refused.has_error());
    CHECK(audit::read_head(file).last->id == last());
}

TEST_CASE("S13 操作日志: filters, pages by key, and whose rows an actor sees") {
    account_world w;
    const actor chen = w.acting("chenzhiming"), liang = w.acting("liangminyi"), head = w.acting("linxiaomin"),
                desk = w.acting("guopeng"), admin = w.acting("admin");
    const instant start = w.time.now();
    act(w, chen, 7);
    act(w, liang, 2);
    act(w, desk, 3);
    const auto see = [&](const actor& who, audit::entry_filter f = {}) {
        f.from = start + std::chrono::milliseconds(1);
        return w.read([&](read_view& v) { return audit::list_entries(v, who, f, std::nullopt, 100); });
    };
    CHECK(see(admin).size() == 12);
    CHECK(see(account_world::system()).size() == 12);
    CHECK(see(chen).size() == 7);
    CHECK(see(liang).size() == 2);
    CHECK(see(head).size() == 3); // what concerns the institution
    CHECK(see(desk).empty());
    CHECK(see(w.acting("huanglihua")).empty()); // no owner
    CHECK(see(w.acting("fengjianguo")).empty());
    CHECK(see(w.acting("oujianwen")).empty());
    CHECK(see(account_world::visitor()).empty());
    CHECK(see(admin, {.actor_id = chen.login_id}).size() == 7);
    CHECK(see(head, {.actor_id = chen.login_id}).empty());
    CHECK(see(admin, {.verb = "test"}).size() == 12);
    CHECK(see(admin, {.verb = "confirm"}).empty());
    CHECK(see(admin, {.subject_kind = "order"}).empty());
    const auto newest = see(admin);
    CHECK(newest.front().actor_name == "郭鹏");
    CHECK(newest.front().subject_kind == "thing");
    CHECK(newest.front().before.number("n") == 2);
    CHECK(newest.front().after.number("n") == 3);
    std::vector<std::int64_t> paged;
    std::optional<audit::entry_key> key;
    for (;;) {
        const auto page = w.read([&](read_view& v) {
            return audit::list_entries(v, chen, {.from = start + std::chrono::milliseconds(1)}, key, 3);
        });
        for (const auto& e : page)
            paged.push_back(e.id);
        if (page.size() < 3) break;
        key = audit::entry_key{to_ms(page.back().at), page.back().id};
    }
    CHECK(paged.size() == 7);
    CHECK(std::is_sorted(paged.rbegin(), paged.rend()));
    const auto within = w.read([&](read_view& v) {
        return audit::list_entries(
            v, admin, {.from = start + std::chrono::seconds(2), .until = start + std::chrono::seconds(5)},
            std::nullopt, 100);
    });
    CHECK(within.size() == 3); // from is in, until is out
}

TEST_CASE("S13 looks at personal data and failures to sign in are rows too") {
    account_world w;
    const actor reviewer = w.acting("luoxiaoyan");
    w.write([&](write_tx& tx) -> result<> {
         audit::record_view(tx, reviewer, "applicant", w.demo.applicants[0], "letter_of_authority",
                            w.demo.applicants[0]);
         return {};
     }).value();
    const auto history =
        w.read([&](read_view& v) { return audit::list_for(v, "applicant", w.demo.applicants[0]); });
    CHECK(history.back().verb == "view");
    CHECK(history.back().note == "letter_of_authority");
    CHECK(history.back().actor_id == reviewer.login_id);
    const auto a = w.read([](read_view& v) {
                        return account::begin_attempt(v, "guopeng", "staff", "203.0.113.9", "");
                    }).value();
    w.write([&](write_tx& tx) -> result<account::settled> { return account::settle(tx, a, false); }).value();
    const auto failures = w.read([&](read_view& v) {
        return audit::list_entries(v, w.acting("admin"), {.verb = "sign_in_failed"}, std::nullopt, 10);
    });
    REQUIRE(failures.size() == 1);
    CHECK(failures[0].source == "203.0.113.9");
    CHECK(failures[0].subject_id == w.person("guopeng"));
}
