// core/catalogue: "is it mandatory?" with its reason, and who can verify what.
#include "core/catalogue/capability.hpp"
#include "core/catalogue/labels.hpp"
#include "core/catalogue/mandatory.hpp"
#include "core/journal/audit.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

namespace {

using namespace core;
namespace cat = core::catalogue;
using db::read_view;
using db::write_tx;
using tests::account_world;

cat::entry row_named(account_world& w, std::string_view l2) {
    for (auto& e : w.read([](read_view& v) { return cat::list_entries(v); }))
        if (e.l2 == l2) return e;
    throw std::runtime_error("no row " + std::string(l2));
}

std::int64_t place(account_world& w, std::string_view name) {
    return w.read([&](read_view& v) { return cat::find_institution_by_name(v, name); }).value().id;
}

constexpr std::string_view foshan = "佛山市质量计量监督检测中心";
constexpr std::string_view shunde = "（示例）佛山市顺德区质量技术监督检测所";
constexpr std::string_view province = "广东省计量科学研究院";

std::vector<std::string> names_of(const std::vector<cat::institution>& all) {
    std::vector<std::string> names;
    for (const auto& i : all)
        names.push_back(i.name);
    return names;
}
using list = std::vector<std::string>;

} // namespace

TEST_CASE("M12 is it mandatory: row, purpose and use decide; the row is quoted and the reason is in words") {
    account_world w;
    struct asked {
        const char *l2, *purpose;
        cat::use how;
        cat::mandatory answer;
        const char* says;
    };
    const auto [unknown, listed, otherwise] =
        std::tuple(cat::use::unknown, cat::use::as_listed, cat::use::otherwise);
    const auto [yes, no, ask] = std::tuple(cat::mandatory::yes, cat::mandatory::no, cat::mandatory::ask);
    const asked table[] = {
        {"燃油加油机", "trade", unknown, yes, "定期强制检定"},
        {"燃油加油机", "safety", unknown, no, "所选用途是安全防护"},
        {"燃油加油机", "", unknown, ask, "请选择器具用途"},
        {"燃油加油机", "trade", otherwise, no, "不在目录所列的使用范围内"},
        {"非自动衡器", "trade", unknown, ask, "不用于结算的内部称量不强检"}, // S4: the shop and the workshop
        {"非自动衡器", "trade", listed, yes, "定期强制检定"},
        {"非自动衡器", "trade", otherwise, no, "不用于结算的内部称量不强检"},
        {"压力表（指示类、显示类）", "safety", unknown, ask, "电站锅炉"},
        {"压力表（指示类、显示类）", "safety", listed, yes, "安全防护"},
        {"压力表（指示类、显示类）", "medical", listed, no, "医疗卫生"},
        {"称重传感器", "trade", listed, no, "只需型式批准"},
        {"水表（DN15~DN50）", "trade", unknown, yes, "限期使用，到期轮换"},
        {"声级计", "environment", unknown, yes, "环境监测"},
        {"声级计", "safety", unknown, yes, "安全防护"},
    };
    for (const auto& t : table) {
        CAPTURE(t.l2);
        CAPTURE(t.purpose);
        const auto e = row_named(w, t.l2);
        const auto a = w.read([&](read_view& v) { return cat::ask_mandatory(v, {e.id, t.purpose, t.how}); });
        CHECK(a.answer == t.answer);
        CAPTURE(a.reason);
        CHECK(a.reason.find(t.says) != std::string::npos);
        CHECK(a.reason.ends_with("。"));
        REQUIRE(a.row.has_value());
        CHECK(a.row->l2 == t.l2);
    }
    // A standard is no working instrument (domain.md 1): the catalogue does not answer for it.
    const auto gauge = row_named(w, "压力表（指示类、显示类）");
    const auto standard = w.read([&](read_view& v) {
        return cat::ask_mandatory(v, {gauge.id, "safety", listed, "standard"});
    });
    CHECK(standard.answer == ask);
    CHECK(standard.reason.find("计量标准") != std::string::npos);
    const auto none = w.read([](read_view& v) { return cat::ask_mandatory(v, {0, "trade"}); });
    CHECK(none.answer == ask);
    CHECK_FALSE(none.row);
}

TEST_CASE("is it mandatory: every shipped row × every purpose agrees with the row's own words") {
    account_world w;
    w.read([](read_view& v) {
        for (const auto& e : cat::list_entries(v))
            for (const auto& p : purposes) {
                CAPTURE(e.l2);
                CAPTURE(p.code);
                const auto a = cat::ask_mandatory(v, {e.id, p.code, cat::use::as_listed});
                const bool named = e.purposes.find(p.code) != std::string::npos;
                CHECK(a.answer == (e.supervision == "P" ? cat::mandatory::no
                                   : e.purposes.empty() ? cat::mandatory::ask
                                   : named              ? cat::mandatory::yes
                                                        : cat::mandatory::no));
                CHECK(a.answer == cat::is_mandatory(e, p.code));
            }
        return 0;
    });
}

TEST_CASE("M19 institutions are offered by region and by what they can verify") {
    account_world w;
    const cat::need gauge{"压力仪表", "压力表（指示类、显示类）", "deliver"};
    const cat::need gauge_onsite{"压力仪表", "压力表（指示类、显示类）", "onsite"};
    const cat::need scale{"非自动衡器", "非自动衡器", "deliver"};
    const auto city = place(w, foshan);
    const auto put = [&](std::int64_t institution, std::string l1, std::string l2, std::string method,
                         bool direct) {
        const actor who = w.acting("admin");
        return w.write([&](write_tx& tx) {
            return cat::put_capability(tx, who, {0, institution, l1, l2, method, direct});
        });
    };
    const auto offered = [&](std::vector<cat::need> needs) {
        return names_of(w.read([&](read_view& v) { return cat::list_direct(v, "440606", needs); }));
    };
    CHECK(offered({gauge, scale}) == list{std::string(foshan)}); // no matrix yet: everything
    const auto first = put(city, "压力仪表", "压力表（指示类、显示类）", "deliver", true).value();
    CHECK(offered({gauge}) == list{std::string(foshan)});
    CHECK(offered({scale}) == list{std::string(province)}); // the first row made the matrix the rule
    CHECK(offered({gauge_onsite}) == list{std::string(province)});
    CHECK(offered({gauge, scale}) == list{std::string(province)});     // all of it, or not
    REQUIRE(put(city, "非自动衡器", "", "deliver", true).has_value()); // a whole upper level
    CHECK(offered({gauge, scale}) == list{std::string(foshan)});
    CHECK(put(city, "非自动衡器", "", "deliver", true).has_value());
    CHECK(w.count("SELECT count(*) FROM capability") == 2); // again is the same
    REQUIRE(put(city, "非自动衡器", "", "deliver", false).has_value());
    CHECK(offered({scale}) == list{std::string(province)}); // only by dispatch
    CHECK(w.read([&](read_view& v) { return cat::can_verify(v, city, scale); }));
    CHECK_FALSE(w.read([&](read_view& v) { return cat::can_verify(v, city, scale, cat::reach::direct); }));
    // What nobody can do is offered nowhere.
    REQUIRE(put(place(w, province), "压力仪表", "", "deliver", true).has_value());
    CHECK(offered({scale}).empty());
    const actor who = w.acting("admin");
    w.write([&](write_tx& tx) { return cat::remove_capability(tx, who, first); }).value();
    CHECK(offered({gauge}) == list{std::string(province)});
    CHECK(w.write([&](write_tx& tx) { return cat::remove_capability(tx, who, first); }).error().code ==
          errc::not_found);
}

TEST_CASE("M25 dispatch is offered to counties that can do it, the instrument's own first") {
    account_world w;
    const cat::need gauge{"压力仪表", "压力表（指示类、显示类）", "deliver"};
    const auto city = w.read([&](read_view& v) { return cat::find_institution_by_name(v, foshan); }).value();
    const auto able = [&] {
        return names_of(
            w.read([&](read_view& v) { return cat::list_able_counties(v, city, gauge, "440606"); }));
    };
    CHECK(able() == list{std::string(shunde)});
    const actor who = w.acting("admin");
    const auto put = [&](std::string l1) {
        w.write([&](write_tx& tx) {
             return cat::put_capability(tx, who, {0, place(w, shunde), l1, "", "deliver", false});
         }).value();
    };
    put("水表");
    CHECK(able().empty());
    put("压力仪表"); // by dispatch only is enough for a dispatch
    CHECK(able() == list{std::string(shunde)});
}

TEST_CASE("the matrix: who may change whose, what is refused, audit") {
    account_world w;
    const auto put = [&](const actor& who, std::int64_t institution, std::string l1, std::string l2,
                         std::string method) {
        return w.write([&](write_tx& tx) {
            return cat::put_capability(tx, who, {0, institution, l1, l2, method, true});
        });
    };
    const auto city = place(w, foshan);
    CHECK(put(w.acting("guopeng"), city, "水表", "", "deliver").error().code == errc::not_allowed);
    CHECK(put(w.acting("chenzhiming"), city, "水表", "", "deliver").error().code == errc::not_allowed);
    CHECK(put(w.acting("linxiaomin"), place(w, shunde), "水表", "", "deliver").error().code ==
          errc::not_allowed);
    CHECK(put(w.acting("linxiaomin"), 42, "水表", "", "deliver").error().code == errc::not_found);
    CHECK(put(w.acting("linxiaomin"), city, "水表", "", "post").error().detail == "capability.method");
    CHECK(put(w.acting("linxiaomin"), city, "钟表", "", "deliver").error().detail == "capability.row");
    CHECK(put(w.acting("linxiaomin"), city, "水表", "燃气表", "deliver").error().detail == "capability.row");
    const auto id = put(w.acting("linxiaomin"), city, "水表", "", "deliver").value();
    CHECK(w.write([&](write_tx& tx) { return cat::remove_capability(tx, w.acting("oujianwen"), id); })
              .error()
              .code == errc::not_allowed);
    const auto rows = w.read([&](read_view& v) { return cat::list_capabilities(v, city); });
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].l1 == "水表");
    CHECK(rows[0].direct);
    const auto history = w.read([&](read_view& v) { return audit::list_for(v, "institution", city); });
    CHECK(history.back().verb == "put_capability");
    CHECK(history.back().after.text("l1") == "水表");
}
