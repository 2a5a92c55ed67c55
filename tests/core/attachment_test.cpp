// Files of instruments: what is taken, how much, who sees them, what is collected.
#include "core/base/ids.hpp"
#include "core/db/holders.hpp"
#include "core/files/file_store.hpp"
#include "core/files/orphans.hpp"
#include "core/instrument/attachment.hpp"
#include "core/journal/audit.hpp"
#include "tests/support/documents.hpp"
#include "tests/support/workbook_parts.hpp"
#include "tests/support/world_instruments.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <tuple>

namespace {

using namespace core;
namespace ins = core::instrument;
namespace fs = std::filesystem;
using db::read_view;
using db::write_tx;
using tests::account_world;
using tests::add_gauge;

const std::string jpg = tests::jpeg_of("photo");
const std::string png = tests::png_of("picture");
const std::string pdf = tests::pdf_of("paper");
const std::string zip = tests::zip_of({{"铭牌.jpg", "photo"}});
const std::string rar = tests::rar_of("box");

result<std::int64_t> attach(account_world& w, const actor& who, std::int64_t id, std::string_view kind,
                            std::string_view name, const std::string& bytes) {
    const auto stored = files::receive_file(w.folder.path() / "files", name, bytes);
    if (!stored) return stored.error();
    return w.write([&](write_tx& tx) { return ins::attach(tx, who, id, kind, *stored); });
}

std::string of_size(std::size_t n) {
    return tests::pdf_of(std::string(n - tests::pdf_of("").size(), 'x'));
}

int files_in(const fs::path& folder) {
    int n = 0;
    for (const auto& one : fs::recursive_directory_iterator(folder))
        n += one.is_regular_file() ? 1 : 0;
    return n;
}

void make_old(const fs::path& file, account_world& w, std::chrono::hours age) {
    fs::last_write_time(file, std::chrono::file_clock::from_sys(w.time.now() - age));
}

} // namespace

TEST_CASE("M13 every ending × every content: only a file that is what it says is taken") {
    const std::pair<const char*, const std::string*> contents[] = {
        {"jpg", &jpg}, {"png", &png}, {"pdf", &pdf}, {"zip", &zip}, {"rar", &rar}};
    const std::pair<const char*, const char*> endings[] = {{".jpg", "jpg"}, {".jpeg", "jpg"}, {".png", "png"},
                                                           {".pdf", "pdf"}, {".zip", "zip"},  {".rar", "rar"},
                                                           {".JPG", "jpg"}, {".Pdf", "pdf"}};
    for (const auto& [ending, is] : endings)
        for (const auto& [content, bytes] : contents) {
            CAPTURE(ending);
            CAPTURE(content);
            const auto type = files::check_file("铭牌" + std::string(ending), *bytes);
            CHECK(type.has_value() == (std::string_view(is) == content));
            if (!type) CHECK(type.error().detail == "file.lie");
        }
    const std::string script = "<html><script>alert(1)</script>";
    for (const char* name : {"a.html", "a.exe", "a.pdf.exe", "pdf", "a.docx", "", ".", "a.svg"}) {
        CAPTURE(name);
        CHECK(files::check_file(name, pdf).error().detail == "file.kind");
    }
    for (const auto& lying : {script, "a\n" + pdf, " " + png, std::string("GIF89a"), std::string("\xFF\xD8"),
                              "MZ" + pdf, std::string("PK"), script + pdf}) {
        CAPTURE(lying);
        for (const char* name : {"a.jpg", "a.png", "a.pdf", "a.zip", "a.rar"})
            CHECK(files::check_file(name, lying).error().detail == "file.lie");
    }
    CHECK(files::check_file("a.pdf", "").error().detail == "file.empty");
}

TEST_CASE("M13 S9 what begins as its ending says, but is cut, broken or something else, is refused") {
    const std::string rar_4("Rar!\x1A\x07\x00\xCF\x90\x73\x00\x00\x0D\x00", 14);
    const std::pair<const char*, std::string> whole[] = {
        {"a.jpg", jpg},
        {"a.jpg", jpg + "moving picture of a phone"},
        {"a.png", png},
        {"a.pdf", pdf},
        {"a.pdf", "\r\n" + pdf},
        {"a.pdf", "\xEF\xBB\xBF" + pdf + std::string(2000, '\0')},
        {"a.zip", zip},
        {"a.zip", std::string("PK\x05\x06") + std::string(18, '\0')}, // nothing in it
        {"a.zip", tests::zip_of({{"资料/清单.docx", "[Content_Types].xml"}})},
        {"a.rar", rar},
        {"a.rar", rar_4}};
    for (const auto& [name, bytes] : whole) {
        CAPTURE(name);
        CAPTURE(bytes.size());
        CHECK(files::check_file(name, bytes).has_value());
    }
    // Cut anywhere behind what tells its kind: never taken, and said to be cut or to be none.
    for (const auto& [name, bytes] :
         {std::pair("a.jpg", jpg), {"a.png", png}, {"a.pdf", pdf}, {"a.zip", zip}})
        for (std::size_t n = 1; n + 2 < bytes.size(); ++n) {
            CAPTURE(name);
            CAPTURE(n);
            CHECK_FALSE(files::check_file(name, bytes.substr(0, n)).has_value());
        }
    const std::string html = "<html><script>alert(1)</script>";
    const std::tuple<const char*, std::string, const char*> refused[] = {
        {"a.jpg", "\xFF\xD8\xFF" + html, "file.lie"},
        {"a.jpg", jpg.substr(0, jpg.size() - 2), "file.cut"},
        {"a.png", std::string("\x89PNG\r\n\x1A\n", 8) + html, "file.lie"},
        {"a.png", std::string("\x89PNG\r\n\x1A\n", 8) + tests::png_chunk("IEND", ""), "file.lie"},
        {"a.png", png.substr(0, 40), "file.cut"},
        {"a.pdf", "%PDF-1.7\n" + html, "file.cut"},
        {"a.pdf", pdf + std::string(1100, 'z'), "file.cut"}, // room for another file behind the end
        {"a.pdf", "GIF89a" + pdf, "file.lie"},
        {"a.zip", std::string("PK\x03\x04", 4) + html, "file.cut"},
        {"a.zip", html + zip, "file.lie"}, // a zip is found from its end: something stands before it
        {"a.zip", tests::workbook_parts().bytes(), "file.package"},
        {"a.zip", tests::zip_of({{"[Content_Types].xml", ""}, {"word/document.xml", ""}}), "file.package"},
        {"a.zip", tests::zip_of({{"META-INF/MANIFEST.MF", ""}}), "file.package"},
        {"a.rar", std::string("Rar!\x1A\x07\x01\x00", 8), "file.cut"},
        {"a.rar", std::string("Rar!\x1A\x07\x01\x00", 8) + html, "file.lie"},
        {"a.rar", std::string("Rar!\x1A\x07\x00", 7) + html, "file.lie"},
        {"a.docx", tests::workbook_parts().bytes(), "file.kind"},
        {"a.xlsx", tests::workbook_parts().bytes(), "file.kind"}};
    for (const auto& [name, bytes, why] : refused) {
        CAPTURE(name);
        CAPTURE(bytes);
        const auto type = files::check_file(name, bytes);
        REQUIRE_FALSE(type.has_value());
        CHECK(type.error().detail == why);
    }
}

TEST_CASE("M13 each kind together at most 10 MiB, and the kinds apart") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    const auto id = add_gauge(w, who);
    constexpr std::size_t mib = 1024 * 1024;
    REQUIRE(attach(w, who, id, "material", "a.pdf", of_size(6 * mib)).has_value());
    const auto more = attach(w, who, id, "material", "b.pdf", of_size(4 * mib + 1));
    CHECK(more.error().detail == "file.total");
    CHECK(attach(w, who, id, "material", "b.pdf", of_size(4 * mib)).has_value());
    CHECK(attach(w, who, id, "material", "c.pdf", pdf).error().detail == "file.total");
    CHECK(attach(w, who, id, "type_evaluation", "c.pdf", of_size(10 * mib)).has_value());
    CHECK(attach(w, who, id, "contract", "c.pdf", pdf).error().detail == "file.kind");
    const auto list = w.read([&](read_view& v) { return ins::list_attachments(v, who, id); });
    REQUIRE(list.size() == 3);
    // Removing makes room.
    w.write([&](write_tx& tx) { return ins::remove_attachment(tx, who, list[0].id); }).value();
    CHECK(attach(w, who, id, "material", "c.pdf", of_size(6 * mib)).has_value());
}

TEST_CASE("M13 an instrument names sixty files in its life, removed ones too") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    const auto id = add_gauge(w, who);
    for (int n = 0; n < 60; ++n) {
        const auto file = attach(w, who, id, "material", "a.pdf", tests::pdf_of(std::to_string(n))).value();
        w.write([&](write_tx& tx) { return ins::remove_attachment(tx, who, file); }).value();
    }
    CHECK(attach(w, who, id, "material", "a.pdf", pdf).error().detail == "file.many");
    CHECK(attach(w, who, add_gauge(w, who), "material", "a.pdf", pdf).has_value());
}

TEST_CASE("M13 the total holds under any number of uploads at once") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    const auto id = add_gauge(w, who);
    std::atomic<int> taken{0};
    const std::string bytes = of_size(3 * 1024 * 1024);
    std::vector<std::thread> all;
    for (int n = 0; n < 8; ++n)
        all.emplace_back([&, n] {
            if (attach(w, who, id, "material", "f" + std::to_string(n) + ".pdf", bytes)) ++taken;
        });
    for (auto& t : all)
        t.join();
    CHECK(taken == 3);
    CHECK(w.count("SELECT sum(size) FROM attachment") == 9 * 1024 * 1024);
}

TEST_CASE("M13 files by filing status: both kinds while open, material when filed, none under review") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    for (const auto& state : ins::filing_states)
        for (const char* kind : {"material", "type_evaluation"}) {
            CAPTURE(state.code);
            CAPTURE(kind);
            const auto id = add_gauge(w, who);
            const auto file = attach(w, who, id, kind, "a.pdf", pdf).value();
            tests::put_filing_status(w, id, state.code);
            const bool open = state.code == "unfiled" || state.code == "returned" ||
                              (state.code == "filed" && std::string_view(kind) == "material");
            const auto added = attach(w, who, id, kind, "b.pdf", pdf);
            const auto removed = w.write([&](write_tx& tx) { return ins::remove_attachment(tx, who, file); });
            CHECK(added.has_value() == open);
            CHECK(removed.has_value() == open);
            const auto expected = state.code == "deleted" ? errc::not_found : errc::not_allowed;
            if (!open) CHECK(added.error().code == expected);
            if (!open) CHECK(removed.error().code == expected);
        }
}

TEST_CASE("S9 files are shown to who may see the instrument, never to another company") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    const auto id = add_gauge(w, who);
    const auto file = attach(w, who, id, "material", "铭牌\n 一.pdf", pdf).value();
    const auto seen = [&](const actor& a) {
        const auto one = w.read([&](read_view& v) { return ins::get_attachment(v, a, file); });
        const auto list = w.read([&](read_view& v) { return ins::list_attachments(v, a, id); });
        CHECK(one.has_value() == !list.empty());
        if (!one) CHECK(one.error().code == errc::not_found);
        return one.has_value();
    };
    CHECK(seen(who));
    CHECK_FALSE(seen(w.acting("liangminyi")));
    CHECK_FALSE(seen(w.acting("linxiaomin"))); // not filed there yet
    CHECK_FALSE(seen(account_world::visitor()));
    CHECK(seen(w.acting("admin")));
    tests::put_filing_status(w, id, "filed");
    CHECK(seen(w.acting("linxiaomin")));
    CHECK_FALSE(seen(w.acting("oujianwen")));
    const auto foreign = w.acting("liangminyi");
    CHECK(attach(w, foreign, id, "material", "x.pdf", pdf).error().code == errc::not_found);
    CHECK(w.write([&](write_tx& tx) { return ins::remove_attachment(tx, foreign, file); }).error().code ==
          errc::not_found);
    const auto staff = w.acting("linxiaomin");
    CHECK(w.write([&](write_tx& tx) { return ins::remove_attachment(tx, staff, file); }).error().code ==
          errc::not_allowed);
    CHECK(w.read([&](read_view& v) { return ins::get_attachment(v, who, file); })->file_name ==
          "铭牌 一.pdf");
    const auto history = w.read([&](read_view& v) { return audit::list_for(v, "instrument", id); });
    CHECK(history.back().verb == "attach");
    CHECK(history.back().after.text("hash") == sha256_hex(pdf));
}

TEST_CASE("one content is one file, however often and for whomever it is stored") {
    account_world w;
    const auto folder = w.folder.path() / "files";
    const auto hash = files::store_bytes(folder, pdf);
    CHECK(files::store_bytes(folder, pdf) == hash);
    CHECK(files::read_bytes(folder, hash) == pdf);
    CHECK(hash == sha256_hex(pdf));
    std::vector<std::thread> all;
    for (int n = 0; n < 6; ++n)
        all.emplace_back([&] { files::store_bytes(folder, png); });
    for (auto& t : all)
        t.join();
    CHECK(files_in(folder) == 2);
}

TEST_CASE("orphans: what no row names and is old goes; what is named or young stays") {
    account_world w;
    const auto who = w.acting("chenzhiming");
    const auto folder = w.folder.path() / "files";
    const auto id = add_gauge(w, who);
    const auto path_of = [&](const std::string& hash) { return folder / hash.substr(0, 2) / hash; };
    const auto collect = [&] {
        return files::collect_orphans(
            folder, w.time.now(), std::chrono::hours(24), [&](const std::string& hash) {
                return w.read([&](read_view& v) { return db::is_held(v, "content_hash", hash); });
            });
    };
    CHECK(collect().files == 0); // no folder yet
    const auto named = files::store_bytes(folder, pdf);
    const auto file = attach(w, who, id, "material", "a.pdf", pdf).value();
    const auto removed = files::store_bytes(folder, zip);
    const auto gone = attach(w, who, id, "material", "a.zip", zip).value();
    w.write([&](write_tx& tx) { return ins::remove_attachment(tx, who, gone); }).value();
    const auto orphan = files::store_bytes(folder, png);
    const auto young = files::store_bytes(folder, jpg);
    const auto again = files::store_bytes(folder, rar);
    const auto part = path_of(orphan).string() + ".0a1b2c3d"; // a crash left it
    std::ofstream(part) << "half";
    std::ofstream(folder / "notes.txt") << "not ours";
    for (const auto& f : {path_of(named), path_of(removed), path_of(orphan), path_of(again), fs::path(part),
                          folder / "notes.txt"})
        make_old(f, w, std::chrono::hours(48));
    make_old(path_of(young), w, std::chrono::hours(1));
    files::store_bytes(folder, rar); // uploaded again just now: touched
    make_old(path_of(again), w, std::chrono::hours(0));
    const auto done = collect();
    CHECK(done.files == 2); // the orphan and the part
    CHECK(done.kept == 5);
    CHECK(fs::exists(path_of(named)));
    CHECK(fs::exists(path_of(removed))); // its row stays, so it does
    CHECK(fs::exists(path_of(young)));
    CHECK(fs::exists(path_of(again)));
    CHECK(fs::exists(folder / "notes.txt"));
    CHECK_FALSE(fs::exists(path_of(orphan)));
    CHECK_FALSE(fs::exists(part));
    CHECK(collect().files == 0);
    CHECK(files::read_bytes(folder, w.read([&](read_view& v) {
                                         return ins::get_attachment(v, who, file);
                                     })->content_hash) == pdf);
    CHECK_THROWS(files::collect_orphans(folder, w.time.now(), std::chrono::hours(0),
                                        [](const std::string&) { return false; }));
}

TEST_CASE("orphans: at night, some parts of the folder at a time, once a day") {
    account_world w;
    const auto folder = w.folder.path() / "files";
    const auto nobodys = [](const std::string&) { return false; };
    const int all = 40;
    const auto store = [&] {
        for (int n = 0; n < all; ++n) {
            const auto hash = files::store_bytes(folder, tests::pdf_of(std::to_string(n)));
            make_old(folder / hash.substr(0, 2) / hash, w, std::chrono::hours(48));
        }
    };
    files::orphan_rounds rounds(folder);
    const date today = w.read([](read_view& v) { return v.today(); });
    const date tomorrow{std::chrono::sys_days(today) + std::chrono::days(1)};
    store();
    w.time.set(local_instant(tomorrow, 3 * 60 - 1));
    rounds.run_some(w.time.now(), nobodys); // of the day before, if it was after three
    w.time.set(local_instant(tomorrow, 3 * 60));
    store();
    int gone = 0, calls = 0;
    do {
        const auto done = rounds.run_some(w.time.now(), nobodys, 4);
        CHECK(done.files + done.kept <= 4 + all / 4); // at most one part more than asked for
        gone += done.files;
        REQUIRE(++calls < 300);
    } while (!rounds.is_over());
    CHECK(gone == all);
    CHECK(calls >= all / 14);
    store();
    CHECK(rounds.run_some(w.time.now(), nobodys).files == 0); // not again today
    w.time.advance(std::chrono::hours(24));
    CHECK(rounds.run_some(w.time.now(), nobodys).files == all);
    CHECK(rounds.run_some(w.time.now(), [](const std::string&) { return true; }).files == 0);
}
