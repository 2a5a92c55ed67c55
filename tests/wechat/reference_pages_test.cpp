// Open to anyone: 强检目录 answers "must it be verified?", 机构与地址 says where to go.
#include "core/account/login.hpp"
#include "core/catalogue/catalogue.hpp"
#include "tests/wechat/site.hpp"
#include "wechat/server/form.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace {

using namespace tests;

std::int64_t row(site& w, std::string_view l2) {
    for (const auto& e : w.read([](core::db::read_view& v) { return core::catalogue::list_entries(v); }))
        if (e.l2 == l2) return e.id;
    throw std::runtime_error("no such row");
}

wechat::response ask(browser& b, std::int64_t id, std::string_view purpose = "", std::string_view use = "") {
    return b.get("/catalogue/" + std::to_string(id) + "?purpose=" + std::string(purpose) +
                 "&use=" + std::string(use));
}

} // namespace

TEST_CASE("M12 强检目录: every row of the catalogue in force opens, with its words and an answer") {
    site w;
    browser anyone(w);
    const auto all = w.read([](core::db::read_view& v) { return core::catalogue::list_entries(v); });
    const auto list = anyone.get("/catalogue");
    CHECK(list.status == 200);
    CHECK(contains(list, "共 " + std::to_string(all.size()) + " 种"));
    for (const auto& e : all) {
        CAPTURE(e.l2);
        CHECK(contains(list, "/catalogue/" + std::to_string(e.id) + "\""));
        const auto page = ask(anyone, e.id);
        CHECK(page.status == 200);
        CHECK(contains(page, e.l2));
        CHECK((contains(page, "须强制检定") || contains(page, "不强制检定") || contains(page, "需要判断")));
    }
    for (const std::string_view none : {"/catalogue/1", "/catalogue/x", "/catalogue/0"})
        CHECK(anyone.get(none).status == 404);
}

TEST_CASE("M12 强检目录: the purpose and the use decide, with the reason") {
    site w;
    browser anyone(w);
    const auto gauge_row = row(w, gauge);
    CHECK(contains(ask(anyone, gauge_row), "请选择器具用途"));
    const auto safety = ask(anyone, gauge_row, "safety", "listed");
    CHECK(contains(safety, ">须强制检定</span>"));
    CHECK(contains(ask(anyone, gauge_row, "medical", "listed"), ">不强制检定</span>"));
    CHECK(contains(ask(anyone, gauge_row, "safety", "otherwise"), ">不强制检定</span>"));
    CHECK(contains(ask(anyone, gauge_row, "nonsense", "nonsense"), "请选择器具用途"));
}

TEST_CASE("M12 强检目录: found by its words, by older names, in any width; what is not there says so") {
    site w;
    browser anyone(w);
    const auto search = [&](std::string_view q) {
        return anyone.get("/catalogue?q=" + wechat::url_encode(q));
    };
    const std::string link = "/catalogue/" + std::to_string(row(w, gauge)) + "\"";
    for (const std::string_view q : {"压力表", " 压力表 ", "压力仪表", "一般压力表"})
        CHECK_MESSAGE(contains(search(q), link), q);
    CHECK(contains(search("电子秤"), "非自动衡器")); // the name of 1987
    const auto none = search("量子计数器");
    CHECK(contains(none, "没有找到与“量子计数器”有关的种别"));
    CHECK(contains(none, "/institutions"));
    const auto nasty = search("<script>alert(1)</script>");
    CHECK_FALSE(contains(nasty, "<script>alert"));
    CHECK(contains(nasty, "&lt;script&gt;"));
    CHECK(search(std::string(5000, 'x')).status == 200);
}

TEST_CASE("M19 机构与地址: active institutions with address, hours, phone and map; by city and by words") {
    site w;
    browser anyone(w);
    w.write([&](core::db::write_tx& tx) -> core::result<> {
         tx.exec("UPDATE institution SET address = $1, phone = $2, hours = $3 WHERE id = $4",
                 "大良示例路 9 号", "0757-0000 0000；急修 138****1234", "工作日 08:30–17:30", w.institution);
         tx.exec("UPDATE institution SET active = 0 WHERE name = '珠海市质量计量监督检测所'");
         return {};
     }).value();
    const auto all = anyone.get("/institutions");
    CHECK(all.status == 200);
    for (const std::string_view part : {"佛山市质量计量监督检测中心", "大良示例路 9 号", "工作日 08:30–17:30",
                                        "href=\"tel:075700000000\"", "广州计量检测技术研究院"})
        CHECK_MESSAGE(contains(all, part), part);
    CHECK(contains(all, "https://uri.amap.com/search?keyword=" +
                            wechat::url_encode("佛山市质量计量监督检测中心")));
    CHECK_FALSE(contains(all, "珠海市质量计量监督检测所"));
    const auto foshan = anyone.get("/institutions?city=440600");
    CHECK(contains(foshan, "佛山市质量计量监督检测中心"));
    CHECK(contains(foshan, "广东省计量科学研究院")); // the province's serves everybody
    CHECK_FALSE(contains(foshan, "广州计量检测技术研究院"));
    CHECK(
        contains(anyone.get("/institutions?q=" + wechat::url_encode("大良")), "佛山市质量计量监督检测中心"));
    CHECK(contains(anyone.get("/institutions?q=zzz"), "没有符合条件的机构"));
}

TEST_CASE(
    "M30 单号查询: ten wrong numbers an hour of a network, a thousand of all; the chat's are counted apart") {
    site w;
    const auto wrong = [&](std::string address) {
        browser b(w, std::move(address));
        return b.get("/query?number=261100000000").status;
    };
    for (int n = 0; n < 10; ++n)
        CHECK(wrong("2001:db8:1:2::" + std::to_string(n + 1)) == 404);
    CHECK(wrong("2001:db8:1:2::ffff") == 429); // the same /64
    CHECK(wrong("2001:db8:1:3::1") == 404);
    for (int n = 0; n < 1000; ++n)
        w.write([&](core::db::write_tx& tx) -> core::result<> {
             core::account::count_failure(tx, "query:page:*", 1000, std::chrono::minutes(60));
             return {};
         }).value();
    CHECK(wrong("203.0.113.200") == 429);
    w.platform->add_phone("oSomebody0000000000000000001", "某人");
    const std::string said = w.say("oSomebody0000000000000000001", "261100000000");
    CHECK_MESSAGE(said.find("没有找到") != std::string::npos, said);
    w.time.advance(std::chrono::minutes(61));
    CHECK(wrong("203.0.113.200") == 404);
}
