// The timeline of one instrument: everything that happened to it in one list, for who may know it.
#include "core/appointment/appointment.hpp"
#include "core/instrument/timeline.hpp"
#include "tests/support/world_filings.hpp"
#include "tests/support/world_instruments.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

namespace {

using namespace core;
namespace ins = core::instrument;
using db::read_view;
using db::write_tx;
using ins::field_id;
using tests::filing_world;

ins::timeline read(filing_world& w, const actor& who, std::int64_t id, std::int64_t before = 0,
                   int limit = 100) {
    return w.read([&](read_view& v) { return ins::list_timeline(v, who, id, before, limit); }).value();
}

std::string verbs(const ins::timeline& t) {
    std::string all;
    for (const auto& e : t.entries)
        all += e.verb + " ";
    return all;
}

} // namespace

TEST_CASE("the timeline tells edits, filing and messages, newest first, with what changed in words") {
    filing_world w;
    const auto id = w.add_instrument();
    auto now = tests::read_instrument(w, id);
    const auto d = tests::gauge_draft(w, {{field_id::serial_no, now.serial_no},
                                          {field_id::method, "onsite"},
                                          {field_id::instrument_status, "repair"}});
    w.write([&](write_tx& tx) { return ins::edit(tx, w.company, id, now.version, d); }).value();
    w.submit(w.company, {id}, {.institution = w.demo.city_institution, .knowingly = true});
    w.write([&](write_tx& tx) { return filing::accept(tx, w.city, id, {}); }).value();
    const auto all = read(w, w.company, id);
    CHECK(verbs(all) == "filing_accepted accept submit edit add ");
    CHECK_FALSE(all.goes_on);
    CHECK(all.entries[0].what == ins::happening::message);
    const auto& edit = all.entries[3];
    bool method = false;
    for (const auto& c : edit.changes)
        if (c.label == "检定方式") method = c.before == "送检" && c.after == "现场";
    CHECK(method);
    CHECK(edit.who == "陈志明");
    CHECK(all.entries[1].who == ""); // staff are not named to companies
    CHECK(all.entries[1].institution == "佛山市质量计量监督检测中心");
    CHECK(read(w, w.city, id).entries[1].who == w.city.name);
    for (std::size_t n = 1; n < all.entries.size(); ++n)
        CHECK(all.entries[n - 1].id > all.entries[n].id);
    // In pages of two: the same list.
    std::string paged;
    std::int64_t before = 0;
    for (;;) {
        const auto p = read(w, w.company, id, before, 2);
        paged += verbs(p);
        if (!p.goes_on) break;
        before = p.entries.back().id;
    }
    CHECK(paged == verbs(all));
}

TEST_CASE("the timeline is for who may see the instrument, and institutions see their own part") {
    filing_world w;
    const auto id = w.dispatched(); // by the city to the county
    CHECK(read(w, w.company, id).entries.size() >= 3);
    for (const auto& stranger : {w.other_company, w.elsewhere, filing_world::visitor()})
        CHECK(w.read([&](read_view& v) { return ins::list_timeline(v, stranger, id, 0, 10); }).error().code ==
              errc::not_found);
    for (const auto& e : read(w, w.county, id).entries)
        CHECK((e.institution.empty() || e.institution == "（示例）佛山市顺德区质量技术监督检测所"));
    CHECK(w.read([&](read_view& v) { return ins::list_timeline(v, w.company, 42, 0, 10); }).error().code ==
          errc::not_found);
}

TEST_CASE("the timeline has the orders an instrument was in, its results and what the company was told") {
    tests::order_world w;
    const auto o = w.order(w.in_state(appointment::order_status::completed));
    const auto id = o.lines[0].instrument_id;
    const auto timeline = [&](const actor& who) {
        return w.read([&](read_view& v) { return ins::list_timeline(v, who, id, 0, 100); }).value();
    };
    const auto t = timeline(w.company);
    int orders = 0;
    int messages = 0;
    std::string certificate;
    for (const auto& e : t.entries) {
        if (e.what == ins::happening::order) ++orders;
        if (e.what == ins::happening::order || e.what == ins::happening::result)
            CHECK(e.order_number == o.number);
        if (e.what == ins::happening::message && e.verb == "order_completed") ++messages;
        if (e.what == ins::happening::result) {
            CHECK(e.verb == "passed");
            certificate = e.certificate_no;
        }
    }
    CHECK(orders >= 4); // booked, confirmed, received, completed
    CHECK(messages == 1);
    CHECK(certificate == o.lines[0].certificate_no);
    CHECK_FALSE(certificate.empty());
    CHECK(timeline(w.verifier).entries.size() == t.entries.size());
    CHECK(w.read([&](read_view& v) { return ins::list_timeline(v, w.abroad(role::verifier), id, 0, 9); })
              .error()
              .code == errc::not_found);
}
