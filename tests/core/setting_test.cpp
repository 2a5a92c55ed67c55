// Business settings: one table of name, usual value, range; what does not fit never counts.
#include "core/catalogue/catalogue.hpp"
#include "core/instrument/checker.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/setting.hpp"
#include "tests/support/world_instruments.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace core;
using db::read_view;
using db::write_tx;
using tests::account_world;

std::string change(account_world& w, const actor& who, std::string_view name, std::string_view value) {
    const auto done = w.write([&](write_tx& tx) { return setting::change_setting(tx, who, name, value); });
    return done                          ? ""
           : done.error().detail.empty() ? std::string(name_of(done.error().code))
                                         : done.error().detail;
}
void plant(account_world& w, std::string_view name, std::string_view value) {
    w.write([&](write_tx& tx) -> result<> {
         tx.exec(R"sql(INSERT INTO setting (name, value) VALUES ($1, $2)
                       ON CONFLICT (name) DO UPDATE SET value = excluded.value)sql",
                 name, value);
         return {};
     }).value();
}

} // namespace

TEST_CASE("S13 S14 every setting: the usual value, its range, who may, what it was before") {
    account_world w;
    const actor admin = w.acting("admin");
    const auto text = [&](std::string_view name) {
        return w.read([&](read_view& v) { return setting::text(v, name); });
    };
    for (const auto& k : setting::all) {
        CAPTURE(k.name);
        CHECK(setting::find_known(k.name) == &k);
        CHECK(setting::fits(k, k.usual));
        CHECK_FALSE(setting::fits(k, ""));
        CHECK(text(k.name) == k.usual);
        plant(w, k.name, std::string(300, '!')); // by hand, or of an earlier range
        CHECK(text(k.name) == k.usual);
        const bool counts = k.what == setting::takes::number || k.what == setting::takes::numbers;
        if (counts)
            for (const int n : {k.least - 1, k.least, k.most, k.most + 1}) {
                CAPTURE(n);
                const bool fits = n >= k.least && n <= k.most;
                CHECK(change(w, admin, k.name, std::to_string(n)) == (fits ? "" : "setting.value"));
                if (fits) CHECK(text(k.name) == std::to_string(n));
            }
        if (counts) CHECK(change(w, admin, k.name, "5x") == "setting.value");
        CHECK(change(w, admin, k.name, k.usual) == "");
        CHECK(text(k.name) == k.usual);
        CHECK(change(w, w.acting("linxiaomin"), k.name, k.usual) == "not_allowed");
        CHECK(change(w, w.acting("chenzhiming"), k.name, k.usual) == "not_allowed");
    }
    CHECK(change(w, admin, "orders.auto_confirm", "1") == "setting.name"); // a rule of appointments
    CHECK_THROWS(text("no.such"));
    CHECK_THROWS(w.read([](read_view& v) { return setting::number(v, "password.staff"); }));
    REQUIRE(change(w, admin, "due.lead_days", "90") == "");
    const auto row = w.read([](read_view& v) { return audit::list_for(v, "setting", 0); }).back();
    CHECK(row.before.text("due.lead_days") == "60");
    CHECK(row.after.text("due.lead_days") == "90");
}

TEST_CASE("M12 what the two levels of the catalogue are called is a setting, the manual's words by default") {
    account_world w;
    const auto words = [&] { return w.read([](read_view& v) { return catalogue::words_of_levels(v); }); };
    CHECK(words().upper == "种别");
    CHECK(words().lower == "类别");
    const actor admin = w.acting("admin");
    CHECK(change(w, admin, "labels.catalogue_l1", "十一个字的标签太长了啊哈") == "setting.value");
    REQUIRE(change(w, admin, "labels.catalogue_l1", " 项别 ") == "");
    REQUIRE(change(w, admin, "labels.catalogue_l2", "种别") == "");
    CHECK(words().upper == "项别");
    CHECK(words().lower == "种别");
    // Refusals speak as the page does.
    const auto who = w.acting("chenzhiming");
    const auto draft = tests::gauge_draft(w, {{instrument::field_id::catalogue_l1, "压力仪表"},
                                              {instrument::field_id::catalogue_id, "体温计"}});
    const auto refused = w.write([&](write_tx& tx) { return instrument::add(tx, who, draft); });
    REQUIRE(refused.error().detail == "catalogue.pair");
    const auto& args = refused.error().args;
    const auto arg = [&](std::string_view name) {
        for (const auto& [key, value] : args)
            if (key == name) return value;
        return std::string();
    };
    CHECK(arg("upper") == "项别");
    CHECK(arg("lower") == "种别");
    CHECK(arg("label") == "种别");
}
