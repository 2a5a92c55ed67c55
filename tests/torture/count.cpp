#include "tests/torture/count.hpp"

#include "core/base/value.hpp"
#include "core/db/backup.hpp"
#include "core/db/database.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"
#include "tests/torture/changes.hpp"
#include "tests/torture/setting.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <set>
#include <utility>

namespace torture {
namespace {

using core::db::read_view;

struct sent { // one delivery
    std::int64_t id = 0, event = 0, login = 0, msgid = 0;
    std::string channel, address, kind, client_msg_id, status, why;
    bool may_repeat = false;
    int executed = 0, failed = 0; // by the other side; failed: it says so later
};

// "qj123" or "qj123-2", the id of the second sending
std::int64_t delivery_of(std::string_view client_msg_id) {
    std::int64_t id = 0;
    if (client_msg_id.starts_with("qj"))
        std::from_chars(client_msg_id.data() + 2, client_msg_id.data() + client_msg_id.size(), id);
    return id;
}
bool is_first_sending(std::string_view client_msg_id) {
    return client_msg_id.find('-') == std::string_view::npos;
}

class audit_of_one_run {
  public:
    audit_of_one_run(tally& t, read_view& view, const baseline& before, sums& all)
        : tally_(&t), view_(&view), before_(before), sums_(&all) {
        for (const auto r :
             view.query("SELECT id, outbox_id, coalesce(login_id, 0), coalesce(msgid, 0), channel, "
                        "address, kind, client_msg_id, status, errmsg || coalesce(errcode, ''), "
                        "may_repeat FROM delivery WHERE outbox_id > $1",
                        before.event)) {
            sent d;
            d.id = r.number(0);
            d.event = r.number(1);
            d.login = r.number(2);
            d.msgid = r.number(3);
            d.channel = r.text(4);
            d.address = r.text(5);
            d.kind = r.text(6);
            d.client_msg_id = r.text(7);
            d.status = r.text(8);
            d.why = r.text(9);
            d.may_repeat = r.flag(10);
            by_event_[{d.event, d.login}].push_back(d.id);
            if (d.channel == "subscription" && d.msgid != 0) by_msgid_[d.msgid] = d.id;
            all_[d.id] = std::move(d);
        }
    }

    // Every change has its event, every event its change, and none that was answered as done is lost.
    void compare_changes(const std::filesystem::path& acknowledged) {
        std::map<std::pair<std::string, std::int64_t>, int> answered;
        std::ifstream in(acknowledged);
        std::string verb;
        for (std::int64_t company = 0; in >> verb >> company;)
            ++answered[{verb, company}];
        for (const auto& t : told_verbs)
            for (const auto company : list_companies(*view_)) {
                const auto there = view_->query_number(
                    "SELECT count(*) FROM audit WHERE id > $1 AND verb = $2 AND subject_kind = $3 AND "
                    "applicant_id = $4",
                    before_.audit, t.verb, t.subject_kind, company);
                const auto told = view_->query_number(
                    "SELECT count(*) FROM outbox WHERE id > $1 AND kind = $2 AND applicant_id = $3",
                    before_.event, t.event, company);
                const auto name = std::string(t.verb) + " of " + std::to_string(company);
                const int done = answered[{std::string(t.verb), company}];
                tally_->expect(there >= done, "lost although answered as done: " + name);
                tally_->expect(there == told, std::to_string(there) + " changes, " + std::to_string(told) +
                                                  " events: " + name);
                sums_->changes += static_cast<int>(there);
                sums_->by_verb[std::string(t.verb)] += static_cast<int>(there);
            }
    }

    void read_wechat(const core::value& list) {
        std::map<std::string, std::int64_t> last;
        std::set<std::string> seen;
        for (const auto& m : *list.as_list()) {
            const bool subscription = m.text("kind") == "subscription";
            ++sums_->by_channel[subscription ? "subscription" : "template"];
            const std::string id = m.text("client_msg_id");
            const auto msgid = std::stoll(m.text("msgid"));
            const auto known = subscription ? by_msgid_.find(msgid) : by_msgid_.end();
            const auto number = !subscription              ? delivery_of(id)
                                : known == by_msgid_.end() ? 0
                                                           : known->second;
            if (number == 0) {
                ++unanswered_[{m.text("openid"), m.text("template_id")}];
                continue;
            }
            if (!subscription) {
                const std::string key = m.text("openid") + "/" + id;
                tally_->expect(seen.insert(key).second, "executed twice: " + key);
            }
            take(number, m.text("receipt") != "success", last, m.text("openid") + m.text("kind"), id);
        }
    }

    void read_gateway(const std::vector<std::string>& ids) {
        std::map<std::string, std::int64_t> last;
        for (const auto& id : ids) {
            ++sums_->by_channel["webhook"];
            const auto at = all_.find(delivery_of(id));
            take(delivery_of(id), false, last, at == all_.end() ? "" : at->second.address, id);
        }
    }

    // Of what a channel without ids executed and never answered, each belongs to a message that is marked, or
    // that was given up.
    void compare_unanswered() {
        for (const auto& [key, n] : unanswered_) {
            int doubtful = 0;
            for (const auto& [id, d] : all_) {
                if (d.channel != "subscription" || d.address != key.first ||
                    subscription_of(d.kind) != key.second)
                    continue;
                if (d.may_repeat || d.status == "dead") ++doubtful;
            }
            tally_->expect(n <= doubtful, "executed without being marked: " + key.first + " " + key.second);
            sums_->marked_doubles += n;
        }
    }

    void compare_people() {
        for (const auto r :
             view_->query("SELECT id, kind, applicant_id, institution_id, coalesce(login_id, 0) FROM "
                          "outbox WHERE id > $1",
                          before_.event)) {
            ++sums_->events;
            const auto event = r.number(0);
            const auto* kind = core::outbox::find_kind(r.text(1));
            std::set<std::int64_t> people;
            if (kind->to_company) add_company(people, r.number(2));
            const bool of_company = !people.empty();
            if (!kind->to_staff.empty()) add_staff(people, r.number(3), kind->to_staff);
            if (const auto only = r.number(4); only != 0) people = {only};
            tally_->expect(!people.empty(), "an event for nobody: " + r.text(1));
            for (const auto p : people)
                compare_person(event, r.text(1), p, of_company);
        }
    }

  private:
    void take(std::int64_t number, bool failed, std::map<std::string, std::int64_t>& last,
              const std::string& whose, const std::string& id) {
        const auto at = all_.find(number);
        if (at == all_.end()) { // of before the first change
            tally_->expect(number < before_.event, "executed, but not ours: " + id);
            return;
        }
        ++(failed ? at->second.failed : at->second.executed);
        // Parked, repeated, or refused after a doubtful try that may still have been under way: it had lost
        // its place.
        if (!is_first_sending(id) || at->second.may_repeat) return;
        tally_->expect(number > last[whose], "out of order: " + id + " to " + whose);
        last[whose] = number;
    }

    void add_company(std::set<std::int64_t>& people, std::int64_t company) {
        for (const auto r :
             view_->query("SELECT login_id FROM applicant_member WHERE applicant_id = $1", company))
            people.insert(r.number(0));
    }
    void add_staff(std::set<std::int64_t>& people, std::int64_t institution, core::role_set roles) {
        for (const auto r :
             view_->query("SELECT login_id FROM staff_member WHERE coalesce(institution_id, 0) = $1 "
                          "AND (roles & $2) <> 0",
                          institution, static_cast<std::int64_t>(roles.bits())))
            people.insert(r.number(0));
    }

    void compare_person(std::int64_t event, const std::string& kind, std::int64_t person, bool of_company) {
        int told = 0, failed = 0;
        bool marked = false, believed = false, dead = false;
        std::string life;
        for (const auto id : by_event_[{event, person}]) {
            const auto& d = all_.at(id);
            told += d.executed;
            failed += d.failed;
            marked = marked || d.may_repeat;
            dead = dead || d.status == "dead";
            believed = believed || (d.failed > 0 && d.status == "accepted");
            life += " " + d.channel + ":" + d.status + "(" + d.why + ")";
            tally_->expect(d.executed > 0 || d.failed > 0 || !d.why.empty() || d.channel == "subscription",
                           "ended without being executed and without a reason:" + life);
            tally_->expect(d.status != "queued" && d.status != "sending" && d.status != "uncertain",
                           "still open:" + life);
        }
        const std::string whom = kind + " to " + std::to_string(person) + ":" + life;
        if (told == 1) {
            ++sums_->told;
            return;
        }
        if (told > 1) {
            tally_->expect(told == 2 && marked, std::to_string(told) + " times and not marked: " + whom);
            ++sums_->told;
            ++sums_->marked_doubles;
            return;
        }
        if (believed) {
            ++sums_->silent_failures;
            return;
        }
        const bool to_phone =
            view_->query_number("SELECT count(*) FROM unreached WHERE outbox_id = $1 AND login_id = $2",
                                event, person) != 0;
        tally_->expect(!life.empty(), "lost: " + whom);
        tally_->expect(to_phone || !of_company || dead || marked,
                       "told by nobody, and not on the list: " + whom);
        ++sums_->refused_for_good;
    }

    tally* tally_;
    read_view* view_;
    baseline before_;
    sums* sums_;
    std::map<std::int64_t, sent> all_;
    std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::int64_t>> by_event_; // event, person
    std::map<std::int64_t, std::int64_t> by_msgid_;
    std::map<std::pair<std::string, std::string>, int> unanswered_; // openid, template
};

} // namespace

void tally::expect(bool good, const std::string& what) {
    if (good) return;
    if (++wrong_ <= 20) std::printf("WRONG: %s\n", what.c_str());
}

baseline tally::now(const wechat::config& c) const {
    const core::machine_clock time;
    core::db::database db(options_of(c), time);
    return db.read([](read_view& v) {
        return baseline{v.query_number("SELECT coalesce(max(id), 0) FROM outbox"),
                        v.query_number("SELECT coalesce(max(id), 0) FROM audit")};
    });
}

sums tally::count(const wechat::config& c, const baseline& before, const executed& there,
                  const std::filesystem::path& acknowledged) {
    core::db::check_integrity(c.database_file());
    const core::machine_clock time;
    core::db::database db(options_of(c), time);
    expect(!db.read([](read_view& v) { return core::audit::find_broken(v); }), "the audit chain is broken");
    sums all;
    db.read([&](read_view& v) {
        audit_of_one_run one(*this, v, before, all);
        one.compare_changes(acknowledged);
        one.read_wechat(*there.wechat);
        one.read_gateway(there.gateway);
        one.compare_unanswered();
        one.compare_people();
        return 0;
    });
    return all;
}

} // namespace torture
