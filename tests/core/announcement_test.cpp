// core/announcement: who is told what, step by step; the table whole.
#include "core/account/applicant.hpp"
#include "core/account/binding.hpp"
#include "core/announcement/announcement.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace core;
using namespace core::announcement;
using db::read_view;
using db::write_tx;
using status = announcement_status;

struct news_world : tests::order_world {
    std::int64_t save(const draft& d) {
        return write([&](write_tx& tx) { return save_announcement(tx, platform, 0, 0, d); }).value();
    }
    result<> send(std::int64_t id, bool is_service = true) {
        return write([&](write_tx& tx) { return send_announcement(tx, platform, id, is_service); });
    }
    result<> recall(std::int64_t id) {
        return write([&](write_tx& tx) { return recall_announcement(tx, platform, id); });
    }
    bool tell(int most) {
        return write([&](write_tx& tx) -> result<bool> { return tell_some(tx, most); }).value();
    }
    core::announcement::announcement get(std::int64_t id) {
        return read([&](read_view& v) { return get_announcement(v, platform, id); }).value();
    }
    std::int64_t told(std::int64_t id) {
        return count("SELECT count(*) FROM outbox WHERE kind = 'announcement' AND subject_id = " +
                     std::to_string(id));
    }
    std::int64_t waiting(std::int64_t id) {
        return count(
            "SELECT count(*) FROM outbox_pending p JOIN outbox o ON o.id = p.outbox_id WHERE o.kind = "
            "'announcement' AND o.subject_id = " +
            std::to_string(id));
    }
    std::int64_t active() { return count("SELECT count(*) FROM applicant WHERE status = 'active'"); }
};

draft notice() {
    draft d;
    d.title = "春节期间收检安排";
    d.text = "2 月 15 日至 23 日暂停收检。\n\n急检请先电话联系。";
    d.by_wechat = true;
    return d;
}

} // namespace

TEST_CASE("M6 an announcement: written, changed, sent company by company, told once each") {
    news_world w;
    const auto id = w.save(notice());
    auto changed = notice();
    changed.title = "  春节期间　收检安排（更新） ";
    const auto version = w.get(id).version;
    const auto change = [&](std::int64_t v) {
        return w.write([&](write_tx& tx) { return save_announcement(tx, w.platform, id, v, changed); });
    };
    CHECK(change(version).value() == id);
    CHECK(w.get(id).title == "春节期间　收检安排（更新）");
    CHECK(change(version).error().code == errc::stale_state); // somebody else's form
    CHECK(w.send(id, false).error().detail == "announcement.service");
    CHECK(w.told(id) == 0);
    REQUIRE(w.send(id).has_value());
    CHECK(w.get(id).status == status::sending);
    CHECK(change(w.get(id).version).error().code == errc::stale_state);
    CHECK(w.tell(1)); // one company a transaction; the place is kept
    CHECK(w.told(id) == 1);
    w.close();
    w.reopen();
    while (w.tell(1)) {
    }
    CHECK(w.get(id).status == status::sent);
    CHECK(w.get(id).told == w.active());
    CHECK(w.told(id) == w.active());
    CHECK(w.waiting(id) == w.active());
    CHECK_FALSE(w.tell(10));
    CHECK(w.told(id) == w.active());
    const auto events = w.read([](read_view& v) { return outbox::list_pending(v, 1000); });
    const auto one =
        std::find_if(events.begin(), events.end(), [](const auto& e) { return e.kind == "announcement"; });
    REQUIRE(one != events.end());
    CHECK(one->urgency == outbox::urgency::reminder); // a change of status overtakes it
    CHECK(one->expires_at.has_value());
    CHECK(one->facts.text("summary") == "2 月 15 日至 23 日暂停收检。…");
    std::vector<std::string> verbs;
    for (const auto& a : w.read([&](read_view& v) { return audit::list_for(v, "announcement", id); }))
        verbs.push_back(a.verb);
    CHECK(verbs == std::vector<std::string>{"create", "change", "send", "finish"});
}

TEST_CASE("M6 without WeChat an announcement is in the inboxes and nothing is sent") {
    news_world w;
    auto d = notice();
    d.by_wechat = false;
    const auto id = w.save(d);
    REQUIRE(w.send(id, false).has_value());
    w.tell(1000);
    CHECK(w.told(id) == w.active());
    CHECK(w.waiting(id) == 0);
}

TEST_CASE("M6 the audience: a region, an institution's companies, only active ones") {
    news_world w;
    w.filed(w.company); // chenzhiming's company deals with the institution of Foshan
    w.write([&](write_tx& tx) { return account::bind_wechat(tx, w.company, "oChen", ""); }).value();
    const auto size = [&](draft d) {
        return w.read([&](read_view& v) { return count_audience(v, w.platform, d); }).value();
    };
    const auto all = size(notice());
    CHECK(all.companies == w.active());
    CHECK(all.people == 1);
    auto d = notice();
    d.audience = audience::region;
    d.region_code = "440600";
    CHECK(size(d).companies ==
          w.count("SELECT count(*) FROM applicant WHERE status = 'active' AND region_code LIKE '4406%'"));
    d.region_code = "440300";
    CHECK(size(d).companies == 0); // nobody of the demo lies there
    d.region_code = "440000";
    CHECK(size(d).companies == all.companies);
    d.audience = audience::institution;
    d.region_code.clear();
    d.institution_id = w.institution;
    CHECK(
        size(d).companies ==
        w.count("SELECT count(*) FROM applicant WHERE status = 'active' AND (id IN (SELECT applicant_id FROM "
                "instrument WHERE institution_id = " +
                std::to_string(w.institution) +
                ") OR id IN (SELECT applicant_id FROM appointment_order WHERE "
                "institution_id = " +
                std::to_string(w.institution) + "))"));
    CHECK(size(d).companies >= 1);
    const auto id = w.save(d);
    REQUIRE(w.send(id).has_value());
    w.tell(1000);
    CHECK(w.told(id) == size(d).companies);
    w.write([&](write_tx& tx) -> result<> {
         account::record_unfollow(tx, "oElse", tx.now());
         tx.exec("UPDATE follower SET openid = 'oChen' WHERE openid = 'oElse'"); // bound, but gone
         return {};
     }).value();
    CHECK(size(notice()).people == 0);
}

TEST_CASE("M6 what is written is checked, all wrong fields at once") {
    news_world w;
    draft d;
    d.title = std::string(63, 'x');
    d.audience = audience::region;
    d.region_code = "999999";
    const auto wrong =
        w.write([&](write_tx& tx) { return save_announcement(tx, w.platform, 0, 0, d); }).error();
    CHECK(wrong.detail == "announcement.title");
    REQUIRE(wrong.also.size() == 2);
    CHECK(wrong.also[0].detail == "announcement.text");
    CHECK(wrong.also[1].detail == "announcement.region");
    d = notice();
    d.audience = audience::institution;
    d.institution_id = 7;
    CHECK(w.write([&](write_tx& tx) { return save_announcement(tx, w.platform, 0, 0, d); }).error().detail ==
          "announcement.institution");
    CHECK(w.write([&](write_tx& tx) { return save_announcement(tx, w.company, 0, 0, notice()); })
              .error()
              .code == errc::not_allowed);
}

TEST_CASE("M6 taken back: who has not been told is not, what waits does not leave, the page says so") {
    news_world w;
    const auto id = w.save(notice());
    REQUIRE(w.send(id).has_value());
    w.tell(1);
    const auto event = w.count("SELECT max(id) FROM outbox WHERE kind = 'announcement'");
    const auto still = [&](std::int64_t outbox) {
        return w.read([&](read_view& v) { return is_still_true(v, outbox); });
    };
    CHECK(still(event));
    REQUIRE(w.recall(id).has_value());
    CHECK_FALSE(still(event));
    CHECK(still(7)); // no announcement
    CHECK_FALSE(w.tell(1000));
    CHECK(w.told(id) == 1);
    CHECK(w.recall(id).error().code == errc::stale_state);
    const auto seen = w.read([&](read_view& v) { return get_published(v, w.company, id); });
    REQUIRE(seen.has_value());
    CHECK(seen->status == status::recalled);
}

TEST_CASE("M6 S1 a company reads what was sent to it, and nothing else") {
    news_world w;
    auto d = notice();
    d.audience = audience::region;
    d.region_code = "440300";
    const auto elsewhere = w.save(d), here = w.save(notice()), drafted = w.save(notice());
    REQUIRE(w.send(elsewhere).has_value());
    REQUIRE(w.send(here).has_value());
    const auto read = [&](const actor& who, std::int64_t id) {
        return w.read([&](read_view& v) { return get_published(v, who, id); });
    };
    CHECK(read(w.company, here)->text == notice().text);
    for (const auto id : {elsewhere, drafted, std::int64_t{7}})
        CHECK(read(w.company, id).error().code == errc::not_found);
    CHECK(read(w.scheduler, here).error().code == errc::not_found);
    CHECK(paragraphs_of(notice()) ==
          std::vector<std::string_view>{"2 月 15 日至 23 日暂停收检。", "急检请先电话联系。"});
}

TEST_CASE("M6 the trial goes to its writer alone, and needs a bound WeChat") {
    news_world w;
    const auto id = w.save(notice());
    const auto attempt = [&] {
        return w.write([&](write_tx& tx) { return try_announcement(tx, w.platform, id); });
    };
    CHECK(attempt().error().detail == "announcement.not_bound");
    w.write([&](write_tx& tx) { return account::bind_staff_wechat(tx, w.platform, "oAdmin"); }).value();
    REQUIRE(attempt().has_value());
    CHECK(w.count("SELECT count(*) FROM outbox WHERE kind = 'announcement_trial' AND login_id = " +
                  std::to_string(w.platform.login_id)) == 1);
    CHECK(w.told(id) == 0);
}

TEST_CASE("M6 every step of the table from every state: its own way or a refusal that changes nothing") {
    for (const auto from : {status::draft, status::sending, status::sent, status::recalled})
        for (const std::string_view verb : {"change", "send", "recall", "remove"}) {
            news_world w;
            const auto id = w.save(notice());
            if (from != status::draft) REQUIRE(w.send(id).has_value());
            if (from == status::sent) w.tell(1000);
            if (from == status::recalled) REQUIRE(w.recall(id).has_value());
            const auto version = w.get(id).version;
            const auto done = w.write([&](write_tx& tx) -> result<> {
                if (verb == "send") return send_announcement(tx, w.platform, id, true);
                if (verb == "recall") return recall_announcement(tx, w.platform, id);
                if (verb == "remove") return remove_announcement(tx, w.platform, id);
                const auto saved = save_announcement(tx, w.platform, id, version, notice());
                return saved ? result<>() : saved.error();
            });
            const auto* row = find_transition<status>(transitions(), from, verb);
            CAPTURE(code_of(from));
            CAPTURE(verb);
            CHECK(done.has_value() == (row != nullptr));
            if (row == nullptr) {
                CHECK(done.error().detail == "announcement.state");
                CHECK(w.get(id).version == version);
            } else if (row->to == status::removed) {
                CHECK(w.count("SELECT count(*) FROM announcement") == 0);
            } else {
                CHECK(w.get(id).status == row->to);
            }
        }
}

TEST_CASE("M6 a large audience: companies are counted, of an institution up to 5,000; people are estimated") {
    news_world w;
    const std::int64_t before = w.active();
    constexpr int made = 5'200;
    w.write([&](write_tx& tx) -> result<> {
         for (int i = 0; i < made; ++i) {
             const auto id = tx.new_id();
             const auto text = "914400000000" + std::to_string(100'000 + i);
             tx.exec(
                 "INSERT INTO applicant (id, uscc, name, search_name, status, region_code, address, "
                 "contact_name, contact_phone, legal_person, status_at, status_reason, created_at, version) "
                 "SELECT $1, $2, $2, $2, status, region_code, address, contact_name, contact_phone, "
                 "legal_person, status_at, '', created_at, 1 FROM applicant WHERE id = $3",
                 id, text, w.company.applicant_id);
             tx.exec("INSERT INTO institution_client (institution_id, applicant_id) VALUES ($1, $2)",
                     w.institution, id);
             if (i % 2 == 0)
                 tx.exec("INSERT INTO binding (id, openid, login_id, applicant_id, bound_at, union_asked_at) "
                         "VALUES ($1, $2, $3, $4, 0, 0)",
                         tx.new_id(), "o" + text, w.company.login_id, id);
         }
         return {};
     }).value();
    const auto size = [&](const draft& d) {
        return w.read([&](read_view& v) { return count_audience(v, w.platform, d); }).value();
    };
    auto d = notice();
    const auto all = size(d);
    CHECK(all.companies == before + made);
    CHECK_FALSE(all.has_more);
    CHECK(all.is_estimated);
    CHECK(all.people == (before + made) * 1'000 / 2'000); // every second of the newest is bound
    d.audience = audience::institution;
    d.institution_id = w.institution;
    const auto clients = size(d);
    CHECK(clients.companies == 5'000);
    CHECK(clients.has_more);
    CHECK(clients.is_estimated);
    d.audience = audience::region;
    d.institution_id = 0;
    d.region_code = "440600";
    CHECK(size(d).companies ==
          w.count("SELECT count(*) FROM applicant WHERE status = 'active' AND region_code LIKE '4406%'"));
}

TEST_CASE("M6 every audience is told whole and once, whatever the size of a portion; nobody else is") {
    news_world w;
    w.filed(w.company);
    w.filed(w.other_company);
    for (const auto& [audience, region] :
         {std::pair(audience::all, ""), std::pair(audience::region, "440600"),
          std::pair(audience::region, "440606"), std::pair(audience::institution, "")})
        for (const int most : {1, 2, 3, 100}) {
            auto d = notice();
            d.audience = audience;
            d.region_code = region;
            if (audience == audience::institution) d.institution_id = w.institution;
            const auto id = w.save(d);
            REQUIRE(w.send(id).has_value());
            while (w.tell(most)) {
            }
            const auto n = w.read([&](read_view& v) { return count_audience(v, w.platform, d); }).value();
            CHECK(n.companies > 0);
            CHECK(w.told(id) == n.companies);
            CHECK(w.count("SELECT count(DISTINCT applicant_id) FROM outbox WHERE kind = 'announcement' AND "
                          "subject_id = " +
                          std::to_string(id)) == n.companies);
            for (const auto& who : {w.company, w.other_company}) {
                const bool told =
                    w.count("SELECT count(*) FROM outbox WHERE kind = 'announcement' AND subject_id = " +
                            std::to_string(id) + " AND applicant_id = " + std::to_string(who.applicant_id)) ==
                    1;
                CHECK(w.read([&](read_view& v) { return get_published(v, who, id); }).has_value() == told);
            }
        }
}
