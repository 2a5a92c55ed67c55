// Every status of an order × every verb × every kind of actor, against the rows of domain.md 6.3; and a fault
// at every statement of every verb.
#include "core/appointment/appointment.hpp"
#include "core/base/json.hpp"
#include "core/journal/outbox.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

using namespace core;
using appointment::order_status;
using db::read_view;
using db::write_tx;
using tests::order_world;
using s = order_status;

namespace {

// What domain.md 6.3 says, written again: who may (names of the cast below), where it leads, what is told.
struct rule {
    s from;
    std::string_view verb;
    std::string_view actor; // one name
    s to;
    std::string_view event;
};
constexpr std::array<rule, 31> rules = {{
    {s::pending, "confirm", "scheduler", s::confirmed, "order_confirmed"}, // A2
    {s::pending, "reject", "scheduler", s::rejected, "order_rejected"},    // A3
    {s::confirmed, "receive", "desk", s::received, "order_received"},      // A6
    {s::confirmed, "return", "desk", s::order_returned, "order_returned"}, // A7
    {s::received, "record", "verifier", s::received, ""},
    {s::completed, "record", "verifier", s::completed, "order_corrected"},
    {s::pending, "cancel", "company", s::cancelled, "order_cancelled"}, // A9
    {s::pending, "cancel", "colleague", s::cancelled, "order_cancelled"},
    {s::confirmed, "cancel", "company", s::cancelled, "order_cancelled"},
    {s::confirmed, "cancel", "colleague", s::cancelled, "order_cancelled"},
    {s::confirmed, "cancel", "scheduler", s::cancelled, "order_cancelled"}, // A10
    {s::pending, "expire", "system", s::expired, "order_expired"},          // A11
    {s::confirmed, "expire", "system", s::expired, "order_expired"},        // A12
    {s::confirmed, "expire", "desk", s::expired, "order_expired"},
    {s::pending, "move", "company", s::pending, "order_moved"}, // A13
    {s::pending, "move", "colleague", s::pending, "order_moved"},
    {s::pending, "move", "scheduler", s::pending, "order_moved"},
    {s::confirmed, "move", "company", s::pending, "order_moved"},
    {s::confirmed, "move", "colleague", s::pending, "order_moved"},
    {s::confirmed, "move", "scheduler", s::confirmed, "order_moved"},
    {s::received, "unreceive", "desk", s::confirmed, "order_unreceived"}, // A14
}};

using verb = std::function<result<>(write_tx&, const actor&, std::int64_t)>;

struct stage {
    order_world w;
    std::vector<std::pair<std::string_view, actor>> cast; // who belongs here
    std::vector<std::pair<std::string_view, actor>> foreign;
    std::vector<std::pair<std::string_view, verb>> verbs;

    stage() {
        w.widen();
        cast = {{"company", w.company},    {"colleague", w.colleague}, {"scheduler", w.scheduler},
                {"desk", w.desk},          {"verifier", w.verifier},   {"reviewer", w.reviewer},
                {"admin", w.admin},        {"platform", w.platform},   {"system", order_world::system()},
                {"regulator", w.regulator}};
        foreign = {{"other company", w.other_company}, {"visitor", order_world::visitor()}};
        for (const auto r : {role::scheduler, role::front_desk, role::verifier, role::institution_admin,
                             role::filing_reviewer})
            foreign.emplace_back("staff of another institution", w.abroad(r));
        verbs = {
            {"confirm", [](write_tx& tx, const actor& a,
                           std::int64_t id) { return appointment::confirm_order(tx, a, id); }},
            {"reject", [](write_tx& tx, const actor& a,
                          std::int64_t id) { return appointment::reject_order(tx, a, id, "已约满"); }},
            {"cancel", [](write_tx& tx, const actor& a,
                          std::int64_t id) { return appointment::cancel_order(tx, a, id, "台风"); }},
            {"move",
             [this](write_tx& tx, const actor& a, std::int64_t id) {
                 return appointment::move_order(tx, a, id, {.day = add_days(w.wednesday, 1), .starts = 600});
             }},
            {"receive", [](write_tx& tx, const actor& a,
                           std::int64_t id) { return appointment::receive_order(tx, a, id); }},
            {"return", [](write_tx& tx, const actor& a,
                          std::int64_t id) { return appointment::return_order(tx, a, id, "编号不符"); }},
            {"unreceive", [](write_tx& tx, const actor& a,
                             std::int64_t id) { return appointment::unreceive_order(tx, a, id, "点错了"); }},
            {"record",
             [this](write_tx& tx, const actor& a, std::int64_t id) {
                 appointment::line_result r;
                 r.line_id = lines.front();
                 r.result = "failed";
                 r.certificate_no = "TZ-" + std::to_string(id);
                 r.verified_on = tx.today();
                 r.failed_items = "示值误差";
                 r.verifier = "叶建华";
                 return appointment::record_results(tx, a, id, std::array{r});
             }},
            {"complete", [](write_tx& tx, const actor& a,
                            std::int64_t id) { return appointment::complete_order(tx, a, id); }},
            {"expire", [](write_tx& tx, const actor& a,
                          std::int64_t id) { return appointment::expire_order(tx, a, id); }},
        };
    }

    std::vector<std::int64_t> lines; // of the order at hand
    instant start = w.time.now();

    std::int64_t order_in(s status, std::string_view method = "deliver") {
        w.time.set(start);
        const auto id = w.in_state(status, 2, method);
        lines.clear();
        for (const auto& l : w.order(id).lines)
            lines.push_back(l.id);
        return id;
    }
    // An order only expires when its time has passed.
    void set_clock_for(std::string_view verb_name) {
        w.time.set(verb_name == "expire" ? local_instant(add_days(w.wednesday, 1), 0) : start);
    }
};

struct traces { // what a change leaves
    std::int64_t version, audits, events, taken;
    bool operator==(const traces&) const = default;
};
traces traces_of(order_world& w, std::int64_t id) {
    const auto n = std::to_string(id);
    return {w.count("SELECT version FROM appointment_order WHERE id = " + n),
            w.count("SELECT count(*) FROM audit"), w.count("SELECT count(*) FROM outbox"),
            w.count("SELECT coalesce(sum(instruments), 0) FROM slot_usage")};
}

std::string last(order_world& w, const std::string& what) {
    return w.read(
        [&](read_view& v) { return v.query_one([](db::row r) { return r.text(0); }, what).value_or(""); });
}

void check_traces(order_world& w, std::int64_t id, const rule& r, const traces& before) {
    const auto o = w.order(id);
    CHECK(o.status == r.to);
    const auto after = traces_of(w, id);
    CHECK(after.version == before.version + 1);
    CHECK(last(w, "SELECT verb FROM audit WHERE subject_kind = 'order' ORDER BY id DESC LIMIT 1") == r.verb);
    const auto said =
        parse_json(last(w, "SELECT after FROM audit WHERE subject_kind = 'order' ORDER BY id DESC LIMIT 1"));
    CHECK(said.value().text("status") == appointment::code_of(r.to));
    CHECK(after.events == before.events + (r.event.empty() ? 0 : 1));
    if (!r.event.empty()) {
        CHECK(last(w, "SELECT kind FROM outbox ORDER BY id DESC LIMIT 1") == r.event);
        const auto facts = parse_json(last(w, "SELECT facts FROM outbox ORDER BY id DESC LIMIT 1")).value();
        CHECK(facts.text("number") == o.number);
        CHECK(facts.text("status") == appointment::order_tag(r.to).text);
        CHECK(facts.text("institution") == o.institution_name);
        CHECK(facts.text("date") == to_text(o.day));
        CHECK(facts.text("from") == to_minute_text(o.starts));
        CHECK(facts.text("reason") == o.reason);
        CHECK_FALSE(facts.text("next_step").empty());
    }
    const bool holds = r.to != s::rejected && r.to != s::cancelled && r.to != s::expired;
    CHECK(after.taken == before.taken - (holds ? 0 : 2));
    CHECK(w.broken_invariant() == "");
}

} // namespace

TEST_CASE("U5 S16 the table of orders: every status, every verb, everybody of the order's company and "
          "institution") {
    stage st;
    int allowed = 0;
    for (const s status : appointment::order_states)
        for (const auto& [verb_name, act] : st.verbs) {
            auto id = st.order_in(status);
            st.set_clock_for(verb_name);
            const bool known = std::any_of(rules.begin(), rules.end(), [&](const rule& r) {
                return r.from == status && r.verb == verb_name;
            });
            for (const auto& [name, who] : st.cast) {
                CAPTURE(appointment::code_of(status));
                CAPTURE(verb_name);
                CAPTURE(name);
                const auto* row = std::find_if(rules.begin(), rules.end(), [&](const rule& r) {
                    return r.from == status && r.verb == verb_name && r.actor == name;
                });
                const auto before = traces_of(st.w, id);
                const auto may = appointment::may(who, st.w.order(id), verb_name);
                const auto done = tests::run_committing(st.w, [&](write_tx& tx) { return act(tx, who, id); });
                if (row != rules.end()) {
                    ++allowed;
                    CHECK(may);
                    REQUIRE_MESSAGE(done.has_value(), done.error().detail);
                    check_traces(st.w, id, *row, before);
                    id = st.order_in(status);
                    st.set_clock_for(verb_name);
                    continue;
                }
                // complete is refused by its guard, lines without results; its own test shows the rest.
                const bool guard = verb_name == "complete" && status == s::received && name == "verifier";
                CHECK(may == guard);
                REQUIRE(done.has_error());
                CHECK(name_of(done.error().code) ==
                      name_of(guard ? errc::invalid
                              : known || (verb_name == "complete" && status == s::received)
                                  ? errc::not_allowed
                                  : errc::stale_state));
                CHECK(traces_of(st.w, id) == before);
            }
        }
    CHECK(allowed == 21);
}

TEST_CASE("S1 for everybody else an order does not exist, whatever its status and the verb") {
    stage st;
    for (const s status : appointment::order_states) {
        const auto id = st.order_in(status);
        const auto before = tests::content_of(st.w);
        for (const auto& [verb_name, act] : st.verbs)
            for (const auto& [name, who] : st.foreign) {
                CAPTURE(appointment::code_of(status));
                CAPTURE(verb_name);
                CAPTURE(name);
                const auto refused =
                    tests::run_committing(st.w, [&](write_tx& tx) { return act(tx, who, id); });
                REQUIRE(refused.has_error());
                CHECK(refused.error().code == errc::not_found);
                CHECK_FALSE(appointment::may(who, st.w.order(id), verb_name));
            }
        CHECK(tests::content_of(st.w) == before);
    }
}

TEST_CASE("A6, A7 on site the field team receives and returns too") {
    stage st;
    const auto returned = st.order_in(s::confirmed, "onsite");
    st.w.do_now([&](write_tx& tx) {
        return appointment::receive_order(
            tx, st.w.verifier, returned,
            {.problems = {{st.lines[0], "", "plate"}, {st.lines[1], "实物为另一台", "serial_no"}}});
    });
    CHECK(st.w.order(returned).status == s::order_returned);
    CHECK(st.w.order(returned).reason == "铭牌缺失或无法辨认；出厂编号与备案不符：实物为另一台");
    for (const auto& who : {st.w.desk, st.w.verifier}) {
        const auto id = st.order_in(s::confirmed, "onsite");
        st.w.do_now([&](write_tx& tx) { return appointment::receive_order(tx, who, id); });
        CHECK(st.w.order(id).status == s::received);
    }
    const auto id = st.order_in(s::confirmed, "onsite");
    CHECK(st.w.refusal([&](write_tx& tx) { return appointment::receive_order(tx, st.w.scheduler, id); }) ==
          "not_allowed");
}

TEST_CASE("the table of core is the one of domain.md: no row more, none less") {
    std::vector<std::string> ids;
    for (const auto& row : appointment::transitions()) {
        ids.emplace_back(row.id);
        if (row.from == s::none) continue;
        const bool known = std::any_of(rules.begin(), rules.end(), [&](const rule& r) {
            return r.from == row.from && r.verb == row.verb && r.to == row.to && r.event == row.event;
        });
        const bool completion = row.id == "A8" && row.from == s::received && row.to == s::completed;
        CHECK_MESSAGE((known || completion), row.id);
    }
    for (const auto* id : {"A1", "A2", "A3", "A6", "A7", "A8", "A9", "A10", "A11", "A12", "A13", "A14"})
        CHECK_MESSAGE(std::find(ids.begin(), ids.end(), id) != ids.end(), id);
}

TEST_CASE("N1 a fault at any statement of any verb changes nothing and tells nobody") {
    stage st;
    const std::map<std::string_view, std::pair<s, actor>> from = {
        {"confirm", {s::pending, st.w.scheduler}},        {"reject", {s::pending, st.w.scheduler}},
        {"cancel", {s::confirmed, st.w.company}},         {"move", {s::confirmed, st.w.company}},
        {"receive", {s::confirmed, st.w.desk}},           {"return", {s::confirmed, st.w.desk}},
        {"unreceive", {s::received, st.w.desk}},          {"record", {s::received, st.w.verifier}},
        {"expire", {s::confirmed, order_world::system()}}};
    for (const auto& [name, act] : st.verbs) {
        if (name == "complete") continue;
        CAPTURE(name);
        const auto& [status, who] = from.at(name);
        const auto id = st.order_in(status);
        st.set_clock_for(name);
        const int statements = tests::for_every_fault(
            st.w, [&, &who = who, &act = act](write_tx& tx) { return act(tx, who, id); });
        CHECK(statements > 8);
        CHECK(st.w.broken_invariant() == "");
    }
    st.w.time.set(st.start);
    const auto wish = st.w.wish(st.w.filed(st.w.company, 2), st.w.wednesday, 600);
    CHECK(tests::for_every_fault(st.w, [&](write_tx& tx) -> result<> {
              const auto made = appointment::book_order(tx, st.w.company, wish);
              if (!made) return made.error();
              return {};
          }) > 12);
    const auto id = st.order_in(s::received);
    st.w.do_now([&, given = st.w.passing(st.w.order(id))](write_tx& tx) {
        return appointment::record_results(tx, st.w.verifier, id, given);
    });
    CHECK(tests::for_every_fault(
              st.w, [&](write_tx& tx) { return appointment::complete_order(tx, st.w.verifier, id); }) > 8);
}
