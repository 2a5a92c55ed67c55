// The pages of 预约送检: what they show as free, and that nothing typed is lost on the way.
#include "core/appointment/calendar.hpp"
#include "tests/wechat/site.hpp"

#include <doctest/doctest.h>

namespace {

using namespace tests;

// The tag of this period's choice on the time page; "" when it is not there.
std::string choice_of(const std::string& page, const std::string& slot) {
    const auto at = page.find("value=\"" + slot + "\"");
    return at == std::string::npos ? "" : page.substr(at, page.find("</label>", at) - at);
}

std::string query_of(const std::vector<std::int64_t>& ids) {
    std::string q;
    for (const auto id : ids)
        q += "&i=" + std::to_string(id);
    return q;
}

} // namespace

TEST_CASE("M28 the time page knows the institution's limits for a kind of instrument") {
    site w;
    browser company(w);
    company.sign_in("chenzhiming");
    w.do_now([&](core::db::write_tx& tx) -> core::result<> {
        const std::vector<core::appointment::group_limit> limits = {{"压力仪表", "", 3}};
        const auto set =
            core::appointment::set_group_limits(tx, w.scheduler, w.institution, "deliver", 3, 510, limits);
        if (!set) return set.error();
        return {};
    });
    const std::string day = core::to_text(w.wednesday);
    const auto four = company.get("/book/time?week=" + day + query_of(w.filed(w.company, 4))).body;
    CHECK(choice_of(four, day + "T08:30").find(" disabled") != std::string::npos);
    CHECK(choice_of(four, day + "T08:30").find("该类不足") != std::string::npos);
    CHECK(choice_of(four, day + "T10:00").find("余 10 台件") != std::string::npos);
    const auto three = company.get("/book/time?week=" + day + query_of(w.filed(w.company, 3))).body;
    CHECK(choice_of(three, day + "T08:30").find("余 10 台件") != std::string::npos);
}

TEST_CASE("M28 another week and 修改 keep contact, note and chosen time; the phone is proposed") {
    site w;
    browser company(w);
    company.sign_in("chenzhiming");
    const auto id = std::to_string(w.filed(w.company));
    const std::string day = core::to_text(w.wednesday);
    CHECK(contains(company.get("/book/time?i=" + id), "name=\"contact_phone\" type=\"tel\" value=\"1"));
    const form_fields typed = {{"i", id},
                               {"slot", day + "T10:00"},
                               {"contact_name", "陈志明"},
                               {"contact_phone", "13500007777"},
                               {"note", "需要叉车"}};
    CHECK(contains(company.post("/book/check", typed), "formaction=\"/book/time?week=" + day + "\""));
    const auto back = company.post("/book/time?week=" + day, typed);
    CHECK(back.status == 200);
    CHECK(contains(back, "value=\"13500007777\""));
    CHECK(contains(back, "value=\"需要叉车\""));
    CHECK(choice_of(back.body, day + "T10:00").find(" checked") != std::string::npos);
    const auto next = company.post("/book/time?week=" + core::to_text(core::add_days(w.wednesday, 7)), typed);
    CHECK(contains(next, "value=\"需要叉车\""));
}

TEST_CASE("A0c an instrument booked elsewhere meanwhile is refused at 核对提交, by name") {
    site w;
    browser company(w);
    company.sign_in("chenzhiming");
    const auto id = w.filed(w.company);
    const form_fields typed = {{"i", std::to_string(id)},
                               {"slot", core::to_text(w.wednesday) + "T10:00"},
                               {"contact_name", "陈志明"},
                               {"contact_phone", "13500007777"}};
    w.book(w.company, {id}, w.wednesday);
    const auto refused = company.post("/book/check", typed);
    CHECK(refused.status == 409);
    CHECK(contains(refused, "已在另一个预约单中"));
    CHECK(contains(company.get("/book/time?i=" + std::to_string(id)), "已在另一个预约单中"));
}
