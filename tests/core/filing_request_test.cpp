// Asking for a change of what is filed (F12, F14): nothing changes until the institution agrees.
#include "core/filing/queries.hpp"
#include "core/filing/request.hpp"
#include "core/filing/request_store.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"
#include "tests/support/world_filings.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <set>

using namespace core;
using db::read_view;
using db::write_tx;
using tests::filing_world;

namespace {

using values = std::vector<filing::new_value>;

class request_world : public filing_world {
  public:
    std::int64_t ask_cancel(std::int64_t id) {
        return write([&](write_tx& tx) { return filing::ask_cancel(tx, company, id, "scrapped", ""); })
            .value();
    }
    std::int64_t ask_change(std::int64_t id, const values& v) {
        return write([&](write_tx& tx) { return filing::ask_change(tx, company, id, v, ""); }).value();
    }
    std::string refused_change(std::int64_t id, const values& v) {
        return refusal([&](write_tx& tx) { return filing::ask_change(tx, company, id, v, ""); });
    }
    std::string agree(const actor& who, std::int64_t request) {
        return refusal([&](write_tx& tx) { return filing::agree_request(tx, who, request); });
    }
    filing::request get_request(std::int64_t id) {
        return read([&](read_view& v) { return filing::get_request(v, system(), id); }).value();
    }
    outbox::pending last_event() {
        return read([](read_view& v) { return outbox::list_pending(v, 10'000).back(); });
    }
};

} // namespace

TEST_CASE("S1 S16 every state of a request, every verb, every kind of actor") {
    request_world w;
    struct verb {
        std::string name;
        std::function<result<>(write_tx&, const actor&, std::int64_t)> walk;
        std::string who, to; // the only one who may, from open
    };
    const std::vector<verb> verbs = {
        {"agree_request",
         [](write_tx& tx, const actor& who, std::int64_t id) { return filing::agree_request(tx, who, id); },
         "city", "agreed"},
        {"refuse_request",
         [](write_tx& tx, const actor& who, std::int64_t id) {
             return filing::refuse_request(tx, who, id, "请补充证明");
         },
         "city", "refused"},
        {"withdraw_request",
         [](write_tx& tx, const actor& who, std::int64_t id) {
             return filing::withdraw_request(tx, who, id);
         },
         "company", "withdrawn"}};
    actor far_regulator = w.acting("fengjianguo");
    far_regulator.region_code = "440300";
    const std::vector<std::pair<std::string, actor>> people = {{"company", w.company},
                                                               {"other_company", w.other_company},
                                                               {"city", w.city},
                                                               {"city_desk", w.acting("guopeng")},
                                                               {"county", w.county},
                                                               {"province", w.province},
                                                               {"elsewhere", w.elsewhere},
                                                               {"regulator", w.acting("fengjianguo")},
                                                               {"far_regulator", far_regulator},
                                                               {"platform", w.acting("admin")},
                                                               {"system", filing_world::system()},
                                                               {"visitor", filing_world::visitor()}};
    const std::set<std::string> strangers = {"other_company", "county",        "province",
                                             "elsewhere",     "far_regulator", "visitor"};
    const auto in_state = [&](std::string_view state) {
        const auto id = w.filed();
        const auto request = w.ask_cancel(id);
        const auto go = [&](auto verb) { w.write(verb).value(); };
        if (state == "agreed") go([&](write_tx& tx) { return filing::agree_request(tx, w.city, request); });
        if (state == "refused")
            go([&](write_tx& tx) { return filing::refuse_request(tx, w.city, request, "请补充证明"); });
        if (state == "withdrawn")
            go([&](write_tx& tx) { return filing::withdraw_request(tx, w.company, request); });
        if (state == "lapsed")
            go([&](write_tx& tx) { return filing::unfile_at_desk(tx, w.acting("guopeng"), id, "编号不符"); });
        return request;
    };
    int walked = 0;
    for (const std::string state : {"open", "agreed", "refused", "withdrawn", "lapsed"}) {
        std::int64_t request = 0;
        for (const auto& v : verbs)
            for (const auto& [name, who] : people) {
                if (request == 0) request = in_state(state);
                REQUIRE(w.get_request(request).status == state);
                CAPTURE(state);
                CAPTURE(v.name);
                CAPTURE(name);
                const auto got = w.refusal([&](write_tx& tx) { return v.walk(tx, who, request); });
                if (state == "open" && name == v.who) {
                    CHECK(got.empty());
                    CHECK(w.get_request(request).status == v.to);
                    ++walked;
                    request = 0;
                    continue;
                }
                const std::string expected = strangers.contains(name) ? "not_found"
                                             : state != "open"        ? "filing.request_state"
                                                                      : "not_allowed";
                CHECK(got == expected);
                CHECK(w.get_request(request).status == state);
            }
    }
    CHECK(walked == 3);
    CHECK_FALSE(w.read([](read_view& v) { return audit::find_broken(v); }));
}

TEST_CASE("M23 a filing is cancelled when the institution agrees, and not before (F12)") {
    request_world w;
    const auto id = w.filed();
    const auto ask = [&](std::string_view why, std::string_view note) {
        return w.refusal([&](write_tx& tx) { return filing::ask_cancel(tx, w.company, id, why, note); });
    };
    CHECK(ask("", "") == "filing.cancel_reason");
    CHECK(ask("bored", "") == "filing.cancel_reason");
    CHECK(ask("other", " ") == "filing.cancel_reason");
    std::string long_note;
    for (int n = 0; n < 101; ++n)
        long_note += "字";
    CHECK(ask("sold", long_note) == "filing.note");
    CHECK(ask("sold", "已转让").empty());
    CHECK(w.last_event().kind == "filing_request_asked"); // the institution's reviewers hear of it
    CHECK(w.last_event().institution_id == w.demo.city_institution);
    CHECK(w.last_event().facts.text("request") == "注销备案");
    CHECK(w.last_event().facts.text("applicant") == w.get(id).applicant_name);
    CHECK(w.last_event().facts.text("instrument") == w.get(id).name);
    CHECK(w.last_event().facts.text("serial_no") == w.get(id).serial_no);
    CHECK(ask("sold", "") == "filing.asked");
    CHECK(w.status(id) == "filed");
    const auto open = w.read([&](read_view& v) { return filing::find_open_request(v, w.company, id); });
    REQUIRE(open);
    CHECK(open->kind == filing::request_kind::cancel);
    CHECK(w.agree(w.city, open->id).empty());
    CHECK(w.status(id) == "unfiled");
    CHECK(w.get(id).institution_id == 0);
    CHECK(w.last_event().kind == "filing_request_agreed");
    CHECK(w.last_event().facts.text("request") == "注销备案");
    CHECK(w.audited(id) == std::vector<std::string>{"add", "submit", "accept", "ask_cancel", "cancel"});
    // The history stays with the institution, and the instrument may be filed again (domain.md 13.5).
    CHECK(w.read([&](read_view& v) { return instrument::get(v, w.city, id); }).has_value());
    CHECK_FALSE(w.submit(w.company, {id}, {.institution = w.demo.city_institution})[0].refused);
    const auto others = w.filed();
    CHECK(w.refusal([&](write_tx& tx) {
        return filing::ask_cancel(tx, w.other_company, others, "sold", "");
    }) == "not_found");
    CHECK(w.refusal([&](write_tx& tx) { return filing::ask_cancel(tx, w.city, others, "sold", ""); }) ==
          "not_allowed");
    const auto unfiled = w.add_instrument();
    CHECK(w.refusal([&](write_tx& tx) { return filing::ask_cancel(tx, w.company, unfiled, "sold", ""); }) ==
          "filing.state");
}

TEST_CASE("M23 key fields of a filed instrument change when the institution agrees (F14)") {
    request_world w;
    const auto id = w.filed();
    CHECK(w.refused_change(id, {}) == "filing.unchanged");
    CHECK(w.refused_change(id, {{"model", "Y-100"}}) == "filing.unchanged");
    CHECK(w.refused_change(id, {{"remark", "x"}}) == "filing.field"); // edited without asking
    CHECK(w.refused_change(id, {{"certificate_no", "x"}}) == "filing.field");
    CHECK(w.refused_change(id, {{"instrument_code", "x"}}) == "filing.field");
    CHECK(w.refused_change(id, {{"filing_status", "unfiled"}}) == "filing.field");
    CHECK(w.refused_change(id, {{"password", "x"}}) == "filing.field");
    CHECK(w.refused_change(id, {{"model", ""}}) == "field.required");
    CHECK(w.refused_change(id, {{"method", "fly"}}) == "field.choice");
    CHECK(w.refused_change(id, {{"region_code", "440305"}}) == "filing.other_city");
    const auto twin = w.filed();
    CHECK(w.refused_change(id, {{"serial_no", w.get(twin).serial_no}}) == "filing.same_serial");
    CHECK(w.refused_change(id, {{"catalogue_id", std::to_string(w.catalogue_row("非自动衡器"))}}) ==
          "filing.type_evaluation");
    CHECK(w.refused_change(id, {{"serial_no", "无"}}) ==
          "own_no.required"); // 8.3: it has no own number either
    const auto request =
        w.ask_change(id, {{"serial_no", "NEW-77"}, {"method", "onsite"}, {"model", "Y-100"}});
    CHECK(w.last_event().kind == "filing_request_asked");
    CHECK(w.last_event().facts.text("request") == "变更备案信息");
    CHECK(w.get(id).serial_no != "NEW-77");
    const auto asked = w.get_request(request);
    REQUIRE(asked.changes.size() == 2); // what stays the same is not asked for
    CHECK(asked.changes[0].field == "serial_no");
    CHECK(asked.changes[0].after == "NEW-77");
    CHECK(w.agree(w.city, request).empty());
    CHECK(w.get(id).serial_no == "NEW-77");
    CHECK(w.get(id).method == "onsite");
    CHECK(w.status(id) == "filed");
    CHECK(w.get(id).institution_id == w.demo.city_institution);
    CHECK(w.last_event().facts.text("request") == "变更备案信息");
    const auto row = w.read([&](read_view& v) { return audit::list_for(v, "instrument", id); }).back();
    CHECK(row.verb == "change");
    CHECK(row.after.text("serial_no") == "NEW-77");
    CHECK(row.before.text("method") == "deliver");
    // The number is compared by its new key from now on.
    const auto again = w.add_instrument(w.company, {{"serial_no", "new-77"}});
    CHECK(w.submit(w.company, {again}, {.institution = w.demo.city_institution})[0].refused->detail ==
          "filing.same_serial");
}

TEST_CASE(
    "M23 a change is checked again when agreed; a new row brings its period; a refusal changes nothing") {
    request_world w;
    const auto id = w.filed();
    const auto late = w.ask_change(id, {{"serial_no", "TAKEN-1"}});
    w.filed({{"serial_no", "TAKEN-1"}}); // somebody filed it meanwhile
    CHECK(w.agree(w.city, late) == "filing.same_serial");
    CHECK(w.get_request(late).status == "open");
    CHECK(w.refusal([&](write_tx& tx) { return filing::refuse_request(tx, w.city, late, ""); }) ==
          "filing.reason");
    CHECK(w.refusal([&](write_tx& tx) {
               return filing::refuse_request(tx, w.city, late, "编号重复");
           }).empty());
    CHECK(w.last_event().kind == "filing_request_refused");
    CHECK(w.last_event().facts.text("reason") == "编号重复");
    CHECK(w.get_request(late).answer == "编号重复");
    const auto other = w.catalogue_row("电流互感器、电压互感器");
    const auto request = w.ask_change(id, {{"catalogue_id", std::to_string(other)}, {"purpose", "trade"}});
    CHECK(w.refusal([&](write_tx& tx) { return filing::agree_request(tx, w.city, request, 241); }) ==
          "filing.period");
    CHECK(w.agree(w.city, request).empty());
    CHECK(w.get(id).catalogue_id == other);
    const auto usual = w.read([&](read_view& v) { return catalogue::find_entry(v, other); });
    CHECK(w.get(id).period_months == usual->period_months);
    const auto given = w.ask_change(id, {{"model", "Y-101"}});
    CHECK(w.refusal([&](write_tx& tx) { return filing::agree_request(tx, w.city, given, 24); }).empty());
    CHECK(w.get(id).period_months == 24);
}

TEST_CASE("M22 F14 what makes an instrument look not mandatory is changed knowingly or not at all") {
    request_world w;
    const auto id = w.filed();
    const auto ask = [&](const values& v, bool knowingly) {
        return w.refusal([&](write_tx& tx) -> result<> {
            if (auto made = filing::ask_change(tx, w.company, id, v, "", knowingly); !made)
                return made.error();
            return {};
        });
    };
    CHECK(ask({{"purpose", "medical"}}, false) ==
          "filing.not_mandatory"); // a pressure gauge: for safety only
    CHECK(ask({{"purpose", "medical"}}, true).empty());
    const auto other = w.filed();
    CHECK(
        w.refusal([&](write_tx& tx) -> result<> { // the company is not asked about what does not decide it
             if (auto made = filing::ask_change(tx, w.company, other, values{{"model", "Y-300"}}, ""); !made)
                 return made.error();
             return {};
         })
            .empty());
}

TEST_CASE("S9 F14 a period set with a change has an audit row of its own") {
    request_world w;
    const auto id = w.filed();
    const auto request = w.ask_change(id, {{"model", "Y-300"}});
    CHECK(w.write([&](write_tx& tx) { return filing::agree_request(tx, w.city, request, 36); }).has_value());
    CHECK(w.get(id).period_months == 36);
    CHECK(w.count("SELECT count(*) FROM audit WHERE verb = 'set_period' AND before LIKE '%:6%' AND after "
                  "LIKE '%:36%'") == 1);
}

TEST_CASE("M35 a request lapses when the desk returns the instrument") {
    request_world w;
    const auto id = w.filed();
    const auto request = w.ask_cancel(id);
    w.write([&](write_tx& tx) {
         return filing::unfile_at_desk(tx, w.acting("guopeng"), id, "编号不符");
     }).value();
    CHECK(w.get_request(request).status == "lapsed");
    CHECK(w.audited(id).back() == "lapse_request");
    CHECK(w.status(id) == "returned");
}

TEST_CASE("M25 open requests are in the institution's list by deadline, all in the company's, newest first") {
    request_world w;
    std::vector<std::int64_t> asked;
    for (int n = 0; n < 3; ++n)
        asked.push_back(w.ask_cancel(w.filed()));
    w.write([&](write_tx& tx) { return filing::withdraw_request(tx, w.company, asked[1]); }).value();
    const auto list = [&](const actor& who, filing::request_key after = {}) {
        std::vector<std::int64_t> ids;
        for (const auto& r : w.read([&](read_view& v) { return filing::list_requests(v, who, after, 2); }))
            ids.push_back(r.id);
        return ids;
    };
    using ids = std::vector<std::int64_t>;
    CHECK(list(w.city) == ids{asked[0], asked[2]});
    CHECK(list(w.city, filing::key_of(w.get_request(asked[0]))) == ids{asked[2]});
    CHECK(list(w.company) == ids{asked[2], asked[1]});
    CHECK(list(w.company, filing::key_of(w.get_request(asked[1]))) == ids{asked[0]});
    for (const actor& who : {w.other_company, w.county, w.elsewhere, w.acting("fengjianguo"),
                             w.acting("admin"), filing_world::system(), filing_world::visitor()})
        CHECK(list(who).empty());
    CHECK(w.read([&](read_view& v) { return filing::count_work(v, w.city); }).requests == 2);
    CHECK_FALSE(w.read([&](read_view& v) {
        return filing::find_open_request(v, w.other_company, w.get_request(asked[0]).instrument_id);
    }));
}

TEST_CASE("M23 nothing is asked or agreed of an instrument that is in an open order") {
    tests::order_world w;
    const auto busy = w.filed(w.company);
    const auto ended = w.filed(w.company), altered = w.filed(w.company);
    w.book(w.company, {busy, ended, altered}, w.wednesday);
    CHECK(w.refusal([&](write_tx& tx) -> result<> {
        if (auto asked = filing::ask_cancel(tx, w.company, busy, "sold", ""); !asked) return asked.error();
        return {};
    }) == "filing.booked");
    // Neither can be asked of the other's: put there as by a mistake, it is not agreed to.
    for (const auto kind : {filing::request_kind::cancel, filing::request_kind::change}) {
        const bool cancels = kind == filing::request_kind::cancel;
        CHECK(w.refusal([&](write_tx& tx) -> result<> {
            filing::request r;
            r.id = tx.new_id();
            r.instrument_id = cancels ? ended : altered;
            r.applicant_id = w.company.applicant_id;
            r.institution_id = w.institution;
            r.kind = kind;
            r.why = cancels ? "sold" : "";
            if (!cancels) r.changes = {{"model", "Y-100", "Y-200"}};
            r.asked_at = r.due_at = tx.now();
            filing::store::insert_request(tx, r, w.company.login_id);
            return filing::agree_request(tx, w.reviewer, r.id);
        }) == "filing.booked");
    }
    CHECK(w.broken_invariant().empty());
}
