// core/account: the people of companies and institutions, invitations, roles, sessions, resets, preferences.
#include "core/account/binding.hpp"
#include "core/account/invitation.hpp"
#include "core/account/member.hpp"
#include "core/account/reset.hpp"
#include "core/base/ids.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

namespace {

using namespace core;
using namespace core::account;
using db::read_view;
using db::write_tx;
using tests::account_world;
using namespace std::chrono_literals;

template<class T>
std::string told(const result<T>& r) {
    return r ? std::string("fine") : std::string(name_of(r.error().code)) + " " + r.error().detail;
}

accepted_password password(std::string_view text = "correct horse") {
    return accept_password({password_policy::asvs, "someone", {}}, text, test_cost).value();
}

new_invitation invite(account_world& w, const actor& who, role_set roles = {role::operator_}) {
    return w.write([&](write_tx& tx) { return invite_member(tx, who, roles, "新来的同事"); }).value();
}

} // namespace

TEST_CASE("people of a company: owners change roles and remove them, the last owner stays") {
    account_world w;
    const auto company = w.demo.applicants[0];
    const actor owner = w.acting("chenzhiming"), worker = w.acting("huanglihua"),
                stranger = w.acting("liangminyi"), admin = w.acting("admin");
    const auto remove = [&](const actor& who, std::int64_t person) {
        return told(w.write([&](write_tx& tx) { return remove_member(tx, who, company, person); }));
    };
    const auto change = [&](const actor& who, std::int64_t person, role_set roles) {
        return told(w.write([&](write_tx& tx) { return change_roles(tx, who, company, person, roles); }));
    };
    const auto add = [&](const actor& who, std::int64_t person, role_set roles) {
        return told(w.write([&](write_tx& tx) { return add_member(tx, who, person, company, roles); }));
    };
    CHECK(add(owner, stranger.login_id, {role::operator_}) == "not_allowed "); // owners invite
    CHECK(add(worker, stranger.login_id, {role::operator_}) == "not_allowed ");
    CHECK(add(admin, stranger.login_id, {role::platform_admin}) == "invalid member.roles");
    CHECK(add(admin, w.person("guopeng"), {role::operator_}) == "not_found "); // staff
    CHECK(change(worker, worker.login_id, {role::owner}) == "not_allowed ");
    CHECK(change(stranger, worker.login_id, {role::owner}) == "not_found ");
    CHECK(change(w.acting("linxiaomin"), worker.login_id, {role::owner}) == "not_found ");
    CHECK(change(owner, stranger.login_id, {role::owner}) == "not_found ");
    CHECK(change(owner, owner.login_id, {role::operator_}) == "conflict member.last_owner");
    CHECK(change(owner, owner.login_id, {role::owner}) == "fine");
    CHECK(change(owner, worker.login_id, {}) == "invalid member.roles");
    CHECK(change(owner, worker.login_id, {role::verifier}) == "invalid member.roles");
    CHECK(change(owner, worker.login_id, {role::owner, role::operator_}) == "fine");
    CHECK(change(owner, owner.login_id, {role::operator_}) == "fine"); // another owner is there
    CHECK(change(w.acting("huanglihua"), owner.login_id, {role::owner}) == "fine");
    CHECK(change(owner, worker.login_id, {role::operator_}) == "fine");
    CHECK(remove(stranger, worker.login_id) == "not_found ");
    CHECK(remove(worker, owner.login_id) == "not_allowed ");
    CHECK(remove(owner, owner.login_id) == "conflict member.last_owner");
    CHECK(remove(owner, stranger.login_id) == "not_found ");
    const auto token = w.sign_in("huanglihua");
    w.write([&](write_tx& tx) { return bind_wechat(tx, worker, "openid-huang", ""); }).value();
    CHECK(remove(owner, worker.login_id) == "fine");
    CHECK(w.read([&](read_view& v) { return list_members(v, owner, company).size(); }) == 1);
    CHECK(w.read([&](read_view& v) { return list_members(v, stranger, company).empty(); }));
    CHECK(w.read([&](read_view& v) { return list_by_applicant(v, company).empty(); }));
    CHECK_FALSE(w.read([&](read_view& v) { return find_session(v, sha256_hex(token)); }));
}

TEST_CASE("invitations: one person, seven days, only what the owner gave") {
    account_world w;
    const auto company = w.demo.applicants[0];
    const actor owner = w.acting("chenzhiming"), worker = w.acting("huanglihua"),
                other = w.acting("liangminyi");
    const auto made = invite(w, owner);
    CHECK(made.code.size() == 32);
    CHECK(w.read([&](read_view& v) {
        return v.query_number(R"sql(SELECT count(*) FROM invitation WHERE code_hash = $1)sql", made.code);
    }) == 0); // only its hash is kept
    const auto offer = w.read([&](read_view& v) { return find_invitation(v, made.code); }).value();
    CHECK(offer.applicant_name == "佛山示例制造有限公司");
    CHECK(offer.note == "新来的同事");
    const auto refused = [&](const actor& who, role_set roles, std::string_view note = "") {
        return told(w.write([&](write_tx& tx) { return invite_member(tx, who, roles, note); }));
    };
    CHECK(refused(worker, {role::operator_}) == "not_allowed ");
    CHECK(refused(w.acting("admin"), {role::operator_}) == "not_allowed ");
    CHECK(refused(account_world::visitor(), {role::operator_}) == "not_allowed ");
    CHECK(refused(owner, {role::front_desk}) == "invalid member.roles");
    CHECK(refused(owner, {}) == "invalid member.roles");
    CHECK(refused(owner, {role::owner}, std::string(51, 'x')) == "invalid invitation.note");
    CHECK(w.read([&](read_view& v) { return list_invitations(v, owner).size(); }) == 1);
    CHECK(w.read([&](read_view& v) { return list_invitations(v, worker).empty(); }));
    CHECK(w.read([&](read_view& v) { return list_invitations(v, other).empty(); }));

    const auto accept = [&](const actor& who, std::string_view code) {
        return told(w.write([&](write_tx& tx) { return accept_invitation(tx, who, code); }));
    };
    CHECK(accept(worker, made.code) == "conflict invitation.member");
    CHECK(accept(w.acting("guopeng"), made.code) == "not_allowed ");
    CHECK(accept(account_world::visitor(), made.code) == "not_allowed ");
    CHECK(accept(other, "0123") == "invalid invitation.over");
    CHECK(accept(other, made.code) == "fine");
    CHECK(accept(w.acting("wuhai"), made.code) == "invalid invitation.over"); // one person
    CHECK(w.acting("liangminyi", company).roles.has(role::operator_)); // one person in several companies
    CHECK_FALSE(w.acting("liangminyi", company).roles.has(role::owner));

    const auto second = invite(w, owner, {role::owner});
    const auto join = [&](std::string_view code, std::string name) {
        return told(w.write([&](write_tx& tx) {
            return join_by_invitation(tx, account_world::visitor(), code, {name, "新来的", "13900002222"},
                                      password());
        }));
    };
    CHECK(join(second.code, "chenzhiming") == "conflict login.taken");
    CHECK(join(second.code, "newcomer") == "fine");
    CHECK(w.acting("newcomer", company).roles.has(role::owner));
    CHECK(join(second.code, "newcomer2") == "invalid invitation.over");

    const auto third = invite(w, owner);
    const auto revoke = [&](const actor& who, std::int64_t id) {
        return told(w.write([&](write_tx& tx) { return revoke_invitation(tx, who, id); }));
    };
    CHECK(revoke(other, third.id) == "not_found ");
    CHECK(revoke(worker, third.id) == "not_found ");
    CHECK(revoke(owner, third.id) == "fine");
    CHECK(revoke(owner, third.id) == "not_found ");
    CHECK(accept(w.acting("wuhai"), third.code) == "invalid invitation.over");

    const auto fourth = invite(w, owner);
    w.time.advance(24h * 7 - 1ms);
    CHECK(w.read([&](read_view& v) { return find_invitation(v, fourth.code).has_value(); }));
    w.time.advance(1ms);
    CHECK(accept(w.acting("wuhai"), fourth.code) == "invalid invitation.over");
    for (int n = 0; n < most_open_invitations; ++n)
        invite(w, owner);
    CHECK(refused(owner, {role::operator_}) == "too_many invitation.too_many");
}

TEST_CASE("S2 hiring: an institution's administrator makes its own people, with a temporary password") {
    account_world w;
    const auto city = w.demo.city_institution, county = w.demo.county_institution;
    const actor head = w.acting("linxiaomin"), admin = w.acting("admin");
    const auto hire = [&](const actor& who, std::string name, std::int64_t where, role_set roles,
                          std::string_view region = {}) {
        return told(w.write([&](write_tx& tx) {
            return hire_staff(tx, who,
                              {.username = name, .kind = "", .display_name = "新人", .password_hash = "!"},
                              where, roles, region);
        }));
    };
    CHECK(hire(head, "neighbour", county, {role::front_desk}) == "not_allowed ");
    CHECK(hire(head, "root", 0, {role::platform_admin}) == "not_allowed ");
    CHECK(hire(w.acting("guopeng"), "friend", city, {role::front_desk}) == "not_allowed ");
    CHECK(hire(w.acting("chenzhiming"), "friend", city, {role::front_desk}) == "not_allowed ");
    CHECK(hire(w.acting("fengjianguo"), "friend", city, {role::front_desk}) == "not_allowed ");
    CHECK(hire(head, "guopeng", city, {role::front_desk}) == "conflict login.taken");
    CHECK(hire(head, "newdesk", city, {role::platform_admin}) == "invalid staff.roles");
    CHECK(hire(head, "newdesk", city, {role::front_desk}) == "fine");
    CHECK(w.read([&](read_view& v) { return find_login(v, "newdesk")->must_change; }));
    CHECK(hire(admin, "supervisor", 0, {role::regulator, role::platform_admin}, "440600") ==
          "invalid staff.roles"); // who supervises changes nothing
    CHECK(hire(admin, "supervisor", 0, {role::regulator}, "440600") == "fine");
    CHECK(w.acting("supervisor").reads_region("440605"));
    CHECK_FALSE(w.acting("supervisor").reads_region("440305"));
    // A login that exists is never taken over: not another's staff, not a company's person, not one of
    // nobody.
    const auto take = [&](std::string_view name) {
        return told(w.write([&](write_tx& tx) {
            return add_staff(tx, head, find_login(tx, name)->id, city, {role::front_desk});
        }));
    };
    CHECK(take("oujianwen") == "not_found ");
    CHECK(take("chenzhiming") == "not_found ");
    CHECK(take("supervisor") == "not_found ");
    CHECK(take("newdesk") == "fine");
    CHECK(w.read([&](read_view& v) { return list_staff(v, head, city).size(); }) == 6);
    CHECK(w.read([&](read_view& v) { return list_staff(v, head, county).empty(); }));
    CHECK(w.read([&](read_view& v) { return list_staff(v, w.acting("chenzhiming"), city).empty(); }));
    const auto set = [&](const actor& who, std::string_view name) {
        return told(w.write(
            [&](write_tx& tx) { return set_password(tx, who, find_login(tx, name)->id, "!", true); }));
    };
    CHECK(set(head, "newdesk") == "fine");
    CHECK(set(head, "linxiaomin") ==
          "not_allowed login.oneself"); // by change_password, which asks the present one
    CHECK(set(head, "oujianwen") == "not_found ");
    CHECK(set(w.acting("chenzhiming"), "huanglihua") == "fine");
    CHECK(set(w.acting("huanglihua"), "chenzhiming") == "not_found ");
}

TEST_CASE("region prefixes: province, city, county, town") {
    CHECK(region_prefix("440000") == "44");
    CHECK(region_prefix("440600") == "4406");
    CHECK(region_prefix("440606") == "440606");
    CHECK(region_prefix("441900") == "4419");
    CHECK(region_prefix("441900100") == "441900100");
    actor none;
    none.kind = actor_kind::staff;
    none.roles = {role::regulator};
    CHECK_FALSE(none.reads_region("440606")); // without a region: nothing
}

TEST_CASE("S5 sessions are listed and ended by their owner, and by nobody else") {
    account_world w;
    const auto one = w.sign_in("chenzhiming"), two = w.sign_in("chenzhiming"),
               third = w.sign_in("chenzhiming");
    const auto foreign = w.sign_in("liangminyi");
    const actor who = w.acting("chenzhiming"), other = w.acting("liangminyi");
    const auto count = [&](const actor& a) {
        return w.read([&](read_view& v) { return list_sessions(v, a, who.login_id).size(); });
    };
    CHECK(count(who) == 3);
    CHECK(count(other) == 0);
    CHECK(count(w.acting("huanglihua")) == 0);
    CHECK(count(w.acting("admin")) == 3);
    const auto end = [&](const actor& a, std::string_view token) {
        return told(w.write([&](write_tx& tx) { return end_other_session(tx, a, sha256_hex(token)); }));
    };
    CHECK(end(other, one) == "not_found ");
    CHECK(end(who, foreign) == "not_found ");
    CHECK(end(who, one) == "fine");
    CHECK(count(who) == 2);
    CHECK(w.write([&](write_tx& tx) -> result<int> {
               return end_other_sessions(tx, who, sha256_hex(two));
           }).value() == 1);
    const auto alive = [&](std::string_view token) {
        return w.read([&](read_view& v) { return find_session(v, sha256_hex(token)).has_value(); });
    };
    CHECK(alive(two));
    CHECK_FALSE(alive(third));
    CHECK(alive(foreign));
    w.time.advance(1s);
    w.write([&](write_tx& tx) { return change_password(tx, who, password("brand new one")); }).value();
    CHECK_FALSE(alive(two)); // also the one that asked
}

TEST_CASE("S4 a password is reset by the person's bound WeChat: one code, once, ten minutes") {
    account_world w;
    const actor who = w.acting("chenzhiming"), visitor = account_world::visitor();
    w.write([&](write_tx& tx) { return bind_wechat(tx, who, "openid-chen", ""); }).value();
    const auto begin = [&](std::string_view openid) {
        return w.write([&](write_tx& tx) { return begin_reset(tx, visitor, openid); });
    };
    const auto finish = [&](std::string_view code, std::string_view text = "brand new one") {
        return told(w.write([&](write_tx& tx) { return reset_password(tx, visitor, code, password(text)); }));
    };
    CHECK(told(begin("openid-nobody")) == "not_found reset.unbound");
    CHECK(told(begin("")) == "not_found reset.unbound");
    const auto first = begin("openid-chen").value(), second = begin("openid-chen").value();
    CHECK(finish(first) == "invalid reset.over"); // the later one counts
    CHECK(finish("") == "invalid reset.over");
    const auto token = w.sign_in("chenzhiming");
    w.time.advance(9min);
    CHECK(w.read([&](read_view& v) { return find_reset(v, second)->username; }) == "chenzhiming");
    CHECK(finish(second) == "fine");
    CHECK(finish(second) == "invalid reset.over");
    CHECK_FALSE(w.read([&](read_view& v) { return find_session(v, sha256_hex(token)); }));
    CHECK(is_password(w.read([](read_view& v) { return find_login(v, "chenzhiming")->password_hash; }),
                      "brand new one"));
    const auto late = begin("openid-chen").value();
    w.time.advance(10min);
    CHECK(finish(late) == "invalid reset.over");
    const auto disabled = begin("openid-chen").value();
    w.write([&](write_tx& tx) {
         return disable_login(tx, account_world::system(), who.login_id, "");
     }).value();
    CHECK(finish(disabled) == "invalid reset.over");
    CHECK(told(begin("openid-chen")) == "not_found reset.unbound");
    w.write([&](write_tx& tx) { return enable_login(tx, account_world::system(), who.login_id); }).value();
    CHECK(told(begin("openid-chen")) == "fine");
    CHECK(told(begin("openid-chen")) == "too_many reset.too_many"); // five a day
}

TEST_CASE("W4 a binding is undone by the person, an owner, staff of the area, the platform, the system") {
    account_world w;
    const auto company = w.demo.applicants[0];
    const actor worker = w.acting("huanglihua");
    for (const auto& [who, may] :
         {std::pair("huanglihua", true), std::pair("chenzhiming", true), std::pair("luoxiaoyan", true),
          std::pair("linxiaomin", true), std::pair("oujianwen", true), std::pair("admin", true),
          std::pair("guopeng", false), std::pair("fengjianguo", false), std::pair("liangminyi", false),
          std::pair("hejiaxin", false)}) {
        CAPTURE(who);
        const actor a = w.acting(who);
        const auto done = w.write([&](write_tx& tx) -> result<> {
            const auto id = bind_wechat(tx, worker, "openid-huang", "").value();
            CHECK(list_bindings(tx, a, company).size() == (may ? 1 : 0));
            const auto r = unbind_wechat(tx, a, id);
            CHECK(is_open(tx, id) == !may);
            return r ? error(errc::unavailable) : r.error(); // every case begins alike
        });
        CHECK(done.error().code == (may ? errc::unavailable : errc::not_found));
    }
}

TEST_CASE("each person switches notifications off for one company") {
    account_world w;
    const actor first = w.acting("zhouwei", w.demo.applicants[2]);
    const auto muted = [&](std::int64_t company) {
        return w.read([&](read_view& v) { return is_muted(v, first.login_id, company); });
    };
    CHECK_FALSE(muted(w.demo.applicants[2]));
    w.write([&](write_tx& tx) { return mute_notifications(tx, first, true); }).value();
    CHECK(muted(w.demo.applicants[2]));
    CHECK_FALSE(muted(w.demo.applicants[3]));
    w.write([&](write_tx& tx) { return mute_notifications(tx, first, false); }).value();
    CHECK_FALSE(muted(w.demo.applicants[2]));
    CHECK(told(w.write([&](write_tx& tx) { return mute_notifications(tx, w.acting("guopeng"), true); })) ==
          "not_found ");
}
