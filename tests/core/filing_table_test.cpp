// The filing table walked whole: every state, every verb, every kind of actor (domain.md 6.2, S1).
#include "core/filing/filing.hpp"
#include "core/filing/request.hpp"
#include "core/journal/audit.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/world_filings.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <set>
#include <string>

using namespace core;
using db::write_tx;
using tests::filing_world;

namespace {

struct person {
    std::string name;
    actor who;
};

std::vector<person> everybody(filing_world& w) {
    actor scheduler = w.acting("hemin");
    actor platform = w.acting("admin");
    actor regulator = w.acting("fengjianguo");
    actor far_regulator = regulator;
    far_regulator.region_code = "440300";
    return {{"company", w.company},
            {"other_company", w.other_company},
            {"city", w.city},
            {"city_desk", w.acting("guopeng")},
            {"city_scheduler", scheduler},
            {"city_verifier", w.acting("yejianhua")},
            {"county", w.county},
            {"province", w.province},
            {"elsewhere", w.elsewhere},
            {"regulator", regulator},
            {"far_regulator", far_regulator},
            {"platform", platform},
            {"system", filing_world::system()},
            {"visitor", filing_world::visitor()}};
}

struct verb {
    std::string name;
    std::function<result<>(filing_world&, write_tx&, const actor&, std::int64_t)> walk;
};

const std::vector<verb>& verbs() {
    static const std::vector<verb> known = {
        {"submit",
         [](filing_world& w, write_tx& tx, const actor& who, std::int64_t id) -> result<> {
             const auto all =
                 filing::submit(tx, who, std::vector{id}, {.institution = w.demo.city_institution});
             if (all[0].refused) return *all[0].refused;
             return {};
         }},
        {"withdraw", [](filing_world&, write_tx& tx, const actor& who,
                        std::int64_t id) { return filing::withdraw(tx, who, id); }},
        {"remove", [](filing_world&, write_tx& tx, const actor& who,
                      std::int64_t id) { return filing::remove(tx, who, id); }},
        {"accept", [](filing_world&, write_tx& tx, const actor& who,
                      std::int64_t id) { return filing::accept(tx, who, id); }},
        {"give_back",
         [](filing_world&, write_tx& tx, const actor& who, std::int64_t id) {
             filing::given_reasons why;
             why.note = "铭牌不清";
             return filing::give_back(tx, who, id, why);
         }},
        {"dispatch",
         [](filing_world& w, write_tx& tx, const actor& who, std::int64_t id) {
             return filing::dispatch(tx, who, id, w.demo.county_institution);
         }},
        {"decline", [](filing_world&, write_tx& tx, const actor& who,
                       std::int64_t id) { return filing::decline(tx, who, id, "没有装置"); }},
        {"take_back", [](filing_world&, write_tx& tx, const actor& who,
                         std::int64_t id) { return filing::take_back(tx, who, id, "改由本机构办理"); }},
        {"pass_up",
         [](filing_world& w, write_tx& tx, const actor& who, std::int64_t id) {
             return filing::pass_up(tx, who, id, w.province.institution_id, "没有装置");
         }},
        {"unfile_at_desk", [](filing_world&, write_tx& tx, const actor& who, std::int64_t id) {
             return filing::unfile_at_desk(tx, who, id, "编号不符");
         }}};
    return known;
}

struct situation {
    std::string name, status;
    std::function<std::int64_t(filing_world&)> make;
    std::set<std::string> strangers; // for whom it does not exist
    std::set<std::string> moves;     // "verb actor -> status" that must work
    std::set<std::string> rows;      // verbs with a row for this state
    std::set<std::string> too_late;  // "verb actor": they had it, it went on
};

std::vector<situation> situations() {
    const std::set<std::string> outside = {"other_company", "province", "elsewhere", "far_regulator",
                                           "visitor"};
    std::set<std::string> not_yet = outside;
    not_yet.insert({"city", "city_desk", "city_scheduler", "city_verifier", "county"});
    std::set<std::string> with_city = outside;
    with_city.insert("county");
    std::set<std::string> with_province = with_city;
    with_province.erase("province");
    std::set<std::string> all = not_yet;
    all.insert({"company", "regulator", "platform", "system"});
    return {{"never filed",
             "unfiled",
             [](filing_world& w) { return w.add_instrument(); },
             not_yet,
             {"submit company -> submitted", "remove company -> deleted"},
             {"submit", "remove"},
             {}},
            {"with the city",
             "submitted",
             [](filing_world& w) { return w.submitted(); },
             with_city,
             {"withdraw company -> unfiled", "accept city -> filed", "give_back city -> returned",
              "dispatch city -> dispatched", "pass_up city -> submitted"},
             {"withdraw", "accept", "give_back", "dispatch", "pass_up", "decline", "take_back"},
             {"decline city", "take_back city"}},
            {"with the province",
             "submitted",
             [](filing_world& w) { return w.passed_up(); },
             with_province,
             {"accept province -> filed", "give_back province -> returned", "decline province -> submitted",
              "take_back city -> submitted"},
             {"withdraw", "accept", "give_back", "dispatch", "pass_up", "decline", "take_back"},
             {"withdraw company", "accept city", "give_back city", "dispatch city", "pass_up city",
              "decline city"}},
            {"with the county",
             "dispatched",
             [](filing_world& w) { return w.dispatched(); },
             outside,
             {"accept county -> filed", "decline county -> submitted", "take_back city -> submitted"},
             {"accept", "decline", "take_back"},
             {"accept city", "decline city"}},
            {"filed",
             "filed",
             [](filing_world& w) { return w.filed(); },
             with_city,
             {"unfile_at_desk city_desk -> returned", "unfile_at_desk city_verifier -> returned"},
             {"unfile_at_desk"},
             {}},
            {"returned",
             "returned",
             [](filing_world& w) { return w.returned(); },
             with_city,
             {"submit company -> submitted", "remove company -> deleted"},
             {"submit", "remove"},
             {}},
            {"deleted",
             "deleted",
             [](filing_world& w) {
                 const auto id = w.returned();
                 w.write([&](write_tx& tx) { return filing::remove(tx, w.company, id); }).value();
                 return id;
             },
             all,
             {},
             {},
             {}}};
}

std::string moved(const situation& s, const verb& v, const person& p) {
    for (const auto& m : s.moves)
        if (m.starts_with(v.name + " " + p.name + " -> ")) return m.substr(m.find(" -> ") + 4);
    return {};
}

// What must be refused, and how: foreign first, then the state, then the person.
std::string refusal_of(const situation& s, const verb& v, const person& p) {
    if (s.strangers.contains(p.name)) return "not_found";
    if (!s.rows.contains(v.name)) return "filing.state";
    if (v.name == "pass_up" && p.name == "province") return "filing.upper"; // nobody above
    if (!s.too_late.contains(v.name + " " + p.name)) return "not_allowed";
    return v.name == "withdraw" ? "filing.decided" : "filing.state";
}

} // namespace

TEST_CASE("U5 S1 S16 M25 every state of a filing, every verb, every kind of actor") {
    filing_world w;
    const auto people = everybody(w);
    std::size_t walked = 0, refused = 0;
    for (const auto& s : situations()) {
        std::int64_t id = 0;
        for (const auto& v : verbs())
            for (const auto& p : people) {
                if (id == 0) id = s.make(w);
                REQUIRE(w.status(id) == s.status);
                CAPTURE(s.name);
                CAPTURE(v.name);
                CAPTURE(p.name);
                const auto before = w.count("SELECT count(*) FROM audit");
                const std::string got = w.refusal([&](write_tx& tx) { return v.walk(w, tx, p.who, id); });
                const std::string to = moved(s, v, p);
                const auto rows = w.count("SELECT count(*) FROM audit") - before;
                if (to.empty()) {
                    ++refused;
                    CHECK(got == refusal_of(s, v, p));
                    CHECK(w.status(id) == s.status);
                    CHECK(rows == 0);
                    continue;
                }
                ++walked;
                CHECK(got.empty());
                CHECK(w.status(id) == to);
                CHECK(rows == 1);
                CHECK(w.audited(id).back() == v.name);
                id = 0;
            }
    }
    CHECK(walked == 18);
    CHECK(refused == 7 * 10 * 14 - 18);
    CHECK_FALSE(w.read([](db::read_view& v) { return audit::find_broken(v); }));
}

TEST_CASE("S16 every row of the filing table is told as the table says, and no more") {
    filing_world w;
    struct told {
        std::string kind;
        std::function<void()> walk;
    };
    const auto go = [&](auto verb) { w.write(verb).value(); };
    filing::given_reasons why;
    why.note = "铭牌不清";
    const auto submitted = w.submitted();
    const auto dispatched = w.dispatched();
    const auto passed = w.passed_up();
    const auto back = w.submitted();
    const std::vector<told> all = {
        {"filing_submitted", [&] { w.submitted(); }},
        {"filing_accepted", [&] { go([&](write_tx& tx) { return filing::accept(tx, w.city, submitted); }); }},
        {"filing_returned",
         [&] { go([&](write_tx& tx) { return filing::give_back(tx, w.city, back, why); }); }},
        {"", [&] { go([&](write_tx& tx) { return filing::remove(tx, w.company, back); }); }},
        {"filing_declined",
         [&] { go([&](write_tx& tx) { return filing::decline(tx, w.county, dispatched, "无装置"); }); }},
        {"filing_dispatched",
         [&] {
             go([&](write_tx& tx) {
                 return filing::dispatch(tx, w.city, dispatched, w.demo.county_institution);
             });
         }},
        {"filing_accepted",
         [&] { go([&](write_tx& tx) { return filing::accept(tx, w.county, dispatched); }); }},
        {"", [&] { go([&](write_tx& tx) { return filing::take_back(tx, w.city, passed, "自办"); }); }},
        {"filing_dispatched",
         [&] {
             go([&](write_tx& tx) {
                 return filing::pass_up(tx, w.city, passed, w.province.institution_id, "无装置");
             });
         }},
        {"", [&] {
             go([&](write_tx& tx) {
                 return filing::unfile_at_desk(tx, w.acting("guopeng"), submitted, "编号不符");
             });
         }}};
    for (const auto& t : all) {
        const auto last = w.count("SELECT coalesce(max(id), 0) FROM outbox");
        t.walk();
        const auto news = w.read([&](db::read_view& v) {
            std::string kinds;
            for (const auto r : v.query("SELECT kind FROM outbox WHERE id > $1 ORDER BY id", last))
                kinds += r.text(0);
            return kinds;
        });
        CHECK(news == t.kind);
    }
}

TEST_CASE("N1 a fault at any statement of a filing's verb leaves nothing behind, nor does a refusal") {
    filing_world w;
    const auto a = w.add_instrument();
    const auto b = w.add_instrument();
    const std::vector<std::int64_t> both = {a, b};
    const auto first = [](const std::vector<filing::outcome>& all) -> result<> {
        for (const auto& o : all)
            if (o.refused) return *o.refused;
        return {};
    };
    tests::for_every_fault(w, [&](write_tx& tx) {
        return first(filing::submit(tx, w.company, both, {.institution = w.demo.city_institution}));
    });
    tests::for_every_fault(w, [&](write_tx& tx) {
        return first(filing::dispatch_many(tx, w.city, both, w.demo.county_institution));
    });
    tests::for_every_fault(w, [&](write_tx& tx) { return filing::decline(tx, w.county, a, "无装置"); });
    tests::for_every_fault(w, [&](write_tx& tx) {
        filing::given_reasons why;
        why.codes = {"photo_unclear", "serial_differs"};
        return filing::give_back(tx, w.city, a, why);
    });
    tests::for_every_fault(w, [&](write_tx& tx) { return filing::accept(tx, w.county, b); });
    std::int64_t request = 0;
    tests::for_every_fault(w, [&](write_tx& tx) -> result<> {
        const std::vector<filing::new_value> values = {{"serial_no", "NEW-1"}};
        auto asked = filing::ask_change(tx, w.company, b, values, "");
        if (!asked) return asked.error();
        request = *asked;
        return {};
    });
    tests::for_every_fault(w, [&](write_tx& tx) { return filing::agree_request(tx, w.county, request, 12); });
    CHECK(w.get(b).serial_no == "NEW-1");
    const auto before = tests::content_of(w);
    CHECK(tests::run_committing(w, [&](write_tx& tx) { return filing::accept(tx, w.city, b); }).has_error());
    const auto refused = tests::run_committing(w, [&](write_tx& tx) {
        return first(filing::submit(tx, w.company, std::vector{a, b}, {.institution = 42}));
    });
    CHECK(refused.has_error());
    CHECK(tests::content_of(w) == before);
}
