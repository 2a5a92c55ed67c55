// core/db: a copy put back in place, and the state as text that shows nothing was lost.
#include "core/db/backup.hpp"
#include "core/db/export.hpp"
#include "core/journal/audit.hpp"
#include "tests/support/world.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

namespace {

using core::result;
using core::db::write_tx;

void put(tests::world& w, std::string_view name, std::string_view value) {
    w.write([&](write_tx& tx) -> result<> {
         tx.exec(R"sql(INSERT INTO setting (name, value) VALUES ($1, $2))sql", name, value);
         return {};
     }).value();
}

std::string state_of(const std::filesystem::path& file) {
    std::ostringstream out;
    core::db::export_state(file, out);
    return out.str();
}

} // namespace

TEST_CASE("export-state prints rows by key, escaped, and leaves out what passes") {
    tests::world w;
    put(w, "b", "two\tthings\nin \\ it");
    put(w, "a", "1");
    w.write([](write_tx& tx) -> result<> {
         tx.exec(
             R"sql(INSERT INTO attempt (key, failures, window_at, locked_until) VALUES ('x', 1, 0, 0))sql");
         return {};
     }).value();
    const std::string state = state_of(w.file());
    CHECK(state == "follower_tally\tone=1\tfollowing=0\tgone=0\tbound=0\tbound_outside=0\n"
                   "setting\tname=a\tvalue=1\nsetting\tname=b\tvalue=two\\tthings\\nin \\\\ it\n");
}

TEST_CASE("D7 a restored copy holds the state of its time; what was there is kept beside it") {
    tests::world w;
    put(w, "kept", "yes");
    const auto copy = w.folder.path() / "copy.db";
    core::db::backup_to(w.file(), copy);
    const std::string then = state_of(w.file());
    put(w, "later", "lost with the restore");
    const std::string now = state_of(w.file());
    w.close();
    core::db::restore_from(copy, w.file());
    CHECK(state_of(w.file()) == then);
    CHECK(state_of(w.file().string() + ".before-restore") == now);
    w.reopen();
    CHECK(w.count(R"sql(SELECT count(*) FROM setting)sql") == 1);
}

TEST_CASE(
    "D4 D7 restoring refuses beside a running server, and a copy that is damaged or of a newer program") {
    tests::world w;
    put(w, "kept", "yes");
    const auto copy = w.folder.path() / "copy.db";
    core::db::backup_to(w.file(), copy);
    CHECK_THROWS_WITH(core::db::restore_from(copy, w.file()), doctest::Contains("stop it first"));
    w.close();
    const std::string before = state_of(w.file());
    const auto broken = w.folder.path() / "broken.db";
    std::ofstream(broken) << "this is no database, whatever its name says, and it is long enough to be read";
    CHECK_THROWS(core::db::restore_from(broken, w.file()));
    CHECK_THROWS_WITH(core::db::restore_from(w.folder.path() / "none.db", w.file()),
                      doctest::Contains("does not exist"));
    CHECK(state_of(w.file()) == before);
}
