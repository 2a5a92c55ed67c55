// Files that nothing names are collected; a file that any table names never is, whichever table that is.
#include "core/account/document.hpp"
#include "core/appointment/certificate.hpp"
#include "core/base/ids.hpp"
#include "core/db/holders.hpp"
#include "core/files/file_store.hpp"
#include "core/files/orphans.hpp"
#include "core/instrument/attachment.hpp"
#include "tests/support/documents.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <set>

namespace {

using namespace core;
namespace fs = std::filesystem;
using appointment::order_status;
using db::read_view;
using db::write_tx;
using tests::order_world;

constexpr std::chrono::hours grace{24};

class shelf : public order_world {
  public:
    fs::path files = folder.path() / "files";

    files::stored_file store(const std::string& content) {
        return files::receive_file(files, "文件.pdf", tests::pdf_of(content)).value();
    }
    fs::path path_of(const std::string& hash) const { return files / hash.substr(0, 2) / hash; }
    void make_old(const std::string& hash, std::chrono::hours age) {
        fs::last_write_time(path_of(hash), std::chrono::file_clock::from_sys(time.now() - age));
    }
    files::collected collect() {
        return files::collect_orphans(files, time.now(), grace, [&](const std::string& hash) {
            return read([&](read_view& v) { return db::is_held(v, "content_hash", hash); });
        });
    }

    // Each kind of file by its verb, one of every table that names files.
    void attach(const files::stored_file& f) {
        const auto id = filed(company);
        do_now([&](write_tx& tx) -> result<> {
            const auto made = instrument::attach(tx, company, id, "material", f);
            if (!made) return made.error();
            return {};
        });
    }
    void add_document(const files::stored_file& f) {
        do_now([&](write_tx& tx) -> result<> {
            const auto made = account::add_document(tx, company, company.applicant_id, {"other", f});
            if (!made) return made.error();
            return {};
        });
    }
    void attach_certificate(const files::stored_file& f) {
        const auto done = in_state(order_status::completed);
        const auto result =
            read([&](read_view& v) { return appointment::list_results(v, verifier, done).value(); })
                .front()
                .id;
        do_now([&](write_tx& tx) { return appointment::attach_certificate(tx, verifier, result, f); });
    }
};

using naming = std::function<void(shelf&, const files::stored_file&)>;

// A new table with files is a line here, or the first test fails.
const std::map<std::string, naming>& holders() {
    static const std::map<std::string, naming> all = {
        {"attachment", [](shelf& w, const auto& f) { w.attach(f); }},
        {"applicant_document", [](shelf& w, const auto& f) { w.add_document(f); }},
        {"certificate_file", [](shelf& w, const auto& f) { w.attach_certificate(f); }}};
    return all;
}

} // namespace

TEST_CASE("M3 M13 D7 files of every table that names them outlive the collection, however old they are") {
    shelf w;
    std::set<std::string> tables;
    w.read([&](read_view& v) {
        for (const auto r : v.query("SELECT m.name FROM sqlite_schema m, pragma_table_info(m.name) c "
                                    "WHERE m.type = 'table' AND c.name = 'content_hash'"))
            tables.insert(r.text(0));
        return 0;
    });
    std::map<std::string, std::string> hashes;
    for (const auto& [table, name] : holders()) {
        CHECK(tables.contains(table));
        const auto f = w.store(table);
        name(w, f);
        hashes[table] = f.hash;
        w.make_old(f.hash, std::chrono::hours(24 * 1000));
    }
    for (const auto& table : tables)
        CHECK_MESSAGE(holders().contains(table), table, " names files and is not walked here");
    const auto stranger = w.store("nobody's").hash;
    w.make_old(stranger, std::chrono::hours(24 * 1000));
    const auto done = w.collect();
    CHECK(done.files == 1);
    CHECK_FALSE(fs::exists(w.path_of(stranger)));
    for (const auto& [table, hash] : hashes) {
        CAPTURE(table);
        CHECK(fs::exists(w.path_of(hash)));
        CHECK(sha256_hex(files::read_bytes(w.files, hash)) == hash);
    }
}

TEST_CASE("M13 a file younger than the grace is nobody's to collect: its commit may still come") {
    shelf w;
    std::map<int, std::string> by_age; // hours
    for (const int age : {0, 1, 23, 24, 25, 48}) {
        by_age[age] = w.store(std::to_string(age)).hash;
        w.make_old(by_age[age], std::chrono::hours(age));
    }
    CHECK(w.collect().files == 2);
    for (const auto& [age, hash] : by_age) {
        CAPTURE(age);
        CHECK(fs::exists(w.path_of(hash)) == (age <= 24));
    }
    w.time.advance(std::chrono::hours(1));
    CHECK(w.collect().files == 1); // the one of 24 hours
}

TEST_CASE("M13 one content under several names is kept as long as one of them is there") {
    shelf w;
    const auto f = w.store("shared");
    w.attach(f);
    w.add_document(f);
    w.make_old(f.hash, std::chrono::hours(48));
    w.do_now([&](write_tx& tx) -> result<> {
        tx.exec("DELETE FROM attachment WHERE content_hash = $1", f.hash);
        return {};
    });
    CHECK(w.collect().files == 0);
    CHECK(files::read_bytes(w.files, f.hash) == tests::pdf_of("shared"));
}
