// core/db: savepoints, group commit, snapshots, migration, backup.
#include "core/db/backup.hpp"
#include "core/db/migrate.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"
#include "tests/support/world.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

namespace {

using core::result;
using core::db::write_tx;

result<> put(write_tx& tx, std::string_view name, std::string_view value) {
    tx.exec(R"sql(INSERT INTO setting (name, value) VALUES ($1, $2))sql", name, value);
    return {};
}

std::int64_t settings(tests::world& w) {
    return w.count(R"sql(SELECT count(*) FROM setting)sql");
}

} // namespace

TEST_CASE("D1 a write inside a write is told, it does not wait for itself; one on another base is fine") {
    tests::world w, other;
    CHECK_THROWS_AS(w.write([&](core::db::write_tx& tx) -> core::result<> {
        put(tx, "outer", "x");
        return w.write([&](core::db::write_tx& inner) -> core::result<> {
            put(inner, "inner", "x");
            return {};
        });
    }),
                    std::logic_error);
    CHECK(settings(w) == 0);
    CHECK(w.write([&](core::db::write_tx& tx) -> core::result<> {
               put(tx, "outer", "x");
               return other.write([&](core::db::write_tx& inner) -> core::result<> {
                   put(inner, "inner", "x");
                   return {};
               });
           }).has_value());
    CHECK(settings(w) == 1);
    CHECK(settings(other) == 1);
}

TEST_CASE("a refusal undoes its own action and nothing else") {
    tests::world w;
    REQUIRE(w.write([](write_tx& tx) { return put(tx, "a", "1"); }).has_value());
    const auto refused = w.write([](write_tx& tx) -> result<> {
        put(tx, "b", "2").value();
        return core::error(core::errc::invalid, "no");
    });
    CHECK(refused.has_error());
    CHECK(settings(w) == 1);
}

TEST_CASE("an exception undoes its action and reaches the caller") {
    tests::world w;
    CHECK_THROWS_AS(w.write([](write_tx& tx) -> result<> {
        put(tx, "a", "1").value();
        throw std::runtime_error("broken");
    }),
                    std::runtime_error);
    CHECK(settings(w) == 0);
}

TEST_CASE(
    "one transaction of many actions: each kept or undone by itself, in order, with a savepoint or none") {
    tests::world w;
    std::string order;
    const auto submit = [&](const std::string& name, const std::function<bool(write_tx&)>& run) {
        w.db().submit(
            run, [&order, name](const std::exception_ptr& failed) { order += name + (failed ? "! " : " "); });
    };
    const auto put_last = [](write_tx& tx, std::string_view name) {
        return tx.exec_last(
                   R"sql(INSERT INTO setting (name, value) VALUES ($1, 'last') ON CONFLICT (name) DO NOTHING)sql",
                   name) == 1;
    };
    submit("a", [&](write_tx& tx) { return put_last(tx, "a"); });
    submit("repeated",
           [&](write_tx& tx) { return put_last(tx, "a"); }); // sees the one before, changes nothing
    submit("b", [&](write_tx& tx) { return put(tx, "b", "1").has_value() && put_last(tx, "b2"); });
    submit("refused",
           [&](write_tx& tx) { return put(tx, "c", "1").has_value() && put_last(tx, "c2") && false; });
    submit("thrown", [&](write_tx& tx) -> bool {
        put(tx, "d", "1").value();
        throw std::runtime_error("broken");
    });
    submit("breaks a rule", [&](write_tx& tx) { return put(tx, "a", "twice").has_value(); });
    submit("breaks it last", [&](write_tx& tx) {
        return tx.exec_last(R"sql(INSERT INTO setting (name, value) VALUES ('a', 'x'))sql") == 1;
    });
    submit("reads", [&](write_tx& tx) {
        return tx.query_number(R"sql(SELECT count(*) FROM setting)sql") == 3; // of those before it
    });
    submit("e", [&](write_tx& tx) { return put(tx, "e", "1").has_value(); });
    std::stop_source stop;
    stop.request_stop();
    w.db().run_writer(stop.get_token()); // what is queued is still committed, here as one group
    CHECK(order == "a repeated b refused thrown! breaks a rule! breaks it last! reads e ");
    const auto names = w.read([](core::db::read_view& v) {
        std::string all;
        for (const auto r : v.query(R"sql(SELECT name FROM setting ORDER BY name)sql"))
            all += r.text(0) + " ";
        return all;
    });
    CHECK(names == "a b b2 e ");
}

TEST_CASE("what cannot be undone costs the whole group: nothing of it is kept, everybody is told") {
    tests::world w;
    int failures = 0;
    const auto submit = [&](const std::function<bool(write_tx&)>& run) {
        w.db().submit(run, [&](const std::exception_ptr& failed) { failures += failed ? 1 : 0; });
    };
    constexpr std::string_view insert = R"sql(INSERT INTO setting (name, value) VALUES ($1, 'x'))sql";
    const auto run = [&] {
        std::stop_source stop;
        stop.request_stop();
        w.db().run_writer(stop.get_token());
        return std::exchange(failures, 0);
    };
    submit([&](write_tx& tx) { return tx.exec(insert, "a") == 1; });
    submit([&](write_tx& tx) { return tx.exec_last(insert, "b") == 0; }); // changed, and not kept
    submit([&](write_tx& tx) { return tx.exec(insert, "c") == 1; });
    CHECK(run() == 3);
    CHECK(settings(w) == 0);
    submit([&](write_tx& tx) { return tx.exec_last(insert, "a") == 1 && tx.exec(insert, "b") == 1; });
    submit([&](write_tx& tx) { return tx.exec(insert, "c") == 1; });
    CHECK(run() == 2);
    CHECK(settings(w) == 0);
    submit([&](write_tx& tx) { return tx.exec_last(insert, "a") == 1 && tx.exec_last(insert, "b") == 1; });
    CHECK(run() == 1);
    CHECK(settings(w) == 0);
    submit([&](write_tx& tx) { return tx.exec_last(insert, "a") == 1; });
    CHECK(run() == 0);
    CHECK(settings(w) == 1);
}

TEST_CASE("a transaction lost in the middle of an action fails its group; the next one goes on") {
    tests::world w;
    const auto run = [&](const std::function<bool(write_tx&)>& lose) {
        std::string outcomes;
        const auto submit = [&](const std::function<bool(write_tx&)>& action) {
            w.db().submit(
                action, [&](const std::exception_ptr& failed) { outcomes += failed ? "failed " : "done "; });
        };
        submit([](write_tx& tx) { return put(tx, "a", "1").has_value(); });
        submit(lose);
        submit([](write_tx& tx) { return put(tx, "b", "1").has_value(); });
        std::stop_source stop;
        stop.request_stop();
        w.db().run_writer(stop.get_token());
        return outcomes;
    };
    const auto rolls_back = [](write_tx& tx) { return tx.exec("ROLLBACK") >= 0; }; // as a full disk does
    CHECK(run(rolls_back) == "failed failed failed ");
    CHECK(settings(w) == 0);
    const auto changes_first = [&](write_tx& tx) { return put(tx, "c", "1").has_value() && rolls_back(tx); };
    CHECK(run(changes_first) == "failed failed failed ");
    CHECK(settings(w) == 0);
    CHECK(run([](write_tx&) { return true; }) == "done done done ");
    CHECK(settings(w) == 2);
}

TEST_CASE("after_commit runs after the commit and only then") {
    tests::world w;
    int ran = 0;
    w.write([&](write_tx& tx) -> result<> {
         tx.after_commit([&] { ran += w.count(R"sql(SELECT count(*) FROM setting)sql") == 1 ? 1 : 100; });
         return put(tx, "a", "1");
     }).value();
    CHECK(ran == 1);
    (void)w.write([&](write_tx& tx) -> result<> {
        tx.after_commit([&] { ran += 1000; });
        return core::error(core::errc::invalid);
    });
    CHECK(ran == 1);
}

TEST_CASE("many callers at once: each action once, refusals among them undone") {
    tests::world w;
    std::atomic<int> refused = 0;
    {
        std::vector<std::jthread> callers;
        for (int t = 0; t < 16; ++t)
            callers.emplace_back([&, t] {
                for (int i = 0; i < 25; ++i) {
                    const auto name = std::to_string(t) + "/" + std::to_string(i);
                    const auto done = w.write([&](write_tx& tx) -> result<> {
                        put(tx, name, "x").value();
                        if (i % 5 == 0) return core::error(core::errc::invalid);
                        return {};
                    });
                    if (!done) ++refused;
                }
            });
    }
    CHECK(refused == 16 * 5);
    CHECK(settings(w) == 16 * 20);
}

TEST_CASE("submitted actions are committed by run_writer, also those queued before it stops") {
    tests::world w;
    std::atomic<int> done = 0;
    for (int i = 0; i < 50; ++i)
        w.db().submit([i](write_tx& tx) { return put(tx, std::to_string(i), "x").has_value(); },
                      [&](const std::exception_ptr& failed) { done += failed ? 0 : 1; });
    {
        std::jthread writer([&](const std::stop_token& stop) { w.db().run_writer(stop); });
        writer.request_stop();
    }
    CHECK(done == 50);
    CHECK(settings(w) == 50);
}

TEST_CASE("a reader keeps its snapshot while others write") {
    tests::world w;
    w.read([&](core::db::read_view& v) {
        const auto before = v.query_number(R"sql(SELECT count(*) FROM setting)sql");
        w.write([](write_tx& tx) { return put(tx, "a", "1"); }).value();
        CHECK(v.query_number(R"sql(SELECT count(*) FROM setting)sql") == before);
        return 0;
    });
    CHECK(settings(w) == 1);
}

TEST_CASE("readers cannot write") {
    tests::world w;
    CHECK_THROWS(w.read(
        [](core::db::read_view& v) { return v.query_number(R"sql(DELETE FROM setting RETURNING 1)sql"); }));
}

TEST_CASE("D4 a second process on the same file is refused") {
    tests::world w;
    core::db::database::options o;
    o.file = w.file();
    CHECK_THROWS_AS(core::db::database(o, w.time), core::db::db_error);
}

TEST_CASE("D6 migrating is repeatable, and a newer file is refused untouched") {
    tests::world w;
    CHECK(core::db::migrate(w.file(), w.time).empty());
    w.write([](write_tx& tx) -> result<> {
         tx.exec(R"sql(INSERT INTO schema_version (version, name, applied_at) VALUES ($1, $2, $3))sql", 9999,
                 "later.sql", tx.now());
         return {};
     }).value();
    CHECK(core::db::inspect_schema(w.file()).is_newer());
    CHECK_THROWS_AS(core::db::migrate(w.file(), w.time), core::db::db_error);
}

TEST_CASE("D7 a backup taken while others write is whole") {
    tests::world w;
    std::jthread busy([&](const std::stop_token& stop) {
        for (int i = 0; !stop.stop_requested(); ++i)
            w.write([i](write_tx& tx) { return put(tx, std::to_string(i), std::string(500, 'x')); }).value();
    });
    for (int i = 0; i < 3; ++i) {
        const auto target = w.folder.path() / "copy.db";
        core::db::backup_to(w.file(), target);
        core::db::check_integrity(target);
        CHECK(core::db::inspect_schema(target).is_current());
        CHECK_FALSE(std::filesystem::exists(target.string() + ".part"));
    }
}

TEST_CASE("S13 audit rows are sealed: any change is found, deletion is refused") {
    tests::world w;
    core::actor who;
    who.kind = core::actor_kind::system;
    for (int i = 0; i < 5; ++i)
        w.write([&](write_tx& tx) -> result<> {
             core::audit::append(tx, who, {.verb = "try", .subject_kind = "setting", .subject_id = i});
             return {};
         }).value();
    CHECK_FALSE(w.read([](core::db::read_view& v) { return core::audit::find_broken(v); }).has_value());
    CHECK_THROWS(w.write([](write_tx& tx) -> result<> {
        tx.exec(R"sql(UPDATE audit SET note = 'x')sql");
        return {};
    }));
    CHECK_THROWS(w.write([](write_tx& tx) -> result<> {
        tx.exec(R"sql(DELETE FROM audit)sql");
        return {};
    }));
    const auto third = w.read([](core::db::read_view& v) {
        return v.query_number(R"sql(SELECT id FROM audit WHERE subject_id = 2)sql");
    });
    w.write([&](write_tx& tx) -> result<> { // somebody with the file and an SQL shell
         tx.exec(R"sql(DROP TRIGGER audit_keeps_rows)sql");
         tx.exec(R"sql(UPDATE audit SET actor_name = 'somebody else' WHERE id = $1)sql", third);
         return {};
     })
        .value();
    CHECK(w.read([](core::db::read_view& v) { return core::audit::find_broken(v); }) == third);
}

TEST_CASE("D5 ids go on behind those of an earlier process, also when the clock was set back") {
    tests::world w;
    const auto write_one = [&] {
        return w
            .write([](write_tx& tx) -> result<std::int64_t> {
                core::actor who;
                who.kind = core::actor_kind::system;
                core::audit::append(tx, who, {.verb = "try", .subject_kind = "setting"});
                return tx.new_id();
            })
            .value();
    };
    const auto first = write_one();
    w.time.advance(-std::chrono::hours(24 * 365));
    w.reopen();
    CHECK(write_one() > first);
    CHECK_FALSE(w.read([](core::db::read_view& v) { return core::audit::find_broken(v); }).has_value());
}

TEST_CASE("an outbox row is claimed once") {
    tests::world w;
    w.write([](write_tx& tx) -> result<> {
         core::outbox::append(tx, {.kind = "order_confirmed", .subject_kind = "order", .subject_id = 7});
         return {};
     }).value();
    const auto pending = w.read([](core::db::read_view& v) { return core::outbox::list_pending(v, 10); });
    REQUIRE(pending.size() == 1);
    const auto claim = [&] {
        return w.write([&](write_tx& tx) -> result<bool> { return core::outbox::claim(tx, pending[0].id); })
            .value();
    };
    CHECK(claim());
    CHECK_FALSE(claim());
}
