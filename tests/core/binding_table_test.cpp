// The table of bindings walked whole (W1-W4, domain.md 6.1): whose the WeChat user is × every verb ×
// everybody.
#include "core/account/binding.hpp"
#include "core/account/login.hpp"
#include "core/account/member.hpp"
#include "core/account/staff_wechat.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/journal/audit.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <set>
#include <string>

namespace {

using namespace core;
using namespace core::account;
using db::read_view;
using db::write_tx;
using tests::account_world;

constexpr std::string_view openid = "openid-at-hand";

struct person {
    std::string_view name;
    actor who;
};

std::vector<person> everybody(account_world& w) {
    w.write([&](write_tx& tx) { // of another city
         const auto place = catalogue::find_institution_by_name(tx, "深圳市计量质量检测研究院").value().id;
         const new_login l{
             .username = "abroad", .kind = "staff", .display_name = "外地", .password_hash = "!"};
         return hire_staff(tx, w.acting("admin"), l, place, institution_roles);
     })
        .value();
    actor operator_only = w.acting("huanglihua");
    operator_only.roles = {role::operator_};
    return {{"owner", w.acting("chenzhiming")},
            {"colleague", operator_only},
            {"other company", w.acting("liangminyi")},
            {"reviewer", w.acting("luoxiaoyan")},
            {"desk", w.acting("guopeng")},
            {"far reviewer", w.acting("abroad")},
            {"regulator", w.acting("fengjianguo")},
            {"platform", w.acting("admin")},
            {"system", account_world::system()},
            {"visitor", account_world::visitor()}};
}

const actor& named(const std::vector<person>& all, std::string_view name) {
    for (const auto& p : all)
        if (p.name == name) return p.who;
    throw std::logic_error("nobody of this name");
}

// Of the binding that the verb finds: who bound it last, "" nobody.
const std::vector<std::string_view> holders = {"", "owner", "colleague", "other company", "desk"};

struct verb {
    std::string_view name;
    std::function<result<>(write_tx&, const actor&, std::int64_t)> walk;
};
const std::vector<verb> verbs = {
    {"bind",
     [](write_tx& tx, const actor& who, std::int64_t) -> result<> {
         if (auto made = bind_wechat(tx, who, openid, ""); !made) return made.error();
         return {};
     }},
    {"bind_staff",
     [](write_tx& tx, const actor& who, std::int64_t) -> result<> {
         if (auto made = bind_staff_wechat(tx, who, openid); !made) return made.error();
         return {};
     }},
    {"unbind", [](write_tx& tx, const actor& who, std::int64_t id) { return unbind_wechat(tx, who, id); }},
    {"unbind_staff",
     [](write_tx& tx, const actor& who, std::int64_t id) { return unbind_staff_wechat(tx, who, id); }},
};

const std::set<std::string_view> companies = {"owner", "colleague", "other company"};
const std::set<std::string_view> staff = {"reviewer", "desk", "far reviewer", "regulator", "platform"};

// What must come of it, written again from the words of domain.md: "" it goes through.
std::string expected(std::string_view verb, std::string_view holder, std::string_view who) {
    const bool of_company = companies.contains(holder);
    if (verb == "bind") {
        if (!companies.contains(who)) return "not_allowed";
        return !of_company || holder == who ? "" : "binding.taken"; // staff's is for no company
    }
    if (verb == "bind_staff") {
        if (!staff.contains(who)) return "not_allowed";
        return holder != "desk" || who == "desk" ? "" : "binding.taken";
    }
    if (verb == "unbind_staff") {
        if (!staff.contains(who)) return "not_allowed";
        return holder == "desk" && (who == "desk" || who == "platform") ? "" : "not_found";
    }
    if (!of_company) return "not_found";
    if (who == holder || who == "platform" || who == "system") return "";
    const bool of_foshan = holder != "other company";
    if (who == "owner") return of_foshan ? "" : "not_found";
    // The company that holds it lies in the area of this institution.
    if (who == "reviewer") return "";
    return "not_found";
}

} // namespace

TEST_CASE("U4 W1 W2 W3 W4 the table of bindings: whose it is, every verb, everybody") {
    account_world w;
    const auto people = everybody(w);
    int through = 0;
    for (const auto& holder : holders)
        for (const auto& v : verbs)
            for (const auto& p : people) {
                CAPTURE(holder);
                CAPTURE(v.name);
                CAPTURE(p.name);
                std::int64_t rows = 0, told = 0;
                const auto done = w.write([&](write_tx& tx) -> result<> { // every combination begins alike
                    std::int64_t id = 0;
                    if (companies.contains(holder))
                        id = bind_wechat(tx, named(people, holder), openid, "").value();
                    if (holder == "desk") id = bind_staff_wechat(tx, named(people, holder), openid).value();
                    const auto count = [&](std::string_view table) {
                        return tx.query_number("SELECT count(*) FROM " + std::string(table));
                    };
                    const auto audits = count("audit"), events = count("outbox");
                    const auto r = v.walk(tx, p.who, id);
                    rows = count("audit") - audits;
                    told = count("outbox") - events;
                    return r ? error(errc::unavailable, "undone") : r.error();
                });
                const std::string got = done.error().detail == "undone" ? ""
                                        : done.error().detail.empty()
                                            ? std::string(name_of(done.error().code))
                                            : done.error().detail;
                const std::string wanted = expected(v.name, holder, p.name);
                CHECK(got == wanted);
                const bool repeated = v.name.starts_with("bind") && holder == p.name;
                const bool written = wanted.empty() && !repeated;
                CHECK(rows == (written ? 1 : 0));
                const bool of_another = v.name == "unbind_staff" && p.name != holder;
                CHECK(told == (written && (v.name == "bind" || of_another) ? 1 : 0));
                through += wanted.empty() ? 1 : 0;
            }
    CHECK(through == 45);
}

TEST_CASE("the table of bindings is the one of domain.md: W1 to W4, every row with its verb") {
    std::map<std::string, std::string> rows;
    for (const auto& row : binding_transitions()) {
        rows[std::string(row.id)] = row.verb;
        CHECK((row.from == binding_state::none) == (row.to == binding_state::bound));
        CHECK(row.event == (row.verb == "bind"               ? "wechat_bound"
                            : row.verb == "unbind_colleague" ? "wechat_unbound"
                                                             : ""));
    }
    CHECK(rows == std::map<std::string, std::string>{{"W1", "bind"},
                                                     {"W2", "bind"},
                                                     {"W3", "bind"},
                                                     {"W3s", "bind_staff"},
                                                     {"W4", "unbind"},
                                                     {"W4s", "unbind_staff"},
                                                     {"W4a", "unbind_colleague"}});
}

TEST_CASE("N1 a fault at any statement of binding and unbinding leaves nothing behind") {
    account_world w;
    const actor chen = w.acting("chenzhiming"), desk = w.acting("guopeng");
    std::int64_t id = 0;
    CHECK(tests::for_every_fault(w, [&](write_tx& tx) -> result<> {
              const auto made = bind_wechat(tx, chen, openid, "u");
              if (!made) return made.error();
              id = *made;
              return {};
          }) > 5);
    CHECK(tests::for_every_fault(w, [&](write_tx& tx) { return unbind_wechat(tx, chen, id); }) > 4);
    CHECK(tests::for_every_fault(w, [&](write_tx& tx) -> result<> {
              const auto made = bind_staff_wechat(tx, desk, openid);
              if (!made) return made.error();
              id = *made;
              return {};
          }) > 4);
    CHECK(tests::for_every_fault(w, [&](write_tx& tx) { return unbind_staff_wechat(tx, desk, id); }) > 4);
    id = w.write([&](write_tx& tx) { return bind_staff_wechat(tx, desk, openid); }).value();
    const actor head = w.acting("linxiaomin"); // another's: with the event
    CHECK(tests::for_every_fault(w, [&](write_tx& tx) { return unbind_staff_wechat(tx, head, id); }) > 6);
}
